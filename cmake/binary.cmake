# The program: llamafactory-cli, with the alias lmf beside it.
add_executable(llamafactory-cli "${CMAKE_SOURCE_DIR}/src/cli/main.cpp")
target_link_libraries(llamafactory-cli PRIVATE lf_cli)
target_link_options(llamafactory-cli PRIVATE -Wl,--export-dynamic-symbol=mkl_serv_intel_cpu_true)  # see kernels/cpu/mixed_gemm.cpp
add_custom_command(TARGET llamafactory-cli POST_BUILD
  COMMAND ${CMAKE_COMMAND} -E create_symlink llamafactory-cli "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/lmf")
install(TARGETS llamafactory-cli)
