# Fault injection (tests/fault/shim.c): once inside a test binary, once as a library to preload into the program; and small
# programs that tests in Python drive (tests/<folder>/<stem>_probe.cpp).
add_library(lf_fault_shim SHARED "${CMAKE_SOURCE_DIR}/tests/fault/shim.c")
set_target_properties(lf_fault_shim PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
add_library(lf_fault_object OBJECT "${CMAKE_SOURCE_DIR}/tests/fault/shim.c")

file(GLOB fault_tests CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/fault/*_test.cpp")
add_executable(fault_test ${fault_tests} $<TARGET_OBJECTS:lf_fault_object>)
target_include_directories(fault_test PRIVATE "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(fault_test PRIVATE lf_checkpoint lf_testing GTest::gmock_main)
lf_use_pch(fault_test TRUE)
add_test(NAME fault COMMAND fault_test WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
set_tests_properties(fault PROPERTIES LABELS unit ENVIRONMENT "${LF_TEST_ENVIRONMENT};OMP_NUM_THREADS=1")

file(GLOB probes CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/*/*_probe.cpp")
foreach(probe IN LISTS probes)
  get_filename_component(stem "${probe}" NAME_WE)
  add_executable(${stem} "${probe}")
  target_link_libraries(${stem} PRIVATE lf_checkpoint lf_adapters lf_templates)
  lf_use_pch(${stem} TRUE)
endforeach()
