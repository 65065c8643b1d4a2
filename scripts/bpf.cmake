# Builds the bpf backend: clang compiles its programs, bpftool makes a header of each, libbpf loads them.
# Included by CMakeLists.txt. Sets STAPKILL_HAS_BPF to 0 or 1. If it is 1, also sets BPF_LIBRARY, BPF_INCLUDE and
# bpf_skeletons, the headers that are made.

set(STAPKILL_BPF AUTO CACHE STRING "Build the bpf backend: ON, OFF, or AUTO where clang, bpftool and libbpf are there")
set_property(CACHE STAPKILL_BPF PROPERTY STRINGS AUTO ON OFF)
if(NOT STAPKILL_BPF MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "STAPKILL_BPF must be AUTO, ON or OFF, not '${STAPKILL_BPF}'")
endif()

file(GLOB bpf_programs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/backend/bpf/*.bpf.c)

# Sets `missing` to the tools that the bpf backend needs and that are missing, and `packages` to Debian's packages with them.
macro(find_bpf_tools)
  set(missing "")
  set(packages "")
  find_program(BPF_CLANG NAMES clang)
  find_program(BPF_TOOL NAMES bpftool PATHS /usr/sbin /sbin)
  find_path(BPF_INCLUDE bpf/libbpf.h)
  find_library(BPF_LIBRARY NAMES bpf)
  find_path(BPF_ASM_INCLUDE asm/types.h PATHS /usr/include/x86_64-linux-gnu NO_CMAKE_FIND_ROOT_PATH)

  set(clang_status 1)
  if(BPF_CLANG)
    execute_process(COMMAND ${BPF_CLANG} -target bpf -x c -c /dev/null -o ${CMAKE_BINARY_DIR}/no.bpf.o
                    RESULT_VARIABLE clang_status OUTPUT_QUIET ERROR_QUIET)
  endif()
  if(NOT clang_status EQUAL 0)
    list(APPEND missing "clang (with the target bpf)")
    list(APPEND packages clang)
  endif()
  # Ubuntu has a script of that name, which fails if the tools of the running kernel are not installed.
  set(tool_status 1)
  if(BPF_TOOL)
    execute_process(COMMAND ${BPF_TOOL} version RESULT_VARIABLE tool_status OUTPUT_QUIET ERROR_QUIET)
  endif()
  if(NOT tool_status EQUAL 0)
    list(APPEND missing "bpftool")
    list(APPEND packages bpftool)
  endif()
  set(libbpf_major 0)
  if(EXISTS ${BPF_INCLUDE}/bpf/libbpf_version.h)
    file(STRINGS ${BPF_INCLUDE}/bpf/libbpf_version.h libbpf_major REGEX "define LIBBPF_MAJOR_VERSION")
    string(REGEX MATCH "[0-9]+" libbpf_major "${libbpf_major}")
  endif()
  if(NOT BPF_LIBRARY OR NOT BPF_INCLUDE OR libbpf_major LESS 1)
    list(APPEND missing "libbpf (1.0 or later)")
    list(APPEND packages libbpf-dev)
  endif()
  if(NOT BPF_ASM_INCLUDE)
    list(APPEND missing "asm/types.h")
    list(APPEND packages linux-libc-dev)
  endif()
endmacro()

set(STAPKILL_HAS_BPF 0)
set(bpf_skeletons "")
set(bpf_lacks "")
if(STAPKILL_BPF STREQUAL OFF)
  message(STATUS "bpf backend: no (STAPKILL_BPF is OFF)")
elseif(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(bpf_lacks "it is for x86_64 only, and this is ${CMAKE_SYSTEM_PROCESSOR}")
elseif(NOT bpf_programs)
  set(bpf_lacks "there is no program in src/backend/bpf")
else()
  find_bpf_tools()
  list(JOIN missing ", " missing)
  list(JOIN packages " " packages)
  if(missing)
    set(bpf_lacks "missing: ${missing}; on Debian: apt-get install ${packages}")
  else()
    set(STAPKILL_HAS_BPF 1)
    message(STATUS "bpf backend: yes (${BPF_CLANG}, ${BPF_TOOL}, ${BPF_LIBRARY})")
  endif()
endif()
if(bpf_lacks)
  if(STAPKILL_BPF STREQUAL ON)
    message(FATAL_ERROR "bpf backend: ${bpf_lacks}")
  endif()
  message(STATUS "bpf backend: no (${bpf_lacks})")
  message(WARNING "This build can watch only with SystemTap: `watch --backend bpf` will not work, and `auto` always uses "
                  "stap. The bpf backend is left out: ${bpf_lacks}. STAPKILL_BPF=OFF does the same without this warning.")
endif()

if(STAPKILL_HAS_BPF)
  set(bpf_warnings -Wall -Wextra)
  if(STAPKILL_WERROR)
    list(APPEND bpf_warnings -Werror)
  endif()
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/bpf)
endif()

# Compiles a .bpf.c and sets a variable to the path of its skeleton.
function(add_bpf_program program skeleton_variable)
  get_filename_component(name ${program} NAME)
  string(REGEX REPLACE "\\.bpf\\.c$" "" name ${name})
  set(object ${CMAKE_BINARY_DIR}/bpf/${name}.bpf.o)
  set(skeleton ${CMAKE_BINARY_DIR}/bpf/${name}.skel.h)
  # -g: BTF, with which libbpf finds fields in the running kernel. v3: 32-bit registers, Linux 5.1.
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${BPF_CLANG} -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 ${bpf_warnings} -iquote ${CMAKE_SOURCE_DIR}/src
            -I${BPF_INCLUDE} -idirafter ${BPF_ASM_INCLUDE} -MD -MF ${object}.d -MT ${object} -c ${program} -o ${object}
    DEPENDS ${program}
    DEPFILE ${object}.d
    COMMENT "Compiling ${name}.bpf.c"
    VERBATIM)
  # Written completely or not at all: where bpftool fails, the shell leaves an incomplete header.
  add_custom_command(
    OUTPUT ${skeleton}
    COMMAND sh -c "\"$1\" gen skeleton \"$2\" name \"$3\" >\"$4.part\" && mv \"$4.part\" \"$4\"" sh ${BPF_TOOL} ${object}
            ${name}_bpf ${skeleton}
    DEPENDS ${object}
    COMMENT "Making ${name}.skel.h"
    VERBATIM)
  set(${skeleton_variable} ${skeleton} PARENT_SCOPE)
endfunction()

if(STAPKILL_HAS_BPF)
  foreach(program IN LISTS bpf_programs)
    add_bpf_program(${program} skeleton)
    list(APPEND bpf_skeletons ${skeleton})
  endforeach()
endif()
