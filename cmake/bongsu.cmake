# SPDX-License-Identifier: Apache-2.0
# One function a folder: bongsu_module(<name> DEPS other modules... LIBS third party...)
#   src/<folder>/*.cpp            -> library bongsu_<name>
#   src/<folder>/*_test.cpp       -> test program bongsu_<name>_test, each case known to ctest
#   src/<folder>/*_fuzz.cpp       -> fuzz target <name>_<file>, with -DBONGSU_FUZZ=ON
#   src/<folder>/*_bench.cpp      -> bench program bongsu_<name>_bench

# bongsu_connector(DEPS more modules... LIBS third party...) is the same for a folder under src/sense/connectors:
#   library bongsu_<folder>_connector, tests <folder>.*; src/sense/CMakeLists.txt puts it into the registry.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
add_library(bongsu_options INTERFACE)
target_include_directories(bongsu_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(bongsu_options INTERFACE -Wall -Wextra -Wconversion -Wno-sign-conversion -Werror -fno-omit-frame-pointer)
target_link_libraries(bongsu_options INTERFACE Threads::Threads)
if(BONGSU_SANITIZE)
  target_compile_options(bongsu_options INTERFACE -fsanitize=${BONGSU_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(bongsu_options INTERFACE -fsanitize=${BONGSU_SANITIZE})
else()
  # Memory is asked for on one shard and given back on another; glibc's arenas pay for that (docs/adr/0005-allocator.md).
  find_library(JEMALLOC jemalloc REQUIRED)
  target_link_libraries(bongsu_options INTERFACE ${JEMALLOC})
endif()
# Asio and Beast are compiled once, in runtime/asio_impl.cpp.
target_compile_definitions(bongsu_options INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)

find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

function(bongsu_module name)
  cmake_parse_arguments(ARG "" "TEST_PREFIX" "DEPS;LIBS;DATA" ${ARGN})
  if(NOT ARG_TEST_PREFIX)
    set(ARG_TEST_PREFIX ${name})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  file(GLOB fuzzers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_fuzz.cpp)
  file(GLOB benches CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_bench.cpp)
  if(tests OR fuzzers OR benches)
    list(REMOVE_ITEM sources ${tests} ${fuzzers} ${benches})
  endif()
  list(TRANSFORM ARG_DEPS PREPEND bongsu_)

  if(sources)
    add_library(bongsu_${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(bongsu_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(bongsu_${name} ${scope} bongsu_options ${ARG_DEPS} ${ARG_LIBS})

  if(tests)
    add_executable(bongsu_${name}_test ${tests})
    target_link_libraries(bongsu_${name}_test PRIVATE bongsu_${name} GTest::gtest GTest::gtest_main)
    gtest_discover_tests(bongsu_${name}_test TEST_PREFIX ${ARG_TEST_PREFIX}. WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
      PROPERTIES TIMEOUT 120 DISCOVERY_TIMEOUT 60)
  endif()
  if(BONGSU_FUZZ)
    if(NOT TARGET fuzzers)
      add_custom_target(fuzzers)
    endif()
    foreach(fuzzer ${fuzzers})
      get_filename_component(file ${fuzzer} NAME_WE)
      add_executable(${name}_${file} ${fuzzer})
      target_link_libraries(${name}_${file} PRIVATE bongsu_${name})
      target_link_options(${name}_${file} PRIVATE -fsanitize=fuzzer)
      add_dependencies(fuzzers ${name}_${file})
    endforeach()
  endif()
  if(benches)
    find_package(benchmark REQUIRED)
    add_executable(bongsu_${name}_bench ${benches})
    target_link_libraries(bongsu_${name}_bench PRIVATE bongsu_${name} benchmark::benchmark)
  endif()
endfunction()

function(bongsu_connector)
  cmake_parse_arguments(ARG "" "" "DEPS;LIBS" ${ARGN})
  get_filename_component(folder ${CMAKE_CURRENT_SOURCE_DIR} NAME)
  bongsu_module(${folder}_connector TEST_PREFIX ${folder} DEPS ingest runtime guard ${ARG_DEPS} LIBS ${ARG_LIBS})
endfunction()
