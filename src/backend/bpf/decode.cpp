#include "backend/bpf/decode.h"

#include <cstring>

#include "backend/bpf/record.h"

namespace stapkill {
namespace {

constexpr std::uint32_t kMostPid = 4194304;  // PID_MAX_LIMIT, include/linux/threads.h

/// The fixed part of a record; copied, because its bytes may not be aligned.
template <typename Record>
bool copy(std::string_view bytes, Record& record) {
  if (bytes.size() < sizeof record) return false;
  std::memcpy(&record, bytes.data(), sizeof record);
  return true;
}

bool pid(std::uint32_t value, int& out) {
  out = static_cast<int>(value);
  return value <= kMostPid;
}

/// A task at offset `at` of the record; its comm is a view into the record.
bool take(std::string_view record, std::size_t at, const sk_task& task, kernel::Task& out) {
  out.start = task.start;
  out.uid = task.uid;
  auto comm = record.substr(at + offsetof(sk_task, comm), SK_COMM);
  out.comm = comm.substr(0, comm.find('\0'));
  return pid(task.pid, out.pid) && pid(task.tid, out.tid);
}

/// An id of audit: all bits set mean none (include/uapi/linux/audit.h, AUDIT_UID_UNSET and AUDIT_SID_UNSET).
std::int64_t id_or_none(std::uint32_t id) {
  return id == UINT32_MAX ? -1 : std::int64_t{id};
}

/// A path from its components: last one first, each followed by a NUL.
std::optional<std::string_view> join(std::string_view components, const sk_path& path, std::string& out) {
  if (!(path.flags & SK_PATH_KNOWN)) return std::nullopt;
  out.clear();
  while (!components.empty()) {
    if (components.back() == '\0') components.remove_suffix(1);
    auto before = components.rfind('\0');
    auto from = before == std::string_view::npos ? 0 : before + 1;
    out += '/';
    out += components.substr(from);
    components = components.substr(0, from);
  }
  if (out.empty()) out = "/";
  if (path.flags & SK_PATH_DELETED) out += " (deleted)";  // as /proc says it
  return out;
}

bool read(std::string_view record, kernel::Fork& event) {
  sk_fork fork{};
  if (!copy(record, fork)) return false;
  event.bash = kernel::BashLine::of(fork.bash);
  return take(record, offsetof(sk_fork, parent), fork.parent, event.task) &&
         take(record, offsetof(sk_fork, child), fork.child, event.child) && pid(fork.real_parent, event.parent);
}

bool read(std::string_view record, kernel::Rename& event) {
  sk_rename rename{};
  return copy(record, rename) && take(record, offsetof(sk_rename, task), rename.task, event.task);
}

bool read(std::string_view record, kernel::Return& event) {
  sk_returned returned{};
  if (!copy(record, returned)) return false;
  event.value = returned.value;
  return pid(returned.pid, event.pid) && pid(returned.tid, event.tid);
}

bool read(std::string_view record, kernel::Exit& event) {
  sk_exit exit{};
  if (!copy(record, exit)) return false;
  event.status = exit.status;
  event.watched = exit.watched;
  event.seccomp = static_cast<int>(exit.seccomp);
  event.pending = exit.pending;
  return pid(exit.own_pid, event.own_pid) && take(record, offsetof(sk_exit, task), exit.task, event.task);
}

bool read(std::string_view record, kernel::OomVictim& event) {
  sk_oom oom{};
  return copy(record, oom) && pid(oom.tid, event.tid);
}

bool read(std::string_view record, kernel::SysRq& event) {
  sk_sysrq sysrq{};
  if (!copy(record, sysrq)) return false;
  event.own_context = sysrq.context & SK_OWN_CONTEXT;
  return take(record, offsetof(sk_sysrq, task), sysrq.task, event.task);
}

bool read(std::string_view record, kernel::Connect& event) {
  sk_connect connect{};
  if (!copy(record, connect)) return false;
  auto socket = record.substr(offsetof(sk_connect, socket), SK_SOCKET);
  event.socket = socket.substr(0, socket.find('\0'));
  event.listener.start = connect.listener.start;
  return pid(connect.listener.pid, event.listener.pid) &&
         take(record, offsetof(sk_connect, task), connect.task, event.task);
}

/// The text in a field, up to its NUL.
template <std::size_t size>
std::string_view text(const char (&field)[size]) {
  return std::string_view(field, ::strnlen(field, size));
}

bool read(std::string_view record, kernel::Around& event) {
  sk_circumstances raw{};
  if (!copy(record, raw)) return false;
  auto seen = std::make_shared<Circumstances>();
  seen->signal = raw.number;
  seen->address = raw.address;
  seen->instruction = raw.instruction;
  seen->place = raw.place;
  seen->file = text(raw.file);
  seen->cpu_ns = raw.cpu_ns;
  seen->cpu_soft = raw.cpu_soft;
  seen->cpu_hard = raw.cpu_hard;
  seen->file_size = raw.file_size;
  seen->core_size = raw.core_size;
  seen->stack_pointer = raw.stack_pointer;
  seen->stack_above = raw.stack_above;
  seen->stack_top = raw.stack_top;
  seen->stack_limit = raw.stack_limit;
  if (raw.held_total) {
    seen->held = {raw.held_total, raw.held_anon, raw.held_file, raw.held_shmem, raw.held_swap, raw.held_tables};
  }
  if (raw.level >= 0) seen->memory = {raw.level, raw.usage, raw.limit, std::string(text(raw.group))};
  seen->oom_score_adj = raw.oom_score_adj;
  seen->pdeath_signal = static_cast<int>(raw.pdeath_signal);
  seen->ptrace = raw.ptrace;
  seen->threads = static_cast<int>(raw.threads);
  seen->tty = text(raw.tty);
  for (const auto& part : raw.stack) {
    for (auto& name : stack_names(text(part))) seen->stack.push_back(std::move(name));
  }
  bool sound = pid(raw.target, seen->target_tid);
  event.seen = std::move(seen);
  return sound;
}

bool read(std::string_view record, kernel::Code& event, std::string& path) {
  sk_code code{};
  if (!copy(record, code)) return false;
  auto text = record.substr(sizeof code);
  if (text.size() < code.path.bytes) return false;
  event.mapping = {code.start, code.end, code.offset, code.inode, code.device, {}};
  if (auto known = join(text.substr(0, code.path.bytes), code.path, path)) event.mapping.path = *known;
  return true;
}

// Where sk_user_stack.registers have the registers 0 to 16 of DWARF: ax dx cx bx si di bp sp r8 to r15 ip.
constexpr std::size_t kPlaces[UserStack::kRegisters] = {10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16};

bool read(std::string_view record, kernel::Stack& event) {
  sk_user_stack raw{};
  if (!copy(record, raw)) return false;
  auto memory = record.substr(sizeof raw);
  if (memory.size() < raw.bytes) return false;
  auto stack = std::make_shared<UserStack>();
  stack->process_start = raw.start;
  for (std::size_t at = 0; at < stack->registers.size(); ++at) stack->registers[at] = raw.registers[kPlaces[at]];
  stack->from = raw.from;
  stack->memory = memory.substr(0, raw.bytes);
  event.at_exit = raw.at_exit;
  bool sound = pid(raw.pid, stack->pid) && pid(raw.tid, stack->tid);
  event.top = std::move(stack);
  return sound;
}

}  // namespace

bool Decoder::read_image(std::string_view record, kernel::Image& event) {
  sk_image image{};
  if (!copy(record, image) || !take(record, offsetof(sk_image, task), image.task, event.task)) return false;
  const std::pair<const sk_path*, std::optional<std::string_view>*> places[] = {
      {&image.exe, &event.exe}, {&image.cwd, &event.cwd}, {&image.cgroup, &event.cgroup}};
  std::string_view text = record.substr(sizeof image);
  std::size_t at = 0;
  for (auto [path, out] : places) {
    if (text.size() < path->bytes) return false;
    *out = join(text.substr(0, path->bytes), *path, paths_[at++]);
    text.remove_prefix(path->bytes);
  }
  if (text.size() < image.argv_taken) return false;
  event.argv_bytes = image.argv_bytes;
  if (image.argv_known) event.argv = text.substr(0, image.argv_taken);
  if (image.login_known) event.login = Login{id_or_none(image.loginuid), id_or_none(image.audit_session)};
  auto tty = record.substr(offsetof(sk_image, tty), SK_TTY);
  event.tty = tty.substr(0, tty.find('\0'));
  return pid(image.parent, event.parent);
}

bool Decoder::read_signal(std::string_view record, int cpu, kernel::Signal& event) {
  sk_signal signal{};
  if (!copy(record, signal)) return false;
  std::string_view raw = record.substr(sizeof signal);
  if (signal.depth > SK_MOST_ANCESTORS || raw.size() < signal.depth * sizeof(sk_ancestor)) return false;
  raw = raw.substr(0, signal.depth * sizeof(sk_ancestor));
  event.number = signal.number;
  event.code = signal.code;
  event.result = signal.result;
  event.call = signal.call;
  event.own_context = signal.context & SK_OWN_CONTEXT;
  event.compat = signal.context & SK_COMPAT;
  event.exiting = signal.context & SK_EXITING;
  event.blocked = signal.context & SK_BLOCKED;
  event.handled = signal.context & SK_HANDLED;
  event.refused = signal.context & SK_REFUSED;
  if (signal.context & SK_AIMED) event.aim = signal.aim;
  event.bash = kernel::BashLine::of(signal.bash);
  auto& ancestors = ancestors_[cpu];
  if (!(signal.context & SK_AS_BEFORE)) {
    ancestors.clear();
    for (sk_ancestor one{}; copy(raw, one); raw.remove_prefix(sizeof one)) {
      auto& key = ancestors.emplace_back();
      key.start = one.start;
      if (!pid(one.pid, key.pid)) {
        ancestors.clear();
        return false;
      }
    }
  }
  event.ancestors = ancestors;
  return take(record, offsetof(sk_signal, sender), signal.sender, event.task) &&
         take(record, offsetof(sk_signal, target), signal.target, event.target);
}

/// A move has the record of an image, of which only the task and the cgroup are set.
bool Decoder::read_move(std::string_view record, kernel::Move& event) {
  kernel::Image image;
  bool sound = read_image(record, image);
  event.task = image.task;
  event.cgroup = image.cgroup;
  return sound;
}

bool Decoder::decode(std::string_view record, KernelEvent& event) {
  event = KernelEvent();
  sk_header header{};
  if (!copy(record, header)) return false;
  event.cpu = static_cast<int>(header.cpu & 0xffff);
  event.boot = static_cast<std::int64_t>(header.boot_ns);
  if (event.boot < 0) return false;
  switch (header.kind) {
    case SK_DESCRIBE:
      return read_image(record, event.what.emplace<kernel::Describe>());
    case SK_EXEC:
      return read_image(record, event.what.emplace<kernel::Exec>());
    case SK_FORK:
      return read(record, event.what.emplace<kernel::Fork>());
    case SK_RENAME:
      return read(record, event.what.emplace<kernel::Rename>());
    case SK_MOVED:
      return read_move(record, event.what.emplace<kernel::Move>());
    case SK_CODE:
      return read(record, event.what.emplace<kernel::Code>(), paths_[0]);
    case SK_USER_STACK:
      return read(record, event.what.emplace<kernel::Stack>());
    case SK_SIGNAL:
      return read_signal(record, event.cpu, event.what.emplace<kernel::Signal>());
    case SK_RETURNED:
      return read(record, event.what.emplace<kernel::Return>());
    case SK_EXIT:
      return read(record, event.what.emplace<kernel::Exit>());
    case SK_CIRCUMSTANCES:
      return read(record, event.what.emplace<kernel::Around>());
    case SK_SYSRQ:
      return read(record, event.what.emplace<kernel::SysRq>());
    case SK_CONNECT:
      return read(record, event.what.emplace<kernel::Connect>());
    case SK_OOM:
      return read(record, event.what.emplace<kernel::OomVictim>());
    default:
      return false;
  }
}

}  // namespace stapkill
