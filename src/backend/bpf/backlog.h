#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>

namespace stapkill {

/// Records that were taken out of the ring buffer and not yet passed on, oldest first. Takes about as much memory as
/// they are long.
class Backlog {
 public:
  void add(std::string_view record) {
    auto length = static_cast<std::uint32_t>(record.size());
    if (chunks_.empty() || chunks_.back().size() + sizeof length + length > kChunk) {
      chunks_.emplace_back().reserve(sizeof length + length > kChunk ? sizeof length + length : kChunk);
    }
    chunks_.back().append(reinterpret_cast<const char*>(&length), sizeof length).append(record);
    bytes_ += sizeof length + length;
  }

  bool empty() const { return bytes_ == 0; }
  std::size_t bytes() const { return bytes_; }

  /// The oldest; valid until it is dropped.
  std::string_view front() const {
    std::uint32_t length = 0;
    std::memcpy(&length, chunks_.front().data() + at_, sizeof length);
    return std::string_view(chunks_.front()).substr(at_ + sizeof length, length);
  }

  void drop_front() {
    auto size = sizeof(std::uint32_t) + front().size();
    at_ += size;
    bytes_ -= size;
    if (at_ < chunks_.front().size()) return;
    at_ = 0;
    if (chunks_.size() > 1) {
      chunks_.pop_front();
    } else {
      chunks_.front().clear();  // its memory is for the next
    }
  }

 private:
  // So large that malloc returns it to the kernel when it is freed (M_MMAP_THRESHOLD, mallopt(3)).
  static constexpr std::size_t kChunk = 1 << 20;

  std::deque<std::string> chunks_;
  std::size_t at_ = 0;  ///< of the oldest record in the first chunk
  std::size_t bytes_ = 0;
};

}  // namespace stapkill
