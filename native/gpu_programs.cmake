# Programs that test and time kernels on a GPU, over the objects of the addon; a part of CMakeLists.txt.
#
# They lie beside the addon, and run where neither Node.js nor a compiler is.

# What the tests of kernels are made of; search_times takes its searches from here.
read_sources(kleio_kernel_test_sources test_sources)
list(FILTER test_sources EXCLUDE REGEX "/software_|/search_kernels\\.cc$")
add_library(kleio_kernel_tests STATIC
  ${test_sources}
  native/cuda/software/software_mma.cc
  native/cuda/software/software_warpgroups.cc
  native/cuda/software/software_wgmma.cc
  native/kernel_tests/gpu_memory.cc
  native/kernel_tests/gpu_runner.cu
  native/kernel_tests/gpu_test_device.cc)
compile_as_part(kleio_kernel_tests)

add_library(kleio_replay_timer STATIC bench/native/replay_timer.cu)
compile_as_part(kleio_replay_timer)

function(add_gpu_program name)
  add_executable(${name} ${ARGN})
  compile_as_part(${name})
  target_include_directories(${name} PRIVATE bench/native)
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_LIBRARY_OUTPUT_DIRECTORY})
  add_dependencies(${name} kleio_kernel_tests kleio_replay_timer)
  link_archives(${name} $<TARGET_FILE:kleio_kernel_tests> $<TARGET_FILE:kleio_replay_timer>)
endfunction()

add_gpu_program(gpu_kernel_tests native/kernel_tests/search_kernels.cc)
add_gpu_program(search_times
  bench/native/search_times.cc
  bench/native/search_shape.cc
  bench/native/drawn_search.cu)
add_gpu_program(tensor_core_rates
  bench/native/tensor_core_rates.cc
  bench/native/rates/atomic_rates.cu
  bench/native/rates/device_bytes.cu
  bench/native/rates/launch_costs.cu
  bench/native/rates/memory_rates.cu
  bench/native/rates/mma_rates.cu
  bench/native/rates/probe.cc
  bench/native/rates/wgmma_rates.cu)
