#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace stapkill {

/// The reader's side of a BPF_MAP_TYPE_RINGBUF (kernel/bpf/ringbuf.c), without libbpf's: that maps the data twice, one
/// behind the other, so that no record comes in two pieces, and tells the kernel of each record that it has read, which
/// then wakes it for the next while it still reads. Here the data is mapped once, and the kernel is told now and then.
class Ring {
 public:
  /// `size` is that of the data. Null with errno when it cannot be mapped.
  static std::unique_ptr<Ring> map(int fd, std::size_t size);
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  using Each = std::function<void(std::string_view record)>;
  /// Hands over what waits now, `most` records at most. True when it were that many: there may be more.
  bool take(std::size_t most, const Each& each);

 private:
  Ring(std::size_t page, std::size_t size) : page_(page), size_(size) {}
  std::string_view record_at(std::uint64_t position, std::size_t length);

  std::size_t page_, size_;
  std::uint64_t* read_ = nullptr;           ///< up to where it was read, for the kernel
  const std::uint64_t* written_ = nullptr;  ///< up to where records were begun
  const char* data_ = nullptr;
  std::string whole_;  ///< a record whose end lies at the front of the data
};

}  // namespace stapkill
