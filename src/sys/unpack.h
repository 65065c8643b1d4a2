#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/phrase.h"

namespace stapkill {

/// Whether the first bytes of a file are those of gzip, xz, zstd or bzip2 (RFC 1952; xz-file-format.txt; RFC 8878;
/// bzip2's "BZh").
bool is_packed(std::string_view head);

/// Whether they are gzip's.
bool is_gzip(std::string_view head);

/// Unpacks a file that is_packed from where `fd` is, and hands on pieces of it until `take` returns false. Returns ""
/// at its end and where `take` did not want more, else what is wrong with it; pieces may have come before. Starts no
/// program.
Phrase unpack_file(int fd, const std::function<bool(std::string_view)>& take);

/// The same for the first bytes of such a file: as much as they give.
std::string unpack_head(std::string_view head, std::size_t most);

/// Gives bytes piece by piece.
class Pieces {
 public:
  virtual ~Pieces() = default;
  /// The next piece, valid until the next call; empty at the end, and from where nothing more can be had.
  virtual std::string_view next() = 0;

  /// Why next() has ended before the end; "": it has not.
  const Phrase& fault() const { return fault_; }
  /// The fault is that bytes are missing at the end, all before it was right.
  bool is_cut() const { return cut_; }

 protected:
  Phrase fault_;
  bool cut_ = false;
};

/// Unpacks what is_packed, a piece each time. gzip gives all that is there before the place where it was cut off;
/// the others give whole blocks (zstd: of up to 128 KiB).
std::unique_ptr<Pieces> unpacked_pieces(std::unique_ptr<Pieces> packed);

/// Unpacks gzip, also several files in one (RFC 1952, 2.2).
std::unique_ptr<Pieces> gunzipped_pieces(std::unique_ptr<Pieces> packed);

}  // namespace stapkill
