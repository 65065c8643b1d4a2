#pragma once

#include <compare>
#include <cstdint>
#include <optional>

namespace stapkill {

/// Where one build of bash keeps what `kernel::BashLine` says. A kernel knows of a program where its code and data end
/// (mm_struct; set in fs/binfmt_elf.c, load_elf_binary); all distances are bytes from the end of its data, which do not
/// depend on where it was loaded.
struct BashLayout {
  std::uint64_t data = 0;  ///< from the start of its last segment; with `code`, what tells this build from others
  std::uint64_t code = 0;  ///< from the end of its code
  std::int64_t line = 0, text = 0, function = 0, source = 0;  ///< to these variables; each is an int
  auto operator<=>(const BashLayout&) const = default;
};

}  // namespace stapkill
