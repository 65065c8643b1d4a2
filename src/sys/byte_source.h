#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/unpack.h"

namespace stapkill {

/// A file, or standard input, of any size; unpacked where its first bytes are those of gzip, zstd, xz or bzip2.
class ByteSource : public Pieces {
 public:
  /// Asked again and again while nothing can be read from a pipe; false: what comes later is not wanted.
  using KeepWaiting = std::function<bool()>;

  /// "-" is standard input.
  static Result<std::unique_ptr<ByteSource>> open(const std::string& path);
  ~ByteSource() override;

  const Phrase& name() const { return name_; }
  void on_wait(KeepWaiting keep_waiting);
  /// The first bytes, at most 64 KiB, to the end of the first line or further; they come again with next().
  std::string_view head();
  std::string_view next() override;

 private:
  class Raw;
  explicit ByteSource(Phrase name);
  std::string_view read();

  Phrase name_;
  std::string head_;
  std::unique_ptr<Pieces> pieces_;
  Raw* raw_ = nullptr;  ///< at the bottom of pieces_
  bool looked_ = false, gave_head_ = false, over_ = false;
};

}  // namespace stapkill
