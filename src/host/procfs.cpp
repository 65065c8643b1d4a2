#include "host/procfs.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <functional>
#include <future>
#include <sstream>
#include <system_error>
#include <thread>
#include <vector>

#include "model/containers.h"
#include "sys/file.h"

namespace stapkill {
namespace {

constexpr unsigned long kKernelThread = 0x00200000;  // PF_KTHREAD, include/linux/sched.h
constexpr unsigned long kExiting = 0x00000004;       // PF_EXITING: set before a probe can see the exit
constexpr std::size_t kMostArgv = 1 << 20;
constexpr std::size_t kWorthAThread = 256;  // processes; reading one takes some 20 us
constexpr std::size_t kMostThreads = 4;

std::optional<std::string> read_link(const std::string& path) {
  char target[PATH_MAX];
  ssize_t length = ::readlink(path.c_str(), target, sizeof target);
  if (length < 0) return std::nullopt;
  return std::string(target, static_cast<std::size_t>(length));
}

template <typename Number>
bool parse(std::string_view text, Number& value) {
  return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
}

/// The value of a "Name:\tvalue" line of /proc/PID/status.
std::string_view status_value(std::string_view status, std::string_view name) {
  for (auto at = status.find(name); at != std::string_view::npos; at = status.find(name, at + 1)) {
    if (at != 0 && status[at - 1] != '\n') continue;
    auto from = status.find_first_not_of("\t ", at + name.size());
    return from == std::string_view::npos ? std::string_view()
                                          : status.substr(from, status.find_first_of("\t\n", from) - from);
  }
  return {};
}

/// A range of terminals' device numbers (Documentation/admin-guide/devices.txt of Linux 6.1).
struct Terminals {
  unsigned major, first, last;
  std::string_view name;  ///< followed by the number in the range
};
constexpr unsigned kManyMinors = 0xfffff;
constexpr Terminals kTerminals[] = {
    {4, 0, 63, "tty"},
    {4, 64, 255, "ttyS"},
    {5, 1, 1, "console"},
    {204, 64, 79, "ttyAMA"},
    {136, 0, kManyMinors, "pts/"},
    {188, 0, kManyMinors, "ttyUSB"},
    {229, 0, kManyMinors, "hvc"},
};

/// The terminal with the number in field 7 of /proc/PID/stat, as new_encode_dev packs it (include/linux/kdev_t.h).
std::optional<std::string> terminal_of(int packed) {
  if (packed == 0) return "";
  auto number = static_cast<unsigned>(packed);
  unsigned major = number >> 8 & 0xfff, minor = (number & 0xff) | (number >> 12 & 0xfff00);
  const auto* at = std::find_if(std::begin(kTerminals), std::end(kTerminals), [&](const Terminals& row) {
    return row.major == major && row.first <= minor && minor <= row.last;
  });
  if (at == std::end(kTerminals)) return std::nullopt;
  return std::string(at->name) + (at->first == at->last ? "" : std::to_string(minor - at->first));
}

/// Name, state, terminal, flags and start time (field 22) of /proc/PID/stat. The name can contain spaces and
/// parentheses: count fields from its end.
bool parse_stat(std::string_view stat, ProcEntry& entry) {
  auto open = stat.find('('), close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return false;
  entry.process.comm = stat.substr(open + 1, close - open - 1);
  std::string_view rest = stat.substr(close + 1);
  entry.ending = rest.size() > 1 && (rest[1] == 'Z' || rest[1] == 'X');
  for (int field = 3; field < 22; ++field) {
    auto space = rest.find(' ', 1);
    if (space == std::string_view::npos) return false;
    rest = rest.substr(space);
    unsigned long flags = 0;
    int terminal = 0;
    if (field + 1 == 7 && parse(rest.substr(1), terminal)) entry.process.tty = terminal_of(terminal);
    if (field + 1 != 9 || !parse(rest.substr(1), flags)) continue;
    entry.kernel_thread = flags & kKernelThread;
    entry.ending = entry.ending || flags & kExiting;
  }
  return parse(rest.substr(1), entry.process.start);
}

/// An id of audit in a file of /proc/PID; none where the kernel keeps none.
std::optional<std::int64_t> audit_id(const std::string& path) {
  constexpr std::int64_t unset = 0xffffffff;  // AUDIT_UID_UNSET and AUDIT_SID_UNSET, include/uapi/linux/audit.h
  std::int64_t id = 0;
  if (!parse(read_file(path).value_or(""), id)) return std::nullopt;
  return id == unset ? -1 : id;
}

/// A task has a session only with a loginuid (kernel/audit.c, audit_set_loginuid): most processes cost one file.
void read_login(const std::string& folder, Process& process) {
  auto uid = audit_id(folder + "/loginuid");
  if (!uid) return;
  process.login = Login{*uid, *uid < 0 ? -1 : audit_id(folder + "/sessionid").value_or(-1)};
}

/// A machine's containers, thousands of processes on some nodes, are started by services; a user's by that user.
bool can_be_in_login(const Process& process) {
  return !container_of(process.cgroup) || process.cgroup->starts_with("/user.slice/");
}

/// A process lives while any thread lives, even if its leader has ended.
bool other_thread_lives(const std::string& folder) {
  bool found = false;
  DIR* threads = ::opendir((folder + "/task").c_str());
  if (!threads) return false;
  while (const dirent* entry = ::readdir(threads)) {
    auto stat = read_file(folder + "/task/" + entry->d_name + "/stat");
    ProcEntry thread;
    found = found || (stat && parse_stat(*stat, thread) && !thread.ending);
  }
  ::closedir(threads);
  return found;
}

/// A process's entry from its stat, and whether all of its threads are ending.
bool read_stat(const std::string& folder, ProcEntry& entry) {
  auto stat = read_file(folder + "/stat");
  if (!stat || !parse_stat(*stat, entry)) return false;
  entry.ending = entry.ending && !other_thread_lives(folder);
  return true;
}

void read_argv(const std::string& folder, Process& process) {
  auto text = read_file(folder + "/cmdline", kMostArgv);
  if (!text || text->empty()) return;  // a kernel thread, or a zombie
  process.argv.emplace();
  process.argv_bytes = text->size();
  std::string_view rest = *text;
  while (!rest.empty()) {
    auto end = rest.find('\0');
    process.argv->emplace_back(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
}

/// Controllers of each hierarchy (none for the unified one) and the path in it. A line is "ID:CONTROLLER,…:PATH"; names
/// of controllers and hierarchies have no colon, paths no newline (cgroup1_parse_param, cgroup_mkdir; kernel/cgroup).
template <typename Visit>
void for_each_hierarchy(std::string_view lines, Visit visit) {
  while (!lines.empty()) {
    auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    auto first = line.find(':'), second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos || !line.substr(second + 1).starts_with('/')) continue;
    visit(line.substr(first + 1, second - first - 1), line.substr(second + 1));
  }
}

/// The path in the hierarchy of that controller.
std::optional<std::string_view> path_in_hierarchy(std::string_view lines, std::string_view name) {
  std::optional<std::string_view> found;
  for_each_hierarchy(lines, [&](std::string_view list, std::string_view path) {
    auto whole = ',' + std::string(list) + ',';
    if (!found && whole.find(',' + std::string(name) + ',') != whole.npos) found = path;
  });
  return found;
}

/// A cgroup's depth below the root of its hierarchy.
std::ptrdiff_t depth_of(std::string_view path) {
  return path == "/" ? 0 : std::count(path.begin(), path.end(), '/');
}

/// The same rule as on the kernel's side (bpf/image.bpf.h, capture.stp): the memory controller's path if it is not the
/// root and at least as deep as the unified one, else the unified one. Without both, systemd's.
std::optional<std::string_view> reported_cgroup(std::string_view lines) {
  auto unified = path_in_hierarchy(lines, ""), memory = path_in_hierarchy(lines, "memory");
  auto level = depth_of(memory.value_or("/"));
  if (level > 0 && level >= depth_of(unified.value_or("/"))) return memory;
  if (unified) return unified;
  auto systemd = path_in_hierarchy(lines, "name=systemd");
  return systemd ? systemd : memory;
}

void read_cgroup(const std::string& folder, ProcEntry& entry) {
  auto text = read_file(folder + "/cgroup");
  auto reported = text ? reported_cgroup(*text) : std::nullopt;
  if (!reported) return;
  entry.process.cgroup = std::string(*reported);
  auto& others = entry.other_cgroups;
  for_each_hierarchy(*text, [&](std::string_view, std::string_view path) {
    bool known = path == "/" || path == *reported || std::find(others.begin(), others.end(), path) != others.end();
    if (!known) others.emplace_back(path);
  });
}

/// In its own thread or, where no thread can be made (a fork bomb, a limit), when its result is needed.
template <typename Work>
std::future<void> in_thread(Work& work, std::size_t from, std::size_t step) {
  try {
    return std::async(std::launch::async, std::ref(work), from, step);
  } catch (const std::system_error&) {
    return std::async(std::launch::deferred, std::ref(work), from, step);
  }
}

std::vector<int> pids_of(const std::string& proc) {
  std::vector<int> pids;
  DIR* folder = ::opendir(proc.c_str());
  if (!folder) return pids;
  while (const dirent* entry = ::readdir(folder)) {
    int pid = 0;
    if (parse(std::string_view(entry->d_name), pid) && pid > 0) pids.push_back(pid);
  }
  ::closedir(folder);
  return pids;
}

}  // namespace

std::vector<int> children_of(int pid, const std::string& proc) {
  auto number = std::to_string(pid);
  std::istringstream list(read_file(proc + '/' + number + "/task/" + number + "/children").value_or(""));
  std::vector<int> children;
  for (int child = 0; list >> child;) children.push_back(child);
  return children;
}

std::optional<ProcEntry> read_process(int pid, const std::string& proc) {
  std::string folder = proc + '/' + std::to_string(pid);
  auto status = read_file(folder + "/status");
  if (!status) return std::nullopt;
  int group = pid;
  parse(status_value(*status, "Tgid:"), group);
  if (group != pid) return read_process(group, proc);
  ProcEntry entry;
  entry.process.pid = pid;
  if (!read_stat(folder, entry)) return std::nullopt;
  parse(status_value(*status, "PPid:"), entry.parent);
  std::int64_t uid = 0;
  if (parse(status_value(*status, "Uid:"), uid)) entry.process.uid = uid;
  if (entry.kernel_thread) return entry;  // it has none of the rest
  read_argv(folder, entry.process);
  read_cgroup(folder, entry);
  if (can_be_in_login(entry.process)) read_login(folder, entry.process);
  entry.process.exe = read_link(folder + "/exe");
  entry.process.cwd = read_link(folder + "/cwd");
  return entry;
}

bool process_lives(int pid, std::uint64_t start, const std::string& proc) {
  ProcEntry entry;
  return read_stat(proc + '/' + std::to_string(pid), entry) && !entry.ending && entry.process.start == start;
}

void for_each_process(const std::function<void(ProcEntry)>& visit, const std::string& proc) {
  auto pids = pids_of(proc);
  std::vector<std::optional<ProcEntry>> found(pids.size());
  auto read = [&](std::size_t from, std::size_t step) {
    for (auto at = from; at < pids.size(); at += step) found[at] = read_process(pids[at], proc);
  };
  auto step = std::clamp<std::size_t>(pids.size() / kWorthAThread, 1, kMostThreads);
  step = std::min<std::size_t>(step, std::max(1U, std::thread::hardware_concurrency()));
  std::vector<std::future<void>> others;
  for (std::size_t from = 1; from < step; ++from) others.push_back(in_thread(read, from, step));
  read(0, step);
  for (auto& other : others) other.get();
  for (auto& entry : found) {
    if (entry) visit(std::move(*entry));
  }
}

std::string boot_id() {
  auto text = read_file("/proc/sys/kernel/random/boot_id").value_or("");
  return text.substr(0, text.find('\n'));
}

}  // namespace stapkill
