#include "backend/bpf/decode.h"

#include <cstring>
#include <memory>
#include <vector>

#include "backend/bpf/decode_records.h"
#include "backend/bpf/record.h"
#include "backend/wire_lines.h"
#include "base/kernel_numbers.h"
#include "catch.h"

using namespace decode_records;
using namespace std::string_view_literals;
using wire_lines::ancestors, wire_lines::is, wire_lines::Keys;

namespace {

/// An image's record: paths as components, the last one first.
std::string image(sk_kind kind, std::string_view exe, std::string_view cwd, std::string_view cgroup,
                  std::string_view argv, std::uint32_t exe_flags = SK_PATH_KNOWN) {
  auto size = [](std::string_view text) { return static_cast<std::uint32_t>(text.size()); };
  sk_image made{.header = header(kind), .task = kSender, .parent = 150, .argv_known = 1, .argv_bytes = 100'000};
  made.exe = {size(exe), exe_flags};
  made.cwd = {size(cwd), SK_PATH_KNOWN};
  made.cgroup = {size(cgroup), SK_PATH_KNOWN};
  made.argv_taken = size(argv);
  made.used = made.exe.bytes + made.cwd.bytes + made.cgroup.bytes;
  std::string record = bytes_of(made);
  for (auto part : {exe, cwd, cgroup, argv}) record += part;
  return record;
}

/// The same with a login and a terminal.
std::string image_in_login(std::uint32_t uid, std::uint32_t session, std::string_view tty) {
  auto record = image(SK_EXEC, "", "", "", "");
  sk_image made{};
  std::memcpy(&made, record.data(), sizeof made);
  made.login_known = 1;
  made.loginuid = uid;
  made.audit_session = session;
  std::memcpy(made.tty, tty.data(), tty.size());
  std::memcpy(record.data(), &made, sizeof made);
  return record;
}

std::string signal(std::vector<sk_ancestor> ancestors) {
  sk_signal made{
      .header = header(SK_SIGNAL), .sender = kSender, .target = kTarget, .number = 9, .code = -6, .result = 2};
  made.call = 62;
  made.context = SK_OWN_CONTEXT | SK_COMPAT;
  made.depth = static_cast<std::uint32_t>(ancestors.size());
  std::string record = bytes_of(made);
  for (const auto& one : ancestors) record += bytes_of(one);
  return record;
}

std::string fork_record() {
  return bytes_of(sk_fork{.header = header(SK_FORK), .parent = kSender, .child = kTarget, .real_parent = 150});
}
std::string rename_record() {
  return bytes_of(sk_rename{.header = header(SK_RENAME), .task = kTarget});
}
std::string returned_record() {
  return bytes_of(sk_returned{.header = header(SK_RETURNED), .pid = 200, .tid = 201, .value = -3});
}
std::string exit_record() {
  return bytes_of(sk_exit{.header = header(SK_EXIT), .task = kTarget, .status = 0x8b, .watched = 1});
}
std::string oom_record() {
  return bytes_of(sk_oom{.header = header(SK_OOM), .tid = 100});
}

std::vector<std::string> one_of_each() {
  return {image(SK_DESCRIBE, "sh\0bin\0"sv, "srv\0"sv, ""sv, "sh\0-c\0"sv),
          image(SK_EXEC, "sh\0bin\0"sv, "srv\0"sv, ""sv, "sh\0-c\0"sv),
          image(SK_MOVED, ""sv, ""sv, "a.service\0system.slice\0"sv, ""sv),
          fork_record(),
          rename_record(),
          signal({{54, 150, 0}, {2, 1, 0}}),
          returned_record(),
          exit_record(),
          oom_record()};
}

/// All texts that an event has views of, so that a view into other memory is noticed.
std::size_t touched(const KernelEvent& event) {
  std::size_t total = wire_lines::touched(event);
  if (!event.as<kernel::Signal>()) return total;
  for (const auto& one : ancestors(event)) total += static_cast<std::size_t>(one.pid) + one.start;
  return total;
}

std::string with(std::string record, std::size_t at, std::uint32_t value) {
  std::memcpy(record.data() + at, &value, sizeof value);
  return record;
}

template <typename Kind>
void check_image(sk_kind kind) {
  Decoded decoded(image(kind, "bash\0bin\0usr\0"sv, "srv\0"sv, "a.service\0system.slice\0"sv, "sh\0-c\0x"sv));
  REQUIRE(decoded.ok);
  const auto& read = is<Kind>(decoded.event);
  CHECK(read.parent == 150);
  CHECK(read.exe == "/usr/bin/bash");
  CHECK(read.cwd == "/srv");
  CHECK(read.cgroup == "/system.slice/a.service");
  CHECK(read.argv == "sh\0-c\0x"sv);
  CHECK(read.argv_bytes == 100'000);
}

}  // namespace

TEST_CASE("decode: the line that a bash runs", "[decode]") {
  Decoded forked(bytes_of(
      sk_fork{.header = header(SK_FORK), .parent = kSender, .child = kTarget, .bash = 12 << SK_BASH_FLAG_BITS | 2}));
  REQUIRE(forked.ok);
  CHECK(forked.event.as<kernel::Fork>()->bash.number == 12);
  CHECK(forked.event.as<kernel::Fork>()->bash.in_function);
  sk_signal sent{.header = header(SK_SIGNAL), .sender = kSender, .target = kTarget, .number = 9};
  sent.bash = 7 << SK_BASH_FLAG_BITS | SK_BASH_SOURCE;
  Decoded signal(bytes_of(sent));
  REQUIRE(signal.ok);
  CHECK(signal.event.as<kernel::Signal>()->bash.number == 7);
  CHECK(signal.event.as<kernel::Signal>()->bash.in_source);
}

TEST_CASE("decode: a signal", "[decode]") {
  Decoded decoded(signal({{54, 150, 0}, {2, 1, 0}}));
  REQUIRE(decoded.ok);
  CHECK(decoded.event.cpu == 3);
  CHECK(decoded.event.boot == 123456789);
  const auto& sent = is<kernel::Signal>(decoded.event);
  CHECK(sent.task.pid == 200);
  CHECK(sent.task.tid == 201);
  CHECK(sent.task.start == 55);
  CHECK(sent.task.uid == 1000);
  CHECK(sent.task.comm == "my shell");
  CHECK(sent.target.pid == 100);
  CHECK(sent.target.comm == "sleep");
  CHECK(sent.number == 9);
  CHECK(sent.code == -6);
  CHECK(sent.result == 2);
  CHECK(sent.call == 62);
  CHECK(sent.own_context);
  CHECK(sent.compat);
  CHECK(ancestors(decoded.event) == Keys{{150, 54}, {1, 2}});
}

TEST_CASE("decode: each signal has its own ancestors, also after a signal with others", "[decode]") {
  Decoder decoder;
  KernelEvent event;
  REQUIRE(decoder.decode(signal({{54, 150, 0}}), event));
  CHECK(ancestors(event) == Keys{{150, 54}});
  REQUIRE(decoder.decode(signal({{54, 150, 0}}), event));
  CHECK(ancestors(event) == Keys{{150, 54}});
  REQUIRE(decoder.decode(signal({{55, 150, 0}}), event));
  CHECK(ancestors(event) == Keys{{150, 55}});
  REQUIRE(decoder.decode(signal({}), event));
  CHECK(ancestors(event).empty());
}

TEST_CASE("decode: a description and an exec", "[decode]") {
  check_image<kernel::Describe>(SK_DESCRIBE);
  check_image<kernel::Exec>(SK_EXEC);
}

TEST_CASE("decode: a move has the cgroup", "[decode]") {
  sk_image made{.header = header(SK_MOVED), .task = kSender};
  constexpr auto path = "a.service\0system.slice\0"sv;
  made.cgroup = {static_cast<std::uint32_t>(path.size()), SK_PATH_KNOWN};
  made.used = made.cgroup.bytes;
  Decoded decoded(bytes_of(made) + std::string(path));
  REQUIRE(decoded.ok);
  const auto& move = is<kernel::Move>(decoded.event);
  CHECK(move.task.pid == 200);
  CHECK(move.task.start == 55);
  CHECK(move.task.uid == 1000);
  CHECK(move.task.comm == "my shell");
  CHECK(move.cgroup == "/system.slice/a.service");
}

TEST_CASE("decode: paths", "[decode]") {
  auto exe = [](std::string_view components, std::uint32_t flags) -> std::optional<std::string> {
    Decoded decoded(image(SK_EXEC, components, "srv\0"sv, "c\0"sv, "x\0"sv, flags));
    REQUIRE(decoded.ok);
    const auto& exec = is<kernel::Exec>(decoded.event);
    CHECK(exec.cwd == "/srv");
    CHECK(exec.cgroup == "/c");
    CHECK(exec.argv == "x\0"sv);
    return exec.exe ? std::optional<std::string>(*exec.exe) : std::nullopt;
  };
  CHECK(exe("", SK_PATH_KNOWN) == "/");
  CHECK(exe("a\0"sv, SK_PATH_KNOWN) == "/a");
  CHECK(exe("c\0b\0a\0"sv, SK_PATH_KNOWN | SK_PATH_DELETED) == "/a/b/c (deleted)");
  CHECK(exe("memfd:x\0"sv, SK_PATH_KNOWN | SK_PATH_DELETED) == "/memfd:x (deleted)");
  CHECK(exe("c\0b\0"sv, 0) == std::nullopt);
  CHECK(exe("c\0b\0"sv, SK_PATH_DELETED) == std::nullopt);
  // Any bytes, and no NUL where one belongs, or too many.
  CHECK(exe("\xff\n\0b"sv, SK_PATH_KNOWN) == "/b/\xff\n");
  CHECK(exe("c\0\0a\0"sv, SK_PATH_KNOWN) == "/a//c");
  CHECK(exe("\0\0"sv, SK_PATH_KNOWN) == "//");
}

TEST_CASE("decode: an argv that could not be read", "[decode]") {
  auto record = image(SK_EXEC, "sh\0"sv, ""sv, ""sv, ""sv);
  Decoded empty(record);
  REQUIRE(empty.ok);
  CHECK(is<kernel::Exec>(empty.event).argv == "");
  Decoded unknown(with(record, offsetof(sk_image, argv_known), 0));
  REQUIRE(unknown.ok);
  CHECK_FALSE(is<kernel::Exec>(unknown.event).argv);
}

TEST_CASE("decode: a fork, a rename, a return, an end, a victim", "[decode]") {
  Decoded forked(fork_record());
  REQUIRE(forked.ok);
  const auto& fork = is<kernel::Fork>(forked.event);
  CHECK(fork.task.pid == 200);
  CHECK(fork.child.pid == 100);
  CHECK(fork.child.start == 44);
  CHECK(fork.parent == 150);
  Decoded renamed(rename_record());
  REQUIRE(renamed.ok);
  CHECK(is<kernel::Rename>(renamed.event).task.comm == "sleep");
  Decoded back(returned_record());
  REQUIRE(back.ok);
  const auto& returned = is<kernel::Return>(back.event);
  CHECK(returned.pid == 200);
  CHECK(returned.tid == 201);
  CHECK(returned.value == -3);
  Decoded ended(exit_record());
  REQUIRE(ended.ok);
  const auto& exit = is<kernel::Exit>(ended.event);
  CHECK(exit.status == 0x8b);
  CHECK(exit.watched);
  Decoded oom(oom_record());
  REQUIRE(oom.ok);
  CHECK(is<kernel::OomVictim>(oom.event).tid == 100);
}

TEST_CASE("decode: a comm without a NUL is all of its bytes and no more", "[decode]") {
  sk_rename record{.header = header(SK_RENAME), .task = task(100, 100, 44, 33, "sixteen letters!")};
  record.task.unused = 0x41414141;
  Decoded decoded(bytes_of(record));
  REQUIRE(decoded.ok);
  CHECK(is<kernel::Rename>(decoded.event).task.comm == "sixteen letters!");
}

TEST_CASE("decode: a truncated record is refused, and nothing is read beyond its end", "[decode]") {
  for (const auto& record : one_of_each()) {
    CHECK(Decoded(record).ok);
    for (std::size_t length = 0; length < record.size(); ++length) {
      CHECK_FALSE(Decoded(std::string_view(record).substr(0, length)).ok);
    }
    Decoded longer(record + "what comes after");
    REQUIRE(longer.ok);
    CHECK(touched(longer.event) == touched(Decoded(record).event));
  }
}

TEST_CASE("decode: wrong lengths", "[decode]") {
  auto record = image(SK_EXEC, "sh\0"sv, "srv\0"sv, "c\0"sv, "x\0"sv);
  for (auto at : {offsetof(sk_image, exe.bytes), offsetof(sk_image, cwd.bytes), offsetof(sk_image, cgroup.bytes),
                  offsetof(sk_image, argv_taken)}) {
    for (std::uint32_t length : {1000U, 0x7fffffffU, 0xffffffffU}) CHECK_FALSE(Decoded(with(record, at, length)).ok);
  }
  auto sent = signal({{54, 150, 0}});
  for (std::uint32_t depth : {2U, 64U, 65U, 0x10000000U, 0xffffffffU}) {
    CHECK_FALSE(Decoded(with(sent, offsetof(sk_signal, depth), depth)).ok);
  }
  std::vector<sk_ancestor> most(SK_MOST_ANCESTORS, sk_ancestor{1, 2, 0}), more(SK_MOST_ANCESTORS + 1);
  CHECK(Decoded(signal(most)).ok);
  CHECK_FALSE(Decoded(signal(more)).ok);
}

TEST_CASE("decode: impossible ids", "[decode]") {
  struct Place {
    std::string record;
    std::size_t at;
  };
  auto of_task = [](std::size_t at) { return std::vector{at + offsetof(sk_task, pid), at + offsetof(sk_task, tid)}; };
  std::vector<Place> places = {{fork_record(), offsetof(sk_fork, real_parent)},
                               {returned_record(), offsetof(sk_returned, pid)},
                               {returned_record(), offsetof(sk_returned, tid)},
                               {oom_record(), offsetof(sk_oom, tid)},
                               {image(SK_EXEC, "", "", "", ""), offsetof(sk_image, parent)}};
  for (auto at : of_task(offsetof(sk_signal, sender))) places.push_back({signal({}), at});
  for (auto at : of_task(offsetof(sk_signal, target))) places.push_back({signal({}), at});
  for (auto at : of_task(offsetof(sk_fork, parent))) places.push_back({fork_record(), at});
  for (auto at : of_task(offsetof(sk_fork, child))) places.push_back({fork_record(), at});
  for (auto at : of_task(offsetof(sk_rename, task))) places.push_back({rename_record(), at});
  for (auto at : of_task(offsetof(sk_exit, task))) places.push_back({exit_record(), at});
  for (auto at : of_task(offsetof(sk_image, task))) places.push_back({image(SK_EXEC, "", "", "", ""), at});
  for (const auto& [record, at] : places) {
    INFO("at " << at << " of " << record.size());
    CHECK(Decoded(with(record, at, kMostPid)).ok);
    CHECK_FALSE(Decoded(with(record, at, kMostPid + 1)).ok);
    CHECK_FALSE(Decoded(with(record, at, 0xffffffff)).ok);
  }
}

TEST_CASE("decode: an impossible ancestor is damage", "[decode]") {
  for (std::size_t which : {0U, 1U}) {
    std::vector<sk_ancestor> listed = {{54, 150, 0}, {2, 1, 0}};
    listed[which].pid = kMostPid;
    CHECK(Decoded(signal(listed)).ok);
    for (std::uint32_t id : {kMostPid + 1, 0x7fffffffU, 0xffffffffU}) {
      listed[which].pid = id;
      CHECK_FALSE(Decoded(signal(listed)).ok);
    }
  }
}

TEST_CASE("decode: an unknown kind", "[decode]") {
  auto record = signal({});
  for (std::uint32_t kind : {static_cast<std::uint32_t>(SK_KINDS), 0x7fffffffU, 0xffffffffU}) {
    CHECK_FALSE(Decoded(with(record, offsetof(sk_header, kind), kind)).ok);
  }
}

TEST_CASE("decode: who logged in, and the terminal", "[decode]") {
  Decoded alice(image_in_login(1000, 3, "pts12"));
  REQUIRE(alice.ok);
  CHECK(alice.event.as<kernel::Exec>()->login == Login{1000, 3});
  CHECK(alice.event.as<kernel::Exec>()->tty == "pts12");
  Decoded nobody(image_in_login(0xffffffff, 0xffffffff, ""));
  REQUIRE(nobody.ok);
  CHECK(nobody.event.as<kernel::Exec>()->login == Login{-1, -1});
  CHECK(nobody.event.as<kernel::Exec>()->tty == "");
  Decoded unknown(image(SK_EXEC, "", "", "", ""));
  REQUIRE(unknown.ok);
  CHECK_FALSE(unknown.event.as<kernel::Exec>()->login);
  Decoded whole(image_in_login(0, 1, std::string(SK_TTY, 't')));  // no NUL: damaged, never read beyond
  REQUIRE(whole.ok);
  CHECK(whole.event.as<kernel::Exec>()->tty == std::string(SK_TTY, 't'));
}
