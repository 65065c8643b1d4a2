#include "backend/bpf/ring.h"

#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cassert>

namespace stapkill {
namespace {

constexpr std::size_t kReleaseEvery = 64 << 10;  // bytes read before their room is given back to the kernel

}  // namespace

std::unique_ptr<Ring> Ring::map(int fd, std::size_t size) {
  auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  assert(std::has_single_bit(size) && size % page == 0);
  std::unique_ptr<Ring> ring(new Ring(page, size));
  void* read = ::mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (read == MAP_FAILED) return nullptr;
  ring->read_ = static_cast<std::uint64_t*>(read);
  void* written = ::mmap(nullptr, page + size, PROT_READ, MAP_SHARED, fd, static_cast<off_t>(page));
  if (written == MAP_FAILED) return nullptr;
  ring->written_ = static_cast<const std::uint64_t*>(written);
  ring->data_ = static_cast<const char*>(written) + page;
  return ring;
}

Ring::~Ring() {
  if (read_) ::munmap(read_, page_);
  if (written_) ::munmap(const_cast<std::uint64_t*>(written_), page_ + size_);
}

std::string_view Ring::record_at(std::uint64_t position, std::size_t length) {
  std::size_t at = position & (size_ - 1), first = std::min(length, size_ - at);
  if (first == length) return {data_ + at, length};
  whole_.assign(data_ + at, first);
  whole_.append(data_, length - first);
  return whole_;
}

bool Ring::take(std::size_t most, const Each& each) {
  std::uint64_t at = *read_, released = at, end = __atomic_load_n(written_, __ATOMIC_ACQUIRE);
  std::size_t taken = 0;
  while (at < end && taken < most) {
    auto* header = reinterpret_cast<const std::uint32_t*>(data_ + (at & (size_ - 1)));
    auto length = __atomic_load_n(header, __ATOMIC_ACQUIRE);
    if (length & BPF_RINGBUF_BUSY_BIT) break;  // another CPU is still writing it
    std::size_t bytes = length & ~BPF_RINGBUF_DISCARD_BIT;
    if (!(length & BPF_RINGBUF_DISCARD_BIT)) each(record_at(at + BPF_RINGBUF_HDR_SZ, bytes));
    at += (bytes + BPF_RINGBUF_HDR_SZ + 7) & ~std::size_t{7};
    ++taken;
    if (at - released < kReleaseEvery) continue;
    released = at;
    __atomic_store_n(read_, at, __ATOMIC_RELEASE);
  }
  __atomic_store_n(read_, at, __ATOMIC_RELEASE);
  return taken == most;
}

}  // namespace stapkill
