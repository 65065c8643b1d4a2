#pragma once

// What the tests of the wire share: a line of each kind, and how one is parsed.
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "backend/wire.h"
#include "catch.h"

namespace wire_lines {

using namespace stapkill;

// One line of each kind, as tapsets/capture.stp writes it.
inline constexpr std::string_view kHello = "H 1 1 1000 3 stap_abc_1";
inline constexpr std::string_view kDescribe =
    "P 0 2 2000 200 201 55 150 1000 my%20shell /usr/bin/bash /srv / 8 bash%00-l%00";
inline constexpr std::string_view kExec =
    "X 3 4 5 200 200 55 150 0 kill /usr/bin/kill /root /user.slice 13 kill%00-9%0042%00";
inline constexpr std::string_view kFork = "F 0 3 4 1 150 50 200 55 1000 bash";
inline constexpr std::string_view kRename = "R 0 3 4 200 55 a%25b";
inline constexpr std::string_view kMoved = "G 0 3 4 200 200 55 1000 my%20shell /a%20b/c";
inline constexpr std::string_view kSignal =
    "S 1 9 123456789 9 0 0 1 62 1 200 201 55 0 kill 100 100 44 33 sleep 150.50,1.2";
inline constexpr std::string_view kReturned = "K 1 10 5 200 201 0 -3";
inline constexpr std::string_view kExit = "E 1 11 6 100 100 44 9 1 2 33 sleep 7";
inline constexpr std::string_view kGoodbye = "Z 1 12 7 5 321";
inline constexpr std::string_view kCircumstances =
    "C 1 11 5 101 9 -500 15 2 1 16384 16390 8388608 4096 18446744073709551615 7 1000000000 1 2 18446744073709551615 0 "
    "pod%201 pts3 libc.so.6 stap_probe,send_signal_locked,__oom_kill_process.isra.0";
inline constexpr std::string_view kOom = "O 1 11 6 101";
inline constexpr std::string_view kSysrq = "Q 1 11 6 1 200 201 55 0 sh";
inline constexpr std::string_view kConnect = "N 1 11 6 300 300 66 1000 docker 1 2 /run/docker.sock";
inline constexpr std::string_view kCode = "M 1 11 6 4096 8192 4096 77 8388609 /usr/lib/libc.so.6";
inline constexpr std::string_view kMemory = "B 1 11 6 140000 0,ffffffffffffffff,7f001234";
inline constexpr std::string_view kStack =
    "T 1 11 6 0 300 301 66 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17 140000 memory%00";
inline constexpr std::string_view kAll[] = {kCircumstances, kOom,     kConnect, kSysrq, kHello,  kDescribe,
                                            kExec,          kFork,    kRename,  kMoved, kSignal, kReturned,
                                            kExit,          kGoodbye, kCode,    kStack, kMemory};

/// The event as that kind, which it must be.
template <typename Kind>
const Kind& is(const KernelEvent& event) {
  const auto* kind = event.as<Kind>();
  REQUIRE(kind);
  return *kind;
}

using Keys = std::vector<ProcessKey>;

inline Keys ancestors(const KernelEvent& event) {
  auto listed = is<kernel::Signal>(event).ancestors;
  return {listed.begin(), listed.end()};
}

/// All texts that an event has views of.
struct Texts {
  using Found = std::vector<std::optional<std::string_view>>;
  Found operator()(const kernel::Hello& hello) const { return {hello.module}; }
  Found operator()(const kernel::Image& image) const {
    return {image.task.comm, image.exe, image.cwd, image.cgroup, image.argv};
  }
  Found operator()(const kernel::Fork& fork) const { return {fork.task.comm, fork.child.comm}; }
  Found operator()(const kernel::Rename& rename) const { return {rename.task.comm}; }
  Found operator()(const kernel::Move& move) const { return {move.task.comm, move.cgroup}; }
  Found operator()(const kernel::Around& /*around*/) const { return {}; }
  Found operator()(const kernel::Code& /*code*/) const { return {}; }
  Found operator()(const kernel::Memory& /*memory*/) const { return {}; }
  Found operator()(const kernel::Stack& /*stack*/) const { return {}; }
  Found operator()(const kernel::Signal& signal) const { return {signal.task.comm, signal.target.comm}; }
  Found operator()(const kernel::Return& /*returned*/) const { return {}; }
  Found operator()(const kernel::Exit& exit) const { return {exit.task.comm}; }
  Found operator()(const kernel::OomVictim& /*victim*/) const { return {}; }
  Found operator()(const kernel::SysRq& sysrq) const { return {sysrq.task.comm}; }
  Found operator()(const kernel::Connect& connect) const { return {connect.task.comm, connect.socket}; }
  Found operator()(const kernel::Goodbye& /*goodbye*/) const { return {}; }
};

/// The sum of their bytes, so that a text in other memory is noticed.
inline std::size_t touched(const KernelEvent& event) {
  std::size_t total = 0;
  for (const auto& text : std::visit(Texts(), event.what)) {
    for (char c : text.value_or("")) total += static_cast<unsigned char>(c);
  }
  return total;
}

struct Parsed {
  bool ok = false;
  KernelEvent event;
  WireStorage storage;
};

/// Parses from memory that ends with the line, so that reading beyond it is noticed.
inline std::unique_ptr<Parsed> parse(std::string_view line) {
  auto parsed = std::make_unique<Parsed>();
  std::unique_ptr<char[]> exact(new char[line.size()]);
  std::copy(line.begin(), line.end(), exact.get());
  parsed->ok = parse_wire(std::string_view(exact.get(), line.size()), parsed->event, parsed->storage);
  // Views are into the line: look at them while it is there.
  if (parsed->ok) {
    CHECK(touched(parsed->event) < line.size() * 256);
    if (const auto* signal = parsed->event.as<kernel::Signal>()) {
      CHECK(signal->ancestors.size() < line.size());
      for (const auto& one : signal->ancestors) CHECK(one.pid > 0);
    }
    if (const auto* around = parsed->event.as<kernel::Around>()) CHECK(around->seen);
  }
  return parsed;
}

struct Line {
  explicit Line(std::string text) : text_(std::move(text)) { ok = parse_wire(text_, event, storage_); }
  bool ok;
  KernelEvent event;

 private:
  std::string text_;
  WireStorage storage_;
};

}  // namespace wire_lines
