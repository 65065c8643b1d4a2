#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace stapkill {

/// Hands on the pieces of a compressed file (gzip, bzip2, xz, zstd, lz4) from where `file` is, until `take` returns
/// false. Returns "" at its end and where `take` did not want more, else why it cannot be read; pieces may have come
/// before. Starts no program.
std::string unpack_pieces(int file, const std::function<bool(std::string_view)>& take);

}  // namespace stapkill
