#include <deque>
#include <limits>
#include <random>
#include <tuple>

#include "backend/wire.h"
#include "catch.h"

using namespace stapkill;
using Kind = KernelEvent::Kind;

namespace {

/// Fields of any values; texts live as long as this does.
class Any {
 public:
  explicit Any(unsigned seed) : random_(seed) {}

  template <typename Number>
  void fill(Number& value) {
    auto bits = std::uint64_t{random_()} << 32 | random_();
    switch (random_() % 4) {
      case 0:
        value = static_cast<Number>(bits);
        break;
      case 1:
        value = std::numeric_limits<Number>::max();
        break;
      case 2:
        value = std::numeric_limits<Number>::min();
        break;
      default:
        value = static_cast<Number>(bits % 1000);
    }
  }
  void fill(bool& value) { value = random_() % 2; }
  void fill(std::string_view& value) { value = bytes(); }
  void fill(std::string& value) { value = bytes(); }
  void fill(std::optional<std::string_view>& value) {
    value.reset();
    if (random_() % 4) value = bytes();
  }
  template <typename... Fields>
  void fill_all(Fields&... fields) {
    (fill(fields), ...);
  }
  void pid(int& value) { value = static_cast<int>(random_() % 4194305); }

  /// Any bytes, and often those that have a meaning.
  std::string_view bytes() {
    constexpr std::string_view special("- %\0\n\x7f\x80", 7);
    std::string& text = texts_.emplace_back();
    for (std::size_t size = random_() % 12; size > 0; --size) {
      text += random_() % 2 ? special[random_() % special.size()] : static_cast<char>(random_());
    }
    return text;
  }
  std::string name() {
    std::string text = "f";
    for (std::size_t size = random_() % 8; size > 0; --size) text += "abc_019"[random_() % 7];
    return text;
  }
  bool now_and_then() { return random_() % 3 == 0; }

