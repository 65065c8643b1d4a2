#include "host/unwind.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <random>

#include "catch.h"
#include "host/code_files.h"
#include "temporary.h"

using namespace stapkill;

namespace {

/// The executable mappings of this process, as the kernel lists them.
std::vector<CodeMapping> own_code() {
  std::vector<CodeMapping> all;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    CodeMapping one;
    char rights[8] = "", path[512] = "";
    unsigned device[2] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %7s %lx %x:%x %lu %511s", &one.start, &one.end, rights, &one.offset,
                    &device[0], &device[1], &one.inode, path) < 7 ||
        rights[2] != 'x')
      continue;
    one.device = device[0] << 20 | device[1];
    one.path = path;
    all.push_back(one);
  }
  return all;
}

/// This thread's stack, as the backends copy one.
[[gnu::noinline]] UserStack own_stack() {
  ucontext_t context;
  REQUIRE(::getcontext(&context) == 0);
  constexpr int order[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8,
                           REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
  UserStack stack;
  stack.pid = ::getpid();
  stack.tid = ::gettid();
  for (std::size_t at = 0; at < stack.registers.size(); ++at) {
    stack.registers[at] = static_cast<std::uint64_t>(context.uc_mcontext.gregs[order[at]]);
  }
  stack.from = stack.registers[UserStack::kStackPointer] & ~std::uint64_t{4095};
  stack.memory.resize(5 * 4096);
  auto memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  auto got = ::pread(memory, stack.memory.data(), stack.memory.size(), static_cast<off_t>(stack.from));
  ::close(memory);
  stack.memory.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  stack.code = own_code();
  return stack;
}

}  // namespace

// Not in the namespace without a name: their names are in the symbols.
[[gnu::noinline]] UserStack unwind_inner() {
  auto stack = own_stack();
  asm volatile("" ::: "memory");
  return stack;
}
[[gnu::noinline]] UserStack unwind_outer() {
  auto stack = unwind_inner();
  asm volatile("" ::: "memory");
  return stack;
}

TEST_CASE("unwind: this program's own calls", "[unwind]") {
  if (!can_unwind()) return;
  auto stack = unwind_outer();
  auto files = open_code_files(stack, {});
  auto frames = unwind(stack, files);
  std::vector<std::string> names;
  for (const auto& frame : frames) names.push_back(short_function(frame.function.value_or("?")));
  INFO(fmt::format("{}", fmt::join(names, " < ")));
  REQUIRE(names.size() > 3);
  CHECK(names[0] == "own_stack");
  CHECK(names[1] == "unwind_inner");
  CHECK(names[2] == "unwind_outer");
  CHECK(frames[0].module.starts_with("stapkill_unit"));
  CHECK(frames[0].offset > 0);
}

TEST_CASE("unwind: a caller that is no code ends the stack", "[unwind]") {
  if (!can_unwind()) return;
  auto stack = unwind_outer();
  auto files = open_code_files(stack, {});
  auto caller = unwind(stack, files).at(2).address;
  for (std::size_t at = 0; at + sizeof caller <= stack.memory.size(); at += sizeof caller) {
    if (std::memcmp(stack.memory.data() + at, &caller, sizeof caller) == 0) std::memset(stack.memory.data() + at, 1, 8);
  }
  CHECK(unwind(stack, files).size() == 2);
}

TEST_CASE("unwind: without files an address is known by its mapping alone", "[unwind]") {
  auto stack = own_stack();
  auto frames = unwind(stack, {});
  REQUIRE_FALSE(frames.empty());
  CHECK_FALSE(frames[0].function);
  CHECK(frames[0].module.starts_with("stapkill_unit"));
  CHECK(frame_at(stack, 16).module.empty());
  stack.code = {{0x1000, 0x2000, 0, 0, 0, ""}};
  CHECK(frame_at(stack, 0x1234).module == "[anon]");
  CHECK(frame_at(stack, 0x1234).offset == 0x234);
}

TEST_CASE("unwind: any memory, registers and mappings", "[unwind]") {
  auto whole = own_stack();
  std::mt19937 random(7);
  for (int turn = 0; turn < 12; ++turn) {
    auto stack = whole;
    for (int change = 0; change < 200 && !stack.memory.empty(); ++change) {
      stack.memory[random() % stack.memory.size()] = static_cast<char>(random());
    }
    if (turn % 3 == 0) stack.registers[random() % stack.registers.size()] = random();
    if (turn % 4 == 0) stack.code[random() % stack.code.size()].offset += random() % 8192;
    if (turn % 5 == 0) stack.memory.resize(random() % 4096);
    auto files = open_code_files(stack, {});
    auto frames = unwind(stack, files);
    CHECK(!frames.empty());
    CHECK(frames.size() <= 64);
  }
}

TEST_CASE("unwind: a damaged file", "[unwind]") {
  Temporary folder;
  auto stack = own_stack();
  std::ifstream program("/proc/self/exe", std::ios::binary);
  std::string text(200'000, '\0');
  program.read(text.data(), static_cast<std::streamsize>(text.size()));
  std::mt19937 random(8);
  for (int turn = 0; turn < 20; ++turn) {
    auto damaged = text.substr(0, 64 + random() % text.size());
    for (int change = 0; change < 100; ++change)
      damaged[random() % std::min<std::size_t>(damaged.size(), 2000)] ^= 0x41;
    auto path = folder.write("damaged", damaged);
    std::vector<Fd> files;
    for (std::size_t at = 0; at < stack.code.size(); ++at)
      files.emplace_back(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    CHECK_FALSE(unwind(stack, files).empty());
  }
}
