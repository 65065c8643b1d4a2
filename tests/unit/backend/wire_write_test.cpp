#include <deque>
#include <limits>
#include <random>
#include <span>
#include <tuple>
#include <variant>
#include <vector>

#include "backend/wire.h"
#include "catch.h"

using namespace stapkill;

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
  void fill(Login& login) { fill_all(login.uid, login.session); }
  template <typename Value>
  void fill(std::optional<Value>& value) {
    value.reset();
    if (random_() % 4) fill(value.emplace());
  }
  template <typename... Fields>
  void fill_all(Fields&... fields) {
    (fill(fields), ...);
  }
  void pid(int& value) { value = static_cast<int>(random_() % 4194305); }
  void line(kernel::BashLine& value) { value = kernel::BashLine::of(static_cast<std::uint32_t>(random_())); }
  void level(int& value) { value = static_cast<int>(random_() % 16); }

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
  /// Any processes, often none.
  std::span<const ProcessKey> processes() {
    auto& list = lists_.emplace_back();
    while (!now_and_then()) {
      auto& one = list.emplace_back();
      one.pid = 1 + static_cast<int>(random_() % 4194304);
      fill(one.start);
    }
    return list;
  }
  bool now_and_then() { return random_() % 3 == 0; }

 private:
  std::mt19937 random_;
  std::deque<std::string> texts_;
  std::deque<std::vector<ProcessKey>> lists_;
};

void task(Any& any, kernel::Task& task, bool with_tid) {
  any.pid(task.pid);
  if (with_tid) any.pid(task.tid);
  any.fill(task.start);
}

void whole(Any& any, kernel::Task& one) {
  task(any, one, true);
  any.fill_all(one.uid, one.comm);
}

// All fields of each kind on the wire.

void fill(Any& any, kernel::Hello& hello) {
  any.fill_all(hello.version, hello.module);
}

void fill(Any& any, kernel::Image& image) {
  whole(any, image.task);
  any.pid(image.parent);
  any.fill_all(image.exe, image.cwd, image.cgroup, image.argv, image.argv_bytes, image.login, image.tty);
}

void fill(Any& any, kernel::Fork& fork) {
  task(any, fork.task, false);
  task(any, fork.child, false);
  any.fill_all(fork.child.uid, fork.child.comm);
  any.pid(fork.parent);
  any.line(fork.bash);
}

void fill(Any& any, kernel::Rename& rename) {
  task(any, rename.task, false);
  any.fill(rename.task.comm);
}

void fill(Any& any, kernel::Move& move) {
  whole(any, move.task);
  any.fill(move.cgroup);
}

void fill(Any& any, kernel::Around& around) {
  auto seen = std::make_shared<Circumstances>();
  any.pid(seen->target_tid);
  any.fill_all(seen->signal, seen->address, seen->instruction, seen->file, seen->place, seen->cpu_ns, seen->cpu_soft,
               seen->cpu_hard, seen->file_size, seen->core_size, seen->oom_score_adj, seen->pdeath_signal, seen->ptrace,
               seen->threads, seen->tty, seen->stack_pointer, seen->stack_above, seen->stack_top, seen->stack_limit);
  if (any.now_and_then()) {
    seen->memory = Circumstances::Memory{};
    any.level(seen->memory->level);
    any.fill_all(seen->memory->usage, seen->memory->limit, seen->memory->group);
  }
  if (any.now_and_then()) {
    seen->held = Circumstances::Held{};
    any.fill_all(seen->held->anon, seen->held->file, seen->held->shmem, seen->held->swap, seen->held->tables);
    seen->held->total = 1 + seen->held->anon / 2;
  }
  while (!any.now_and_then()) seen->stack.push_back(any.name());
  around.seen = std::move(seen);
}

void fill(Any& any, kernel::Code& code) {
  auto& mapping = code.mapping;
  any.fill_all(mapping.start, mapping.end, mapping.offset, mapping.inode, mapping.device, mapping.path);
}

