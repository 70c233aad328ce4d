# libFuzzer targets: tests/fuzz/<name>_fuzz.cpp -> build/fuzz/bin/<name>_fuzz, under the address and undefined-behaviour sanitizers.
# The first lines of each file say what it needs, as comments:
#   // rooms: base config          whole rooms (torch-free ones: base config hub tokenizer templates)
#   // sources: src/io/x.cpp ...   single torch-free files of other rooms
#   // libs: PkgConfig::SIMDJSON   libraries those files need
include(collect)
set(LF_FUZZ_ROOMS base config hub tokenizer templates)
set(LF_SANITIZE -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g1 -O1)

add_library(lf_fuzz_flags INTERFACE)
target_include_directories(lf_fuzz_flags INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(lf_fuzz_flags INTERFACE -fsanitize=fuzzer-no-link ${LF_SANITIZE})
target_compile_definitions(lf_fuzz_flags INTERFACE LF_VERSION="${LF_VERSION}" _GLIBCXX_ASSERTIONS)
target_link_options(lf_fuzz_flags INTERFACE -fuse-ld=lld)

foreach(room IN LISTS LF_FUZZ_ROOMS)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${room}/*.cpp")
  if(sources)
    add_library(lf_fuzz_${room} STATIC EXCLUDE_FROM_ALL ${sources} ${LF_COLLECTED_${room}})
    target_link_libraries(lf_fuzz_${room} PUBLIC lf_fuzz_flags ${LF_LIBS_base} ${LF_LIBS_${room}})
  endif()
endforeach()

# Words after `// <key>:` in the first ten lines of a file.
function(lf_fuzz_needs file key out)
  file(STRINGS "${file}" lines LIMIT_COUNT 10 REGEX "^// ${key}:")
  set(words "")
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^// ${key}: *" "" line "${line}")
    separate_arguments(line)
    list(APPEND words ${line})
  endforeach()
  set(${out} ${words} PARENT_SCOPE)
endfunction()

file(GLOB targets CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/fuzz/*_fuzz.cpp")
foreach(target IN LISTS targets)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${target}")
  get_filename_component(stem "${target}" NAME_WE)
  lf_fuzz_needs("${target}" rooms rooms)
  lf_fuzz_needs("${target}" sources sources)
  lf_fuzz_needs("${target}" libs libs)
  list(TRANSFORM sources PREPEND "${CMAKE_SOURCE_DIR}/")
  add_executable(${stem} "${target}" ${sources})
  target_link_options(${stem} PRIVATE -fsanitize=fuzzer,address,undefined)
  list(REVERSE rooms)  # upper rooms first: the linker reads static libraries once
  list(TRANSFORM rooms PREPEND lf_fuzz_)
  target_link_libraries(${stem} PRIVATE ${rooms} lf_fuzz_flags ${LF_LIBS_base} ${libs})
endforeach()
