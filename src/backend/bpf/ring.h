#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace stapkill {

/// The reader's side of a BPF_MAP_TYPE_RINGBUF (kernel/bpf/ringbuf.c), in place of libbpf's. libbpf maps the data
/// twice, one copy after the other, so that no record comes in two pieces, and frees the room of each record at once;
/// the kernel then wakes the reader for the next record while it still reads. Here the data is mapped once, and room is
/// freed now and then.
class Ring {
 public:
  /// `size` is the size of the data. Null with errno when it cannot be mapped.
  static std::unique_ptr<Ring> map(int fd, std::size_t size);
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  using Each = std::function<void(std::string_view record)>;
  /// Passes on the waiting records, `most` at most. True when that many came: there may be more.
  bool take(std::size_t most, const Each& each);

 private:
  Ring(std::size_t page, std::size_t size) : page_(page), size_(size) {}
  std::string_view record_at(std::uint64_t position, std::size_t length);

  std::size_t page_, size_;
  std::uint64_t* read_ = nullptr;           ///< read up to here, for the kernel
  const std::uint64_t* written_ = nullptr;  ///< records were begun up to here
  const char* data_ = nullptr;
  std::string whole_;  ///< a record that wraps around to the front of the data
};

}  // namespace stapkill