 private:
  std::mt19937 random_;
  std::deque<std::string> texts_;
};

void fill_circumstances(Any& any, KernelEvent& event) {
  auto seen = std::make_shared<Circumstances>();
  any.pid(seen->target_tid);
  any.fill_all(seen->signal, seen->address, seen->instruction, seen->file, seen->place, seen->cpu_ns, seen->cpu_soft,
               seen->cpu_hard, seen->file_size, seen->core_size, seen->oom_score_adj, seen->pdeath_signal, seen->ptrace,
               seen->threads, seen->tty, seen->stack_pointer, seen->stack_top, seen->stack_limit);
  if (any.now_and_then()) {
    seen->memory.emplace();
    any.fill_all(seen->memory->usage, seen->memory->limit, seen->memory->group);
  }
  if (any.now_and_then()) {
    seen->held.emplace();
    any.fill_all(seen->held->anon, seen->held->file, seen->held->shmem, seen->held->swap, seen->held->tables);
    seen->held->total = 1 + seen->held->anon / 2;
  }
  while (!any.now_and_then()) seen->stack.push_back(any.name());
  event.seen = std::move(seen);
}

/// An event with all that the wire tells of this kind.
KernelEvent make(Kind kind, Any& any) {
  KernelEvent event;
  event.kind = kind;
  any.fill_all(event.cpu, event.sequence, event.boot_ns);
  bool image = kind == Kind::describe || kind == Kind::exec;
  bool whole = image || kind == Kind::moved || kind == Kind::signal || kind == Kind::exit || kind == Kind::sysrq;
  if (kind == Kind::hello) any.fill_all(event.value, event.module);
  if (kind == Kind::goodbye) any.fill_all(event.value, event.ended_cpu);
  if (whole || kind == Kind::returned || kind == Kind::oom_victim) any.pid(event.task.tid);
  if (whole || kind == Kind::returned || kind == Kind::fork || kind == Kind::rename) any.pid(event.task.pid);
  if (whole || kind == Kind::fork || kind == Kind::rename) any.fill(event.task.start);
  if (whole || kind == Kind::rename) any.fill(event.task.comm);
  if (whole) any.fill(event.task.uid);
  if (image || kind == Kind::fork) any.pid(event.parent);
  if (image) any.fill_all(event.exe, event.cwd, event.cgroup, event.argv, event.argv_bytes);
  if (kind == Kind::moved) any.fill(event.cgroup);
  if (kind == Kind::fork || kind == Kind::signal) {
    any.pid(event.other.pid);
    any.fill_all(event.other.start, event.other.uid, event.other.comm);
  }
  if (kind == Kind::signal) {
    any.pid(event.other.tid);
    any.fill_all(event.signal, event.code, event.result, event.call, event.own_context, event.compat, event.exiting,
                 event.blocked, event.handled);
    event.ancestors = any.now_and_then() ? "" : "150.50,1.2";
  }
  if (kind == Kind::returned) any.fill_all(event.call, event.value);
  if (kind == Kind::exit) any.fill_all(event.value, event.watched, event.seccomp);
  if (kind == Kind::exit) any.pid(event.own_pid);
  if (kind == Kind::sysrq) any.fill(event.own_context);
  if (kind == Kind::circumstances) fill_circumstances(any, event);
  return event;
}

void check_same(const KernelEvent::Task& one, const KernelEvent::Task& other) {
  CHECK(one.pid == other.pid);
  CHECK(one.tid == other.tid);
  CHECK(one.start == other.start);
  CHECK(one.uid == other.uid);
  CHECK(one.comm == other.comm);
}

auto numbers(const KernelEvent& event) {
  return std::tuple(event.kind, event.cpu, event.sequence, event.boot_ns, event.ended_cpu, event.parent, event.watched,
                    event.argv_bytes, event.signal, event.code, event.result, event.call, event.own_context,
                    event.compat, event.exiting, event.blocked, event.handled, event.seccomp, event.own_pid,
                    event.value);
}

auto parts(const Circumstances& seen) {
  return std::tuple(seen.target_tid, seen.signal, seen.stack, seen.address, seen.instruction, seen.file, seen.place,
                    seen.cpu_ns, seen.cpu_soft, seen.cpu_hard, seen.file_size, seen.core_size, seen.oom_score_adj,
                    seen.pdeath_signal, seen.ptrace, seen.threads, seen.tty, seen.stack_pointer, seen.stack_top,
                    seen.stack_limit, seen.held.has_value());
}

auto parts(const Circumstances::Held& held) {
  return std::tuple(held.total, held.anon, held.file, held.shmem, held.swap, held.tables);
}

void check_same(const KernelEvent& one, const KernelEvent& other) {
  CHECK((numbers(one) == numbers(other)));
  check_same(one.task, other.task);
  check_same(one.other, other.other);
  for (auto text : {&KernelEvent::exe, &KernelEvent::cwd, &KernelEvent::cgroup, &KernelEvent::argv})
    CHECK((one.*text == other.*text));
  CHECK(one.module == other.module);
  CHECK(one.ancestors == other.ancestors);
  REQUIRE(bool{one.seen} == bool{other.seen});
  if (!one.seen) return;
  CHECK((parts(*one.seen) == parts(*other.seen)));
  REQUIRE(one.seen->memory.has_value() == other.seen->memory.has_value());
  if (one.seen->held) CHECK((parts(*one.seen->held) == parts(*other.seen->held)));
  if (!one.seen->memory) return;
  const auto &mine = *one.seen->memory, &its = *other.seen->memory;
  CHECK((std::tuple(mine.level, mine.usage, mine.limit, mine.group) ==
         std::tuple(its.level, its.usage, its.limit, its.group)));
}

constexpr Kind kKinds[] = {Kind::hello,         Kind::describe, Kind::exec,     Kind::fork, Kind::rename,
                           Kind::circumstances, Kind::signal,   Kind::returned, Kind::exit, Kind::oom_victim,
                           Kind::sysrq,         Kind::goodbye,  Kind::moved};

}  // namespace

TEST_CASE("wire: what is written is read as the same event", "[wire]") {
  for (Kind kind : kKinds) {
    for (unsigned seed = 0; seed < 500; ++seed) {
      INFO(static_cast<int>(kind) << ' ' << seed);
      Any any(seed);
      KernelEvent event = make(kind, any);
      std::string line;
      append_wire(line, event);
      REQUIRE(line.find('\n') == line.size() - 1);
      line.pop_back();
      KernelEvent read;
      std::string storage;
      REQUIRE(parse_wire(line, read, storage));
      check_same(event, read);
    }
  }
}

TEST_CASE("wire: circumstances that are not there make no line", "[wire]") {
  KernelEvent event;
  event.kind = Kind::circumstances;
  std::string line;
  append_wire(line, event);
  CHECK(line.empty());
}
