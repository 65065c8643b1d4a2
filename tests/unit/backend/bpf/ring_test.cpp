#include "backend/bpf/ring.h"

#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "catch.h"

using namespace stapkill;

namespace {

/// The kernel's side, in a file: a page with the reader's position, a page with the writer's, the data.
class Kernel {
 public:
  Kernel() : fd_(::memfd_create("ring", MFD_CLOEXEC)) {
    REQUIRE(::ftruncate(fd_, static_cast<off_t>(2 * page_ + size())) == 0);
    void* all = ::mmap(nullptr, 2 * page_ + size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    REQUIRE(all != MAP_FAILED);
    base_ = static_cast<char*>(all);
  }
  ~Kernel() {
    ::munmap(base_, 2 * page_ + size());
    ::close(fd_);
  }

  std::size_t size() const { return page_; }
  std::uint64_t& read() { return *reinterpret_cast<std::uint64_t*>(base_); }
  std::uint64_t& written() { return *reinterpret_cast<std::uint64_t*>(base_ + page_); }

  /// Where its header is.
  std::uint32_t* write(const std::string& record, std::uint32_t flags = 0) {
    auto at = written();
    auto* header = reinterpret_cast<std::uint32_t*>(base_ + 2 * page_ + at % size());
    *header = static_cast<std::uint32_t>(record.size()) | flags;
    for (std::size_t i = 0; i < record.size(); ++i) base_[2 * page_ + (at + 8 + i) % size()] = record[i];
    written() = at + (8 + record.size() + 7) / 8 * 8;
    return header;
  }
  std::unique_ptr<Ring> ring() { return Ring::map(fd_, size()); }

 private:
  std::size_t page_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  int fd_;
  char* base_ = nullptr;
};

std::vector<std::string> all_of(Ring& ring, std::size_t most = 1000) {
  std::vector<std::string> records;
  ring.take(most, [&](std::string_view record) { records.emplace_back(record); });
  return records;
}

using Records = std::vector<std::string>;

}  // namespace

TEST_CASE("bpf ring: records come once, in order, and their room is given back", "[bpf]") {
  Kernel kernel;
  auto ring = kernel.ring();
  REQUIRE(ring);
  CHECK(all_of(*ring).empty());
  kernel.write("one");
  kernel.write("twotwotwo");
  kernel.write("");
  CHECK(all_of(*ring) == Records{"one", "twotwotwo", ""});
  CHECK(kernel.read() == kernel.written());
  CHECK(all_of(*ring).empty());
}

TEST_CASE("bpf ring: takes no more at once than asked for", "[bpf]") {
  Kernel kernel;
  auto ring = kernel.ring();
  for (const char* text : {"a", "b", "c"}) kernel.write(text);
  std::string seen;
  auto see = [&](std::string_view record) { seen += record; };
  CHECK(ring->take(2, see));
  CHECK(seen == "ab");
  CHECK(kernel.read() == 32);
  CHECK_FALSE(ring->take(2, see));
  CHECK(seen == "abc");
}

TEST_CASE("bpf ring: a discarded record is skipped, and an unfinished one holds up those after it", "[bpf]") {
  Kernel kernel;
  auto ring = kernel.ring();
  kernel.write("first");
  kernel.write("nothing", BPF_RINGBUF_DISCARD_BIT);
  auto* header = kernel.write("late", BPF_RINGBUF_BUSY_BIT);
  kernel.write("last");
  CHECK(all_of(*ring) == Records{"first"});
  *header &= ~BPF_RINGBUF_BUSY_BIT;
  CHECK(all_of(*ring) == Records{"late", "last"});
}

TEST_CASE("bpf ring: a record that wraps around to the front is whole", "[bpf]") {
  Kernel kernel;
  auto ring = kernel.ring();
  for (int turn = 0; turn < 300; ++turn) {
    std::string one(static_cast<std::size_t>(turn) % 251 + 1, static_cast<char>('a' + turn % 26)), two = one + "end";
    kernel.write(one);
    kernel.write(two);
    REQUIRE(all_of(*ring) == Records{one, two});
  }
  CHECK(kernel.read() > 10 * kernel.size());
}

TEST_CASE("bpf ring: null when it cannot be mapped", "[bpf]") {
  CHECK_FALSE(Ring::map(-1, 4096));
}
