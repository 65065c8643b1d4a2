#include "autopsy/unpack.h"

#include <archive.h>

#include <memory>
#include <vector>

namespace stapkill {
namespace {

constexpr std::size_t kPiece = 64 << 10;

using Archive = std::unique_ptr<archive, int (*)(archive*)>;

Archive make() {
  Archive reader(::archive_read_new(), ::archive_read_free);
  if (!reader) return reader;
  // One that returns ARCHIVE_WARN would start a program: this build's libarchive lacks that library.
  for (auto support : {::archive_read_support_filter_gzip, ::archive_read_support_filter_xz,
                       ::archive_read_support_filter_zstd, ::archive_read_support_filter_bzip2}) {
    if (support(reader.get()) != ARCHIVE_OK) return Archive(nullptr, ::archive_read_free);
  }
  ::archive_read_support_format_raw(reader.get());
  return reader;
}

std::string why(archive* reader) {
  const char* text = ::archive_error_string(reader);
  return text ? text : "damaged";
}

std::string unpack(archive* reader, const std::function<bool(std::string_view)>& take) {
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

}  // namespace

std::string unpack_file(int fd, const std::function<bool(std::string_view)>& take) {
  auto reader = make();
  if (!reader) return "this build cannot unpack it";
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

}  // namespace stapkill
