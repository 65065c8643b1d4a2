#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "host/fact.h"
#include "host/tree.h"

namespace stapkill {

/// The GNU build id in a run of ELF notes (elf(5), Nhdr), in hex; "" when there is none.
std::string build_id_of_notes(std::string_view notes);

/// The GNU build id of an ELF file's note segments or sections, or of a file of raw notes (/sys/kernel/notes), in hex.
/// Reads little more than the file's headers, however large it is.
Fact<std::string> ask_build_id(const Tree& tree, const std::string& path);

/// Whether an ELF file has a section .debug_info (or the older .zdebug_info) with contents.
Fact<bool> ask_debug_info(const Tree& tree, const std::string& path);

/// Calls `visit` with the name of every function that an ELF file's symbol tables define: any bytes, some twice.
/// Returns "" or why the file could not be read. Leaves out tables of more than 64 MiB.
std::string for_each_function(const Tree& tree, const std::string& path,
                              const std::function<void(std::string_view)>& visit);

}  // namespace stapkill
