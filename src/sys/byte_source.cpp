#include "sys/byte_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "sys/fd.h"

namespace stapkill {
namespace {

constexpr std::size_t kPiece = 64 << 10;
constexpr std::size_t kMagic = 6;  // bytes of the longest magic number of is_packed()
constexpr int kWaitAtOnce = 100;   // ms
constexpr std::size_t kMostHead = kPiece;

}  // namespace

/// The bytes as they are in the file.
class ByteSource::Raw : public Pieces {
 public:
  Raw(Fd owned, int fd) : owned_(std::move(owned)), fd_(fd), buffer_(kPiece) {
    struct stat info {};
    waits_ = ::fstat(fd_, &info) == 0 && !S_ISREG(info.st_mode);
  }

  /// Puts bytes before the next ones.
  void unread(std::string bytes) { again_ = std::move(bytes); }
  void on_wait(KeepWaiting keep_waiting) { keep_waiting_ = std::move(keep_waiting); }

  std::string_view next() override {
    if (!again_.empty()) {
      given_ = std::exchange(again_, {});
      return given_;
    }
    while (!over_) {
      if (waits_ && keep_waiting_ && !is_ready()) continue;
      auto got = ::read(fd_, buffer_.data(), buffer_.size());
      if (got > 0) return {buffer_.data(), static_cast<std::size_t>(got)};
      if (got < 0 && errno == EINTR) continue;
      over_ = true;
      if (got < 0) fault_ = std::strerror(errno);
    }
    return {};
  }

 private:
  /// Whether read(2) would not wait. Ends the source where nobody wants to wait.
  bool is_ready() {
    pollfd ready{fd_, POLLIN, 0};
    if (::poll(&ready, 1, 0) > 0) return true;
    over_ = !keep_waiting_();
    return !over_ && ::poll(&ready, 1, kWaitAtOnce) > 0;
  }

  Fd owned_;
  int fd_;
  std::vector<char> buffer_;
  std::string again_, given_;
  KeepWaiting keep_waiting_;
  bool waits_ = false, over_ = false;
};

ByteSource::ByteSource(Phrase name) : name_(std::move(name)) {}
ByteSource::~ByteSource() = default;

Result<std::unique_ptr<ByteSource>> ByteSource::open(const std::string& path) {
  bool standard = path == "-";
  std::unique_ptr<ByteSource> made(new ByteSource(standard ? phrase("standard input") : Phrase(path)));
  Fd file(standard ? -1 : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  int fd = standard ? STDIN_FILENO : file.get();
  if (fd < 0) return fail(phrase("cannot read {}: {}", made->name_, std::strerror(errno)));
  auto raw = std::make_unique<Raw>(std::move(file), fd);
  made->raw_ = raw.get();
  made->pieces_ = std::move(raw);
  return made;
}

void ByteSource::on_wait(KeepWaiting keep_waiting) {
  raw_->on_wait(std::move(keep_waiting));
}

/// From the file, through what unpacks it.
std::string_view ByteSource::read() {
  if (!std::exchange(looked_, true)) {
    std::string magic;
    while (magic.size() < kMagic) {
      auto piece = raw_->next();
      if (piece.empty()) break;
      magic += piece;
    }
    auto raw = std::move(pieces_);
    bool packed = is_packed(magic), gzip = is_gzip(magic);
    if (!magic.empty()) raw_->unread(std::move(magic));
    pieces_ = !packed ? std::move(raw) : gzip ? gunzipped_pieces(std::move(raw)) : unpacked_pieces(std::move(raw));
  }
  if (over_) return {};
  auto piece = pieces_->next();
  over_ = piece.empty();
  fault_ = pieces_->fault();
  cut_ = pieces_->is_cut();
  return piece;
}

std::string_view ByteSource::head() {
  while (!gave_head_ && head_.size() < kMostHead && head_.find('\n') == std::string::npos) {
    auto piece = read();
    if (piece.empty()) break;
    head_ += piece;
  }
  return std::string_view(head_).substr(0, kMostHead);
}

std::string_view ByteSource::next() {
  if (!std::exchange(gave_head_, true) && !head_.empty()) return head_;
  return read();
}

}  // namespace stapkill
