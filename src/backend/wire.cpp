#include "backend/wire.h"

#include <algorithm>
#include <charconv>
#include <type_traits>

#include "backend/wire_fields.h"

namespace stapkill {
namespace {

using Fields = WireFields;

void leader(Fields& fields, kernel::Task& task) {
  fields.pid(task.pid);
  fields.number(task.start);
}

void thread(Fields& fields, kernel::Task& task) {
  fields.pid(task.pid);
  fields.pid(task.tid);
  fields.number(task.start);
}

void owner(Fields& fields, kernel::Task& task) {
  fields.number(task.uid);
  fields.bytes(task.comm);
}

void bash(Fields& fields, kernel::BashLine& line) {
  std::uint32_t packed = 0;
  fields.number(packed);
  line = kernel::BashLine::of(packed);
}

void read(Fields& fields, kernel::Hello& hello) {
  fields.number(hello.version);
  fields.bytes(hello.module);
}

void read(Fields& fields, kernel::Image& image) {
  thread(fields, image.task);
  fields.pid(image.parent);
  owner(fields, image.task);
  fields.bytes(image.exe);
  fields.bytes(image.cwd);
  fields.bytes(image.cgroup);
  fields.number(image.argv_bytes);
  fields.bytes(image.argv);
  if (!fields.more()) return;  // not in older recordings
  fields.login(image.login);
  fields.bytes(image.tty);
}

void read(Fields& fields, kernel::Fork& fork) {
  fields.pid(fork.parent);
  leader(fields, fork.task);
  leader(fields, fork.child);
  owner(fields, fork.child);
  if (fields.more()) bash(fields, fork.bash);  // not in older recordings
}

void read(Fields& fields, kernel::Rename& rename) {
  leader(fields, rename.task);
  fields.bytes(rename.task.comm);
}

void read(Fields& fields, kernel::Move& move) {
  thread(fields, move.task);
  owner(fields, move.task);
  fields.bytes(move.cgroup);
}

/// "pid.start,pid.start,…"; SystemTap may have cut the text off anywhere.
void keys(Fields& fields, std::vector<ProcessKey>& keys) {
  std::string_view text;
  fields.raw(text);
  while (!text.empty()) {
    auto one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(one.size() + 1, text.size()));
    ProcessKey key;
    const auto* end = one.data() + one.size();
    auto [dot, error] = std::from_chars(one.data(), end, key.pid);
    if (error == std::errc() && dot < end) std::from_chars(dot + 1, end, key.start);
    if (key.pid > 0) keys.push_back(key);
  }
}

void read(Fields& fields, kernel::Signal& signal, std::vector<ProcessKey>& ancestors) {
  int context = 0, group = 0;
  fields.number(signal.number);
  fields.number(signal.code);
  fields.number(signal.result);
  fields.number(group);
  fields.number(signal.call);
  fields.number(context);
  signal.own_context = context & 1;
  signal.compat = context & 2;
  signal.exiting = context & 8;
  signal.blocked = context & 16;
  signal.handled = context & 32;
  signal.refused = context & 64;
  thread(fields, signal.task);
  owner(fields, signal.task);
  thread(fields, signal.target);
  owner(fields, signal.target);
  keys(fields, ancestors);
  signal.ancestors = ancestors;
  if (fields.more()) fields.maybe(signal.aim);   // as the pending signals below: not in older recordings
  if (fields.more()) bash(fields, signal.bash);  // the same
}

void read(Fields& fields, kernel::Return& returned) {
  fields.pid(returned.pid);
  fields.pid(returned.tid);
  fields.number(returned.call);
  fields.number(returned.value);
}

void read(Fields& fields, kernel::Exit& exit) {
  thread(fields, exit.task);
  fields.number(exit.status);
  fields.flag(exit.watched);
  fields.number(exit.seccomp);
  owner(fields, exit.task);
  if (fields.more()) fields.pid(exit.own_pid);  // not in older recordings
  if (fields.more()) fields.maybe(exit.pending);
}

void read(Fields& fields, kernel::Around& around) {
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
    if (fields.more()) fields.flag(seen->stack_above);
  }
  around.seen = std::move(seen);
}

