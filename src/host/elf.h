#pragma once

#include <string>
#include <string_view>

#include "host/facts.h"
#include "host/tree.h"

namespace stapkill {

/// The GNU build id in a run of ELF notes (elf(5), Nhdr), in hex; "" when there is none.
std::string build_id_of_notes(std::string_view notes);

/// The GNU build id of an ELF file's note segments or sections, or of a file of raw notes (/sys/kernel/notes), in hex.
/// However large the file is, little more than its headers is read.
Fact<std::string> ask_build_id(const Tree& tree, const std::string& path);

/// Whether an ELF file has a section .debug_info (or the older .zdebug_info) with contents.
Fact<bool> ask_debug_info(const Tree& tree, const std::string& path);

}  // namespace stapkill
