#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
Phrase for_each_function(const Tree& tree, const std::string& path, const std::function<void(std::string_view)>& visit);

/// Where a program's code and data end, and its last segment begins, as fs/binfmt_elf.c (load_elf_binary) counts them;
/// addresses as they are in the file.
struct ElfEnds {
  std::uint64_t code = 0, last_segment = 0, data = 0;
};
/// Reads from an open file; none where that is no sound program.
std::optional<ElfEnds> ends_of_program(int file);

/// The addresses, as they are in the file, of the variables with these names that an open program exports; 0 for one
/// that it does not.
std::vector<std::uint64_t> addresses_of_variables(int file, std::span<const std::string_view> names);

}  // namespace stapkill