void read(Fields& fields, kernel::Code& code) {
  for (auto* number : {&code.mapping.start, &code.mapping.end, &code.mapping.offset, &code.mapping.inode}) {
    fields.number(*number);
  }
  fields.number(code.mapping.device);
  fields.text(code.mapping.path);
}

/// Words in hexadecimal, in the machine's byte order; up to the first that is none.
std::string words(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    auto comma = std::min(text.find(','), text.size());
    std::uint64_t word = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + comma, word, 16);
    if (error != std::errc() || end != text.data() + comma) break;
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return bytes;
}

void read(Fields& fields, kernel::Memory& memory) {
  std::string_view text;
  fields.number(memory.address);
  fields.raw(text);
  memory.bytes = words(text);
}

/// "VALUE,VALUE,…"; a recording has none.
bool registers(std::string_view text, UserStack& stack) {
  for (std::size_t at = 0; at < stack.registers.size() && !text.empty(); ++at) {
    auto comma = std::min(text.find(','), text.size());
    auto [end, error] = std::from_chars(text.data(), text.data() + comma, stack.registers[at]);
    if (error != std::errc() || end != text.data() + comma) return false;
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return text.empty();
}

void read(Fields& fields, kernel::Stack& stack) {
  auto top = std::make_shared<UserStack>();
  std::string_view values;
  fields.flag(stack.at_exit);
  fields.pid(top->pid);
  fields.pid(top->tid);
  fields.number(top->process_start);
  fields.raw(values);
  fields.number(top->from);
  fields.text(top->memory);
  if (!registers(values, *top)) top->registers = {};
  stack.top = std::move(top);
}

void read(Fields& fields, kernel::OomVictim& victim) {
  fields.pid(victim.tid);
}

void read(Fields& fields, kernel::SysRq& sysrq) {
  fields.flag(sysrq.own_context);
  thread(fields, sysrq.task);
  owner(fields, sysrq.task);
}

void read(Fields& fields, kernel::Connect& connect) {
  thread(fields, connect.task);
  owner(fields, connect.task);
  fields.pid(connect.listener.pid);
  fields.number(connect.listener.start);
  fields.bytes(connect.socket);
}

void read(Fields& fields, kernel::Goodbye& goodbye) {
  fields.number(goodbye.cpu);
  fields.number(goodbye.last);
}

template <typename Kind>
void begin(Fields& fields, KernelEvent& event, WireStorage& storage) {
  auto& kind = event.what.emplace<Kind>();
  if constexpr (std::is_same_v<Kind, kernel::Signal>) {
    read(fields, kind, storage.ancestors);
  } else {
    read(fields, kind);
  }
}

struct Row {
  char letter;
  void (*read)(Fields&, KernelEvent&, WireStorage&);
};

constexpr Row kRows[] = {
    {'S', begin<kernel::Signal>},    {'K', begin<kernel::Return>},  {'F', begin<kernel::Fork>},
    {'X', begin<kernel::Exec>},      {'E', begin<kernel::Exit>},    {'P', begin<kernel::Describe>},
    {'R', begin<kernel::Rename>},    {'G', begin<kernel::Move>},    {'C', begin<kernel::Around>},
    {'O', begin<kernel::OomVictim>}, {'Q', begin<kernel::SysRq>},   {'H', begin<kernel::Hello>},
    {'N', begin<kernel::Connect>},   {'M', begin<kernel::Code>},    {'B', begin<kernel::Memory>},
    {'T', begin<kernel::Stack>},     {'Z', begin<kernel::Goodbye>},
};

}  // namespace

bool parse_wire(std::string_view line, KernelEvent& event, WireStorage& storage) {
  event = KernelEvent();
  storage.ancestors.clear();
  if (line.size() < 3 || line[1] != ' ') return false;
  Fields fields(line.substr(2), storage.text);
  fields.number(event.cpu);
  fields.number(event.sequence);
  fields.moment(event.boot);
  const auto* row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& one) { return one.letter == line[0]; });
  if (row == std::end(kRows)) return false;
  row->read(fields, event, storage);
  return fields.done();
}

}  // namespace stapkill
