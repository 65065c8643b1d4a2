#include "autopsy/records/unpack.h"

#if STAPKILL_HAS_LIBARCHIVE && __has_include(<archive.h>)

#include <archive.h>

#include <memory>
#include <vector>

namespace stapkill {
namespace {

std::string why(archive* reader) {
  const char* text = ::archive_error_string(reader);
  return text ? text : "damaged";
}

}  // namespace

std::string unpack_pieces(int file, const std::function<bool(std::string_view)>& take) {
  constexpr std::size_t kPiece = 64 << 10;
  std::unique_ptr<archive, int (*)(archive*)> reader(::archive_read_new(), ::archive_read_free);
  if (!reader) return "out of memory";
  // ARCHIVE_WARN: it would start a program, since this libarchive was built without that library.
  for (auto support :
       {::archive_read_support_filter_gzip, ::archive_read_support_filter_bzip2, ::archive_read_support_filter_xz,
        ::archive_read_support_filter_zstd, ::archive_read_support_filter_lz4}) {
    if (support(reader.get()) != ARCHIVE_OK) return "this build cannot unpack it";
  }
  ::archive_read_support_format_raw(reader.get());
  if (::archive_read_open_fd(reader.get(), file, kPiece) != ARCHIVE_OK) return why(reader.get());
  archive_entry* entry = nullptr;
  int state = ::archive_read_next_header(reader.get(), &entry);
  if (state == ARCHIVE_EOF) return {};
  if (state != ARCHIVE_OK && state != ARCHIVE_WARN) return why(reader.get());
  std::vector<char> buffer(kPiece);
  for (;;) {
    auto got = ::archive_read_data(reader.get(), buffer.data(), buffer.size());
    if (got < 0) return why(reader.get());
    if (got == 0 || !take({buffer.data(), static_cast<std::size_t>(got)})) return {};
  }
}

}  // namespace stapkill

#else

namespace stapkill {

std::string unpack_pieces(int /*file*/, const std::function<bool(std::string_view)>& /*take*/) {
  return "it is compressed, and this build of stapkill has no libarchive";
}

}  // namespace stapkill

#endif
