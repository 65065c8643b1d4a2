#include "backend/wire.h"
#include "backend/wire_fields.h"

namespace stapkill {
namespace {

using Kind = KernelEvent::Kind;

void task(WireLine& line, const KernelEvent::Task& task, bool with_tid) {
  line.number(task.pid);
  if (with_tid) line.number(task.tid);
  line.number(task.start);
}

void owner(WireLine& line, const KernelEvent::Task& task) {
  line.number(task.uid).bytes(task.comm);
}

void image(WireLine& line, const KernelEvent& event) {
  task(line, event.task, true);
  line.number(event.parent);
  owner(line, event.task);
  line.maybe(event.exe).maybe(event.cwd).maybe(event.cgroup).number(event.argv_bytes).maybe(event.argv);
}

void fork(WireLine& line, const KernelEvent& event) {
  line.number(event.parent);
  task(line, event.task, false);
  task(line, event.other, false);
  owner(line, event.other);
}

void moved(WireLine& line, const KernelEvent& event) {
  task(line, event.task, true);
  owner(line, event.task);
  line.maybe(event.cgroup);
}

void signal(WireLine& line, const KernelEvent& event) {
  int context = event.own_context | event.compat << 1 | event.exiting << 3 | event.blocked << 4 | event.handled << 5 |
                event.refused << 6;
  line.number(event.signal).number(event.code).number(event.result).number(0).number(event.call).number(context);
  for (const auto* side : {&event.task, &event.other}) {
    task(line, *side, true);
    owner(line, *side);
  }
  line.raw(event.ancestors).maybe_number(event.aim);
}

void circumstances(WireLine& line, const Circumstances& seen) {
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
}

void exit(WireLine& line, const KernelEvent& event) {
  task(line, event.task, true);
  line.number(event.value).number(int{event.watched}).number(event.seccomp);
  owner(line, event.task);
  line.number(event.own_pid).maybe_number(event.pending);
}

struct Row {
  Kind kind;
  std::string_view letter;
  void (*fields)(WireLine&, const KernelEvent&);
};

constexpr Row kRows[] = {
    {Kind::hello, "H", [](WireLine& line, const KernelEvent& event) { line.number(event.value).bytes(event.module); }},
    {Kind::describe, "P", image},
    {Kind::exec, "X", image},
    {Kind::fork, "F", fork},
    {Kind::rename, "R",
     [](WireLine& line, const KernelEvent& event) {
       task(line, event.task, false);
       line.bytes(event.task.comm);
     }},
    {Kind::moved, "G", moved},
    {Kind::circumstances, "C", [](WireLine& line, const KernelEvent& event) { circumstances(line, *event.seen); }},
    {Kind::signal, "S", signal},
    {Kind::returned, "K",
     [](WireLine& line, const KernelEvent& event) {
       line.number(event.task.pid).number(event.task.tid).number(event.call).number(event.value);
     }},
    {Kind::exit, "E", exit},
    {Kind::oom_victim, "O", [](WireLine& line, const KernelEvent& event) { line.number(event.task.tid); }},
    {Kind::sysrq, "Q",
     [](WireLine& line, const KernelEvent& event) {
       line.number(int{event.own_context});
       task(line, event.task, true);
       owner(line, event.task);
     }},
    {Kind::goodbye, "Z",
     [](WireLine& line, const KernelEvent& event) { line.number(event.ended_cpu).number(event.value); }},
};

}  // namespace

void append_wire(std::string& out, const KernelEvent& event) {
  for (const auto& row : kRows) {
    if (row.kind != event.kind || (event.kind == Kind::circumstances && !event.seen)) continue;
    WireLine line(out, row.letter);
    line.number(event.cpu).number(event.sequence).number(event.boot_ns);
    row.fields(line, event);
  }
}

}  // namespace stapkill
