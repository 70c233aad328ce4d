# libtorch from the PyPI wheel, as imported targets of our own: no CUDA toolkit is needed to configure against a CUDA wheel.
# LF_TORCH_DIR: the wheel's `torch` folder; found in the project's virtual environment when not given.
if(NOT LF_TORCH_DIR)
  file(GLOB candidates "${CMAKE_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch")
  if(candidates)
    list(GET candidates 0 LF_TORCH_DIR)
  endif()
endif()
if(NOT EXISTS "${LF_TORCH_DIR}/include/ATen/ATen.h")
  message(FATAL_ERROR "libtorch not found (LF_TORCH_DIR='${LF_TORCH_DIR}'); run `make setup`, or give -DLF_TORCH_DIR=<site-packages>/torch")
endif()
set(LF_TORCH_LIB "${LF_TORCH_DIR}/lib")

# The wheel carries headers of another fmt without its code; the system's fmt must be found first.
get_target_property(fmt_include fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
list(GET fmt_include 0 fmt_include)
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/generated/only_fmt")
file(CREATE_LINK "${fmt_include}/fmt" "${CMAKE_BINARY_DIR}/generated/only_fmt/fmt" SYMBOLIC)

add_library(lf_torch INTERFACE)
target_include_directories(lf_torch SYSTEM INTERFACE "${CMAKE_BINARY_DIR}/generated/only_fmt" "${LF_TORCH_DIR}/include" "${LF_TORCH_DIR}/include/torch/csrc/api/include")
target_link_directories(lf_torch INTERFACE "${LF_TORCH_LIB}")
target_link_libraries(lf_torch INTERFACE torch_cpu c10)

# at::parallel_for needs OpenMP pragmas; link the wheel's own libgomp so that one thread pool serves us and libtorch.
target_compile_options(lf_torch INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fopenmp>)
file(GLOB gomp "${LF_TORCH_LIB}/libgomp*.so*" "${LF_TORCH_DIR}/../torch.libs/libgomp*.so*")
if(gomp)
  list(GET gomp 0 gomp)
  target_link_libraries(lf_torch INTERFACE "${gomp}")
else()
  target_link_libraries(lf_torch INTERFACE gomp)
endif()

file(GLOB has_cuda "${LF_TORCH_LIB}/libtorch_cuda.so")
if(has_cuda)
  target_compile_definitions(lf_torch INTERFACE LF_TORCH_CUDA=1)
  target_link_libraries(lf_torch INTERFACE -Wl,--no-as-needed torch_cuda c10_cuda torch -Wl,--as-needed)
else()
  target_compile_definitions(lf_torch INTERFACE LF_TORCH_CUDA=0)
  target_link_libraries(lf_torch INTERFACE torch)
endif()
