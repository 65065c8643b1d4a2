#include <fmt/format.h>

#include <cassert>
#include <cstring>

#include "backend/wire.h"
#include "backend/wire_fields.h"

namespace stapkill {
namespace {

void leader(WireLine& line, const kernel::Task& task) {
  line.number(task.pid).number(task.start);
}

void thread(WireLine& line, const kernel::Task& task) {
  line.number(task.pid).number(task.tid).number(task.start);
}

void owner(WireLine& line, const kernel::Task& task) {
  line.number(task.uid).bytes(task.comm);
}

constexpr std::string_view letter_of(const kernel::Hello&) {
  return "H";
}
constexpr std::string_view letter_of(const kernel::Describe&) {
  return "P";
}
constexpr std::string_view letter_of(const kernel::Exec&) {
  return "X";
}
constexpr std::string_view letter_of(const kernel::Fork&) {
  return "F";
}
constexpr std::string_view letter_of(const kernel::Rename&) {
  return "R";
}
constexpr std::string_view letter_of(const kernel::Move&) {
  return "G";
}
constexpr std::string_view letter_of(const kernel::Around&) {
  return "C";
}
constexpr std::string_view letter_of(const kernel::Signal&) {
  return "S";
}
constexpr std::string_view letter_of(const kernel::Return&) {
  return "K";
}
constexpr std::string_view letter_of(const kernel::Exit&) {
  return "E";
}
constexpr std::string_view letter_of(const kernel::OomVictim&) {
  return "O";
}
constexpr std::string_view letter_of(const kernel::SysRq&) {
  return "Q";
}
constexpr std::string_view letter_of(const kernel::Connect&) {
  return "N";
}
constexpr std::string_view letter_of(const kernel::Code&) {
  return "M";
}
constexpr std::string_view letter_of(const kernel::Memory&) {
  return "B";
}
constexpr std::string_view letter_of(const kernel::Stack&) {
  return "T";
}
constexpr std::string_view letter_of(const kernel::Goodbye&) {
  return "Z";
}

void write(WireLine& line, const kernel::Hello& hello) {
  line.number(hello.version).bytes(hello.module);
}

void write(WireLine& line, const kernel::Image& image) {
  thread(line, image.task);
  line.number(image.parent);
  owner(line, image.task);
  line.maybe(image.exe).maybe(image.cwd).maybe(image.cgroup).number(image.argv_bytes).maybe(image.argv);
  line.login(image.login).maybe(image.tty);
}

void write(WireLine& line, const kernel::Fork& fork) {
  line.number(fork.parent);
  leader(line, fork.task);
  leader(line, fork.child);
  owner(line, fork.child);
  line.number(fork.bash.packed());
}

void write(WireLine& line, const kernel::Rename& rename) {
  leader(line, rename.task);
  line.bytes(rename.task.comm);
}

void write(WireLine& line, const kernel::Move& move) {
  thread(line, move.task);
  owner(line, move.task);
  line.maybe(move.cgroup);
}

void write(WireLine& line, const kernel::Signal& signal) {
  int context = signal.own_context | signal.compat << 1 | signal.exiting << 3 | signal.blocked << 4 |
                signal.handled << 5 | signal.refused << 6;
  line.number(signal.number).number(signal.code).number(signal.result).number(0).number(signal.call).number(context);
  for (const auto* side : {&signal.task, &signal.target}) {
    thread(line, *side);
    owner(line, *side);
  }
  std::string ancestors;
  for (const auto& key : signal.ancestors) {
    if (!ancestors.empty()) ancestors += ',';
    ancestors += std::to_string(key.pid) + '.' + std::to_string(key.start);
  }
  line.raw(ancestors).maybe_number(signal.aim).number(signal.bash.packed());
}

void write(WireLine& line, const kernel::Return& returned) {
  line.number(returned.pid).number(returned.tid).number(returned.call).number(returned.value);
}

void write(WireLine& line, const kernel::Exit& exit) {
  thread(line, exit.task);
  line.number(exit.status).number(int{exit.watched}).number(exit.seccomp);
  owner(line, exit.task);
  line.number(exit.own_pid).maybe_number(exit.pending);
}

void write(WireLine& line, const kernel::Around& around) {
  assert(around.seen);
  const Circumstances& seen = *around.seen;
  auto memory = seen.memory.value_or(Circumstances::Memory{.level = -1});
  for (int number :
       {seen.target_tid, seen.signal, seen.oom_score_adj, seen.pdeath_signal, seen.threads, memory.level}) {
    line.number(number);
  }
  for (auto number : {memory.usage, memory.limit, seen.ptrace, seen.address, seen.instruction, seen.place, seen.cpu_ns,
                      seen.cpu_soft, seen.cpu_hard, seen.file_size, seen.core_size}) {
    line.number(number);
  }
  std::string stack;
  for (const auto& name : seen.stack) stack += (stack.empty() ? "" : ",") + name;
  line.bytes(memory.group).bytes(seen.tty).bytes(seen.file).bytes(stack);
  auto held = seen.held.value_or(Circumstances::Held{});
  for (auto number : {seen.stack_pointer, seen.stack_top, seen.stack_limit, held.total, held.anon, held.file,
                      held.shmem, held.swap, held.tables}) {
    line.number(number);
  }
  line.number(int{seen.stack_above});
}

void write(WireLine& line, const kernel::Code& code) {
  for (auto number : {code.mapping.start, code.mapping.end, code.mapping.offset, code.mapping.inode})
    line.number(number);
  line.number(code.mapping.device).bytes(code.mapping.path);
}

void write(WireLine& line, const kernel::Memory& memory) {
  std::string words;
  for (std::size_t at = 0; at + sizeof(std::uint64_t) <= memory.bytes.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, memory.bytes.data() + at, sizeof word);
    words += fmt::format("{}{:x}", at ? "," : "", word);
  }
  line.number(memory.address).raw(words);
}

void write(WireLine& line, const kernel::Stack& stack) {
  assert(stack.top);
  line.number(int{stack.at_exit}).number(stack.top->pid).number(stack.top->tid).number(stack.top->process_start);
  std::string registers;
  for (auto value : stack.top->registers) {
    if (!registers.empty()) registers += ',';
    registers += std::to_string(value);
  }
  line.raw(registers).number(stack.top->from).bytes(stack.top->memory);
}

void write(WireLine& line, const kernel::OomVictim& victim) {
  line.number(victim.tid);
}

void write(WireLine& line, const kernel::SysRq& sysrq) {
  line.number(int{sysrq.own_context});
  thread(line, sysrq.task);
  owner(line, sysrq.task);
}

void write(WireLine& line, const kernel::Connect& connect) {
  thread(line, connect.task);
  owner(line, connect.task);
  line.number(connect.listener.pid).number(connect.listener.start).bytes(connect.socket);
}

void write(WireLine& line, const kernel::Goodbye& goodbye) {
  line.number(goodbye.cpu).number(goodbye.last);
}

}  // namespace

void append_wire(std::string& out, const KernelEvent& event) {
  std::visit(
      [&](const auto& kind) {
        WireLine line(out, letter_of(kind));
        line.number(event.cpu).number(event.sequence).number(event.boot);
        write(line, kind);
      },
      event.what);
}

}  // namespace stapkill
