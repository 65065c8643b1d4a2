#include <zlib.h>

#include <vector>

#include "sys/unpack.h"

namespace stapkill {
namespace {

constexpr std::size_t kPiece = 64 << 10;
constexpr int kGzipWindow = 15 + 16;  // zlib.h, inflateInit2: the largest window, with gzip's header

/// zlib itself, not libarchive: that throws away up to 64 KiB before the place where a file was cut off
/// (libarchive/archive_read_support_filter_gzip.c, gzip_filter_read).
class Gunzip : public Pieces {
 public:
  explicit Gunzip(std::unique_ptr<Pieces> packed) : packed_(std::move(packed)), out_(kPiece) {
    ready_ = ::inflateInit2(&stream_, kGzipWindow) == Z_OK;
    if (!ready_) fault_ = phrase("no memory to unpack it");
  }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  ~Gunzip() override {
    if (ready_) ::inflateEnd(&stream_);
  }

  std::string_view next() override {
    stream_.next_out = out_.data();
    stream_.avail_out = static_cast<uInt>(out_.size());
    while (!over_ && fault_.empty() && stream_.avail_out == out_.size()) step();
    return {reinterpret_cast<const char*>(out_.data()), out_.size() - stream_.avail_out};
  }

 private:
  /// One call of inflate, with more input where it has none.
  void step() {
    if (stream_.avail_in == 0 && !refill()) return;
    int state = ::inflate(&stream_, Z_NO_FLUSH);
    within_ = state != Z_STREAM_END;
    if (state == Z_STREAM_END) {
      ++files_;
      ::inflateReset(&stream_);
    } else if (state != Z_OK && state != Z_BUF_ERROR) {
      give_up(files_);
    }
  }

  bool refill() {
    auto piece = packed_->next();
    in_.assign(piece.begin(), piece.end());
    stream_.next_in = in_.data();
    stream_.avail_in = static_cast<uInt>(in_.size());
    if (!in_.empty()) return true;
    over_ = true;
    fault_ = packed_->fault();
    cut_ = packed_->is_cut();
    if (!fault_.empty() || !within_) return false;
    fault_ = phrase("its compressed data end too early");
    cut_ = true;
    return false;
  }

  /// Bytes after a whole file that are no gzip are padding, as gzip(1) takes them.
  void give_up(std::size_t files) {
    over_ = true;
    if (files == 0 || stream_.total_out > 0)
      fault_ = stream_.msg ? phrase("its compressed data are damaged: {}", stream_.msg)
                           : phrase("its compressed data are damaged");
  }

  std::unique_ptr<Pieces> packed_;
  z_stream stream_{};
  std::vector<unsigned char> in_, out_;
  std::size_t files_ = 0;
  bool ready_ = false, over_ = false, within_ = false;
};

}  // namespace

std::unique_ptr<Pieces> gunzipped_pieces(std::unique_ptr<Pieces> packed) {
  return std::make_unique<Gunzip>(std::move(packed));
}

}  // namespace stapkill