void fill(Any& any, kernel::Memory& memory) {
  any.fill(memory.address);
  while (!any.now_and_then()) {
    std::uint64_t word = 0;
    any.fill(word);
    memory.bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
}

void fill(Any& any, kernel::Stack& stack) {
  auto top = std::make_shared<UserStack>();
  any.pid(top->pid);
  any.pid(top->tid);
  any.fill_all(stack.at_exit, top->process_start, top->from, top->memory);
  for (auto& value : top->registers) any.fill(value);
  stack.top = std::move(top);
}

void fill(Any& any, kernel::Signal& signal) {
  whole(any, signal.task);
  whole(any, signal.target);
  any.fill_all(signal.number, signal.code, signal.result, signal.call, signal.own_context, signal.compat,
               signal.exiting, signal.blocked, signal.handled, signal.refused, signal.aim);
  signal.ancestors = any.processes();
  any.line(signal.bash);
}

void fill(Any& any, kernel::Return& returned) {
  any.pid(returned.pid);
  any.pid(returned.tid);
  any.fill_all(returned.call, returned.value);
}

void fill(Any& any, kernel::Exit& exit) {
  whole(any, exit.task);
  any.fill_all(exit.status, exit.watched, exit.seccomp, exit.pending);
  any.pid(exit.own_pid);
}

void fill(Any& any, kernel::OomVictim& victim) {
  any.pid(victim.tid);
}

void fill(Any& any, kernel::SysRq& sysrq) {
  any.fill(sysrq.own_context);
  whole(any, sysrq.task);
}

void fill(Any& any, kernel::Connect& connect) {
  whole(any, connect.task);
  any.pid(connect.listener.pid);
  any.fill_all(connect.listener.start, connect.socket);
}

void fill(Any& any, kernel::Goodbye& goodbye) {
  any.fill_all(goodbye.cpu, goodbye.last);
}

// The fields of each kind, for comparison; also those that the wire does not have and that must stay unchanged.

auto parts(const kernel::Task& task) {
  return std::tuple(task.pid, task.tid, task.start, task.uid, task.comm);
}

auto parts(const kernel::Hello& hello) {
  return std::tuple(hello.version, hello.module);
}

auto parts(const kernel::Image& image) {
  return std::tuple(parts(image.task), image.parent, image.exe, image.cwd, image.cgroup, image.argv, image.argv_bytes);
}

auto parts(const kernel::Fork& fork) {
  return std::tuple(parts(fork.task), parts(fork.child), fork.parent, fork.bash.packed());
}

auto parts(const kernel::Rename& rename) {
  return parts(rename.task);
}

auto parts(const kernel::Move& move) {
  return std::tuple(parts(move.task), move.cgroup);
}

auto parts(const kernel::Signal& signal) {
  std::vector<ProcessKey> ancestors(signal.ancestors.begin(), signal.ancestors.end());
  return std::tuple(parts(signal.task), parts(signal.target), signal.number, signal.code, signal.result, signal.call,
                    signal.own_context, signal.compat, signal.exiting, signal.blocked, signal.handled, signal.refused,
                    signal.aim, std::move(ancestors), signal.bash.packed());
}

auto parts(const kernel::Return& returned) {
  return std::tuple(returned.pid, returned.tid, returned.call, returned.value);
}

auto parts(const kernel::Exit& exit) {
  return std::tuple(parts(exit.task), exit.status, exit.watched, exit.seccomp, exit.own_pid, exit.pending);
}

auto parts(const kernel::OomVictim& victim) {
  return std::tuple(victim.tid);
}

auto parts(const kernel::SysRq& sysrq) {
  return std::tuple(sysrq.own_context, parts(sysrq.task));
}

auto parts(const kernel::Connect& connect) {
  return std::tuple(parts(connect.task), connect.listener, connect.socket);
}

auto parts(const kernel::Code& code) {
  return std::tuple(code.mapping);
}

auto parts(const kernel::Memory& memory) {
  return std::tuple(memory.address, memory.bytes);
}

void check_same(const kernel::Stack& one, const kernel::Stack& other) {
  CHECK(one.at_exit == other.at_exit);
  CHECK((*one.top == *other.top));
}

auto parts(const kernel::Goodbye& goodbye) {
  return std::tuple(goodbye.cpu, goodbye.last);
}

auto parts(const Circumstances& seen) {
  return std::tuple(seen.target_tid, seen.signal, seen.stack, seen.address, seen.instruction, seen.file, seen.place,
                    seen.cpu_ns, seen.cpu_soft, seen.cpu_hard, seen.file_size, seen.core_size, seen.oom_score_adj,
                    seen.pdeath_signal, seen.ptrace, seen.threads, seen.tty, seen.stack_pointer, seen.stack_above,
                    seen.stack_top, seen.stack_limit);
}

auto parts(const Circumstances::Held& held) {
  return std::tuple(held.total, held.anon, held.file, held.shmem, held.swap, held.tables);
}

auto parts(const Circumstances::Memory& memory) {
  return std::tuple(memory.level, memory.usage, memory.limit, memory.group);
}

void check_same(const Circumstances& one, const Circumstances& other) {
  CHECK((parts(one) == parts(other)));
  REQUIRE(one.memory.has_value() == other.memory.has_value());
  REQUIRE(one.held.has_value() == other.held.has_value());
  if (one.memory) CHECK((parts(*one.memory) == parts(*other.memory)));
  if (one.held) CHECK((parts(*one.held) == parts(*other.held)));
}

template <typename Kind>
void check_same(const Kind& one, const Kind& other) {
  CHECK((parts(one) == parts(other)));
}

void check_same(const kernel::Around& one, const kernel::Around& other) {
  REQUIRE(one.seen);
  REQUIRE(other.seen);
  check_same(*one.seen, *other.seen);
}

/// Events of this kind with any values are read as they were written.
template <typename Kind>
void check_kind() {
  for (unsigned seed = 0; seed < 500; ++seed) {
    Any any(seed);
    KernelEvent event;
    any.fill_all(event.cpu, event.sequence, event.boot);
    event.boot &= INT64_MAX;  // no time since boot is negative
    auto& kind = event.what.emplace<Kind>();
    fill(any, kind);
    INFO(event.what.index() << ' ' << seed);
    std::string line;
    append_wire(line, event);
    REQUIRE(line.find('\n') == line.size() - 1);
    line.pop_back();
    KernelEvent read;
    WireStorage storage;
    REQUIRE(parse_wire(line, read, storage));
    CHECK(read.cpu == event.cpu);
    CHECK(read.sequence == event.sequence);
    CHECK(read.boot == event.boot);
    REQUIRE(read.as<Kind>());
    check_same(kind, *read.as<Kind>());
  }
}

template <typename... Kinds>
void check_all(const std::variant<Kinds...>& /*what*/) {
  (check_kind<Kinds>(), ...);
}

}  // namespace

TEST_CASE("wire: what is written is read as the same event", "[wire]") {
  check_all(KernelEvent().what);
}
