#include "backend/wire.h"

#include "backend/wire_fields.h"

namespace stapkill {
namespace {

using Fields = WireFields;

void task(Fields& fields, KernelEvent::Task& task, bool with_tid) {
  fields.pid(task.pid);
  if (with_tid) fields.pid(task.tid);
  fields.number(task.start);
}

void owner(Fields& fields, KernelEvent::Task& task) {
  fields.number(task.uid);
  fields.bytes(task.comm);
}

void image(Fields& fields, KernelEvent& event) {
  task(fields, event.task, true);
  fields.pid(event.parent);
  owner(fields, event.task);
  fields.bytes(event.exe);
  fields.bytes(event.cwd);
  fields.bytes(event.cgroup);
  fields.number(event.argv_bytes);
  fields.bytes(event.argv);
}

void moved(Fields& fields, KernelEvent& event) {
  task(fields, event.task, true);
  owner(fields, event.task);
  fields.bytes(event.cgroup);
}

void signal(Fields& fields, KernelEvent& event) {
  int context = 0, group = 0;
  fields.number(event.signal);
  fields.number(event.code);
  fields.number(event.result);
  fields.number(group);
  fields.number(event.call);
  fields.number(context);
  event.own_context = context & 1;
  event.compat = context & 2;
  event.exiting = context & 8;
  event.blocked = context & 16;
  event.handled = context & 32;
  event.refused = context & 64;
  task(fields, event.task, true);
  owner(fields, event.task);
  task(fields, event.other, true);
  owner(fields, event.other);
  fields.raw(event.ancestors);
  if (fields.more()) fields.maybe(event.aim);  // as the pending signals below: not in older recordings
}

void circumstances(Fields& fields, KernelEvent& event) {
  auto seen = std::make_shared<Circumstances>();
  Circumstances::Memory memory;
  std::string stack;
  fields.pid(seen->target_tid);
  for (auto* number : {&seen->signal, &seen->oom_score_adj, &seen->pdeath_signal, &seen->threads, &memory.level}) {
    fields.number(*number);
  }
  for (auto* number : {&memory.usage, &memory.limit, &seen->ptrace, &seen->address, &seen->instruction, &seen->place,
                       &seen->cpu_ns, &seen->cpu_soft, &seen->cpu_hard, &seen->file_size, &seen->core_size}) {
    fields.number(*number);
  }
  for (auto* text : {&memory.group, &seen->tty, &seen->file, &stack}) fields.text(*text);
  seen->stack = stack_names(stack);
  if (memory.level >= 0) seen->memory = memory;
  if (fields.more()) {
    Circumstances::Held held;
    for (auto* number : {&seen->stack_pointer, &seen->stack_top, &seen->stack_limit, &held.total, &held.anon,
                         &held.file, &held.shmem, &held.swap, &held.tables}) {
      fields.number(*number);
    }
    if (held.total) seen->held = held;
  }
  event.seen = std::move(seen);
}

bool parse_kind(char letter, KernelEvent& event, Fields& fields) {
  using Kind = KernelEvent::Kind;
  switch (letter) {
    case 'H':
      event.kind = Kind::hello;
      fields.number(event.value);
      fields.bytes(event.module);
      return true;
    case 'P':
    case 'X':
      event.kind = letter == 'P' ? Kind::describe : Kind::exec;
      image(fields, event);
      return true;
    case 'F':
      event.kind = Kind::fork;
      fields.pid(event.parent);
      task(fields, event.task, false);
      task(fields, event.other, false);
      owner(fields, event.other);
      return true;
    case 'R':
      event.kind = Kind::rename;
      task(fields, event.task, false);
      fields.bytes(event.task.comm);
      return true;
    case 'G':
      event.kind = Kind::moved;
      moved(fields, event);
      return true;
    case 'S':
      event.kind = Kind::signal;
      signal(fields, event);
      return true;
    case 'K':
      event.kind = Kind::returned;
      fields.pid(event.task.pid);
      fields.pid(event.task.tid);
      fields.number(event.call);
      fields.number(event.value);
      return true;
    case 'E':
      event.kind = Kind::exit;
      task(fields, event.task, true);
      fields.number(event.value);
      fields.flag(event.watched);
      fields.number(event.seccomp);
      owner(fields, event.task);
      if (fields.more()) fields.pid(event.own_pid);  // not in recordings from before it was told
      if (fields.more()) fields.maybe(event.pending);
      return true;
    case 'C':
      event.kind = Kind::circumstances;
      circumstances(fields, event);
      return true;
    case 'O':
      event.kind = Kind::oom_victim;
      fields.pid(event.task.tid);
      return true;
    case 'Q':
      event.kind = Kind::sysrq;
      fields.flag(event.own_context);
      task(fields, event.task, true);
      owner(fields, event.task);
      return true;
    case 'Z':
      event.kind = Kind::goodbye;
      fields.number(event.ended_cpu);
      fields.number(event.value);
      return true;
    default:
      return false;
  }
}

}  // namespace

bool parse_wire(std::string_view line, KernelEvent& event, std::string& storage) {
  event = KernelEvent();
  if (line.size() < 3 || line[1] != ' ') return false;
  Fields fields(line.substr(2), storage);
  fields.number(event.cpu);
  fields.number(event.sequence);
  fields.number(event.boot_ns);
  return parse_kind(line[0], event, fields) && fields.done();
}

}  // namespace stapkill
