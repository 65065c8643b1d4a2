#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace stapkill {

/// Whether the first bytes of a file are those of gzip, xz, zstd or bzip2 (RFC 1952; xz-file-format.txt; RFC 8878;
/// bzip2's "BZh").
bool is_packed(std::string_view head);

/// Unpacks a file that is_packed from where `fd` is, and hands on pieces of it until `take` returns false. Returns ""
/// at its end and where `take` did not want more, else what is wrong with it; pieces may have come before. Starts no
/// program.
std::string unpack_file(int fd, const std::function<bool(std::string_view)>& take);

/// The same for the first bytes of such a file: as much as they give.
std::string unpack_head(std::string_view head, std::size_t most);

}  // namespace stapkill
