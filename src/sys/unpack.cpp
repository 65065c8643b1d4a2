#include "sys/unpack.h"

#include <archive.h>

#include <memory>
#include <utility>
#include <vector>

namespace stapkill {
namespace {

constexpr std::size_t kPiece = 64 << 10;

using Archive = std::unique_ptr<archive, int (*)(archive*)>;

Archive make() {
  Archive none(nullptr, ::archive_read_free);
  Archive reader(::archive_read_new(), ::archive_read_free);
  if (!reader) return none;
  // One that returns ARCHIVE_WARN would start a program: this build's libarchive lacks that library.
  for (auto support : {::archive_read_support_filter_gzip, ::archive_read_support_filter_xz,
                       ::archive_read_support_filter_zstd, ::archive_read_support_filter_bzip2}) {
    if (support(reader.get()) != ARCHIVE_OK) return none;
  }
  ::archive_read_support_format_raw(reader.get());
  return reader;
}

Phrase why(archive* reader) {
  const char* text = ::archive_error_string(reader);
  return text ? Phrase(text) : phrase("damaged");
}

Phrase unpack(archive* reader, const std::function<bool(std::string_view)>& take) {
  archive_entry* entry = nullptr;
  int state = ::archive_read_next_header(reader, &entry);
  if (state == ARCHIVE_EOF) return {};
  if (state != ARCHIVE_OK && state != ARCHIVE_WARN) return why(reader);
  std::vector<char> buffer(kPiece);
  for (;;) {
    auto got = ::archive_read_data(reader, buffer.data(), buffer.size());
    if (got < 0) return why(reader);
    if (got == 0 || !take(std::string_view(buffer.data(), static_cast<std::size_t>(got)))) return {};
  }
}

class Unpacked : public Pieces {
 public:
  explicit Unpacked(std::unique_ptr<Pieces> packed) : packed_(std::move(packed)), reader_(make()), out_(kPiece) {
    if (!reader_) fault_ = phrase("this build cannot unpack it");
  }

  std::string_view next() override {
    if (!fault_.empty() || over_ || !begin()) return {};
    auto got = ::archive_read_data(reader_.get(), out_.data(), out_.size());
    if (got > 0) return {out_.data(), static_cast<std::size_t>(got)};
    over_ = true;
    if (got < 0) give_up();
    return {};
  }

 private:
  bool begin() {
    if (std::exchange(begun_, true)) return true;
    archive_entry* entry = nullptr;
    auto read = [](archive*, void* self, const void** bytes) -> la_ssize_t {
      auto piece = static_cast<Unpacked*>(self)->packed_->next();
      *bytes = piece.data();
      return static_cast<la_ssize_t>(piece.size());
    };
    int state = ::archive_read_open(reader_.get(), this, nullptr, read, nullptr);
    if (state == ARCHIVE_OK) state = ::archive_read_next_header(reader_.get(), &entry);
    over_ = state != ARCHIVE_OK && state != ARCHIVE_WARN;
    if (over_ && state != ARCHIVE_EOF) give_up();
    return !over_;
  }

  /// libarchive says "truncated gzip input", "Truncated zstd input" and the like.
  void give_up() {
    fault_ = packed_->fault();
    cut_ = packed_->is_cut();
    if (!fault_.empty()) return;
    auto text = why(reader_.get());
    cut_ = text.english().find("runcated") != std::string::npos;
    fault_ = cut_ ? phrase("its compressed data end too early") : phrase("its compressed data are damaged: {}", text);
  }

  std::unique_ptr<Pieces> packed_;
  Archive reader_;
  std::vector<char> out_;
  bool begun_ = false, over_ = false;
};

}  // namespace

Phrase unpack_file(int fd, const std::function<bool(std::string_view)>& take) {
  auto reader = make();
  if (!reader) return phrase("this build cannot unpack it");
  if (::archive_read_open_fd(reader.get(), fd, kPiece) != ARCHIVE_OK) return why(reader.get());
  return unpack(reader.get(), take);
}

std::string unpack_head(std::string_view head, std::size_t most) {
  std::string text;
  auto reader = make();
  if (!reader || ::archive_read_open_memory(reader.get(), head.data(), head.size()) != ARCHIVE_OK) return text;
  unpack(reader.get(), [&](std::string_view piece) {
    text += piece.substr(0, most - text.size());
    return text.size() < most;
  });
  return text;
}

std::unique_ptr<Pieces> unpacked_pieces(std::unique_ptr<Pieces> packed) {
  return std::make_unique<Unpacked>(std::move(packed));
}

}  // namespace stapkill
