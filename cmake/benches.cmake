# bench/<room>/<stem>_bench.cpp -> one google-benchmark binary a file.
file(GLOB benches CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/bench/*/*_bench.cpp")
foreach(bench IN LISTS benches)
  get_filename_component(stem "${bench}" NAME_WE)
  get_filename_component(folder "${bench}" DIRECTORY)
  get_filename_component(room "${folder}" NAME)
  add_executable(${stem} EXCLUDE_FROM_ALL "${bench}")
  target_link_libraries(${stem} PRIVATE lf_${room} benchmark::benchmark_main)
endforeach()
