#include "verdict/lineage.h"

#include <algorithm>

#include "base/time.h"
#include "verdict/process_words.h"
#include "verdict/script_line.h"

namespace stapkill {
namespace {

std::vector<std::string> words_of(std::string_view argv) {
  std::vector<std::string> words;
  while (!argv.empty()) {
    auto end = argv.find('\0');
    words.emplace_back(argv.substr(0, end));
    if (end == std::string_view::npos) break;
    argv.remove_prefix(end + 1);
  }
  return words;
}

std::optional<std::string> text(const std::optional<std::string_view>& bytes) {
  return bytes ? std::optional<std::string>(*bytes) : std::nullopt;
}

/// A copy to change: a shared process stays as it is.
std::shared_ptr<Process> changed(const ProcessPtr& process) {
  return std::make_shared<Process>(*process);
}

ProcessPtr with_line(const ProcessPtr& process, const ScriptLine& line) {
  auto copy = changed(process);
  copy->script_line = line;
  return copy;
}

}  // namespace

/// Sets the fields that depend on others.
void Lineage::derive(Process& process) const {
  process.flags = process.pid == own_ ? std::vector<std::string>() : suspicions(process, machine_.files);
  process.started = time_of_start(process.start, machine_.booted);
  auto name_of = [this](std::int64_t uid) { return machine_.user_name ? machine_.user_name(uid) : std::nullopt; };
  process.user = process.uid ? name_of(*process.uid) : std::nullopt;
  process.login_user = process.login && process.login->uid >= 0 ? name_of(process.login->uid) : std::nullopt;
}

void Lineage::seed(Process process, int parent) {
  now_ = 0;  // /proc does not say when a process ended
  Key at = key(process.pid, process.start);
  auto [found, fresh] = entries_.try_emplace(at);
  Entry& entry = found->second;
  ++changes_;
  take_pid(process.pid, at);
  if (fresh) {
    derive(process);
    entry.process = std::make_shared<Process>(std::move(process));
  } else if (!entry.reported) {
    complete(entry, process);
  }
  if (!entry.parent_known && parent > 0) adopt(entry, current_key(parent));
}

/// Fills in the unknown fields of a process that only a signal or a move has named so far.
void Lineage::complete(Entry& entry, const Process& from) {
  auto process = changed(entry.process);
  for (auto field : {&Process::exe, &Process::cwd, &Process::cgroup, &Process::exec_cwd, &Process::tty}) {
    if (!((*process).*field)) (*process).*field = from.*field;
  }
  if (!process->argv) {
    process->argv = from.argv;
    process->argv_bytes = from.argv_bytes;
  }
  if (!process->uid) process->uid = from.uid;
  if (!process->login) process->login = from.login;
  derive(*process);
  entry.process = std::move(process);
}

Lineage::Entry& Lineage::make(Key at, const kernel::Task& task) {
  auto [found, fresh] = entries_.try_emplace(at);
  Entry& entry = found->second;
  if (fresh) {
    ++changes_;
    auto process = std::make_shared<Process>();
    process->pid = task.pid;
    process->start = task.start;
    process->comm = task.comm;
    if (task.uid >= 0) process->uid = task.uid;
    derive(*process);
    entry.process = std::move(process);
    take_pid(task.pid, at);
  }
  return entry;
}

/// A pid belongs to its youngest owner. A reused pid shows that its last owner has ended, even if that was never
/// reported.
void Lineage::take_pid(int pid, Key at) {
  Key& current = current_[pid];
  if (current == at || current > at) return;  // with the same pid a greater key means a later start
  if (auto older = entries_.find(current); older != entries_.end() && !older->second.ended) {
    older->second.ended = now_ ? now_ : 1;
    ended_.emplace_back(now_, current);
  }
  current = at;
}

bool Lineage::has_ended(const kernel::Task& task) const {
  auto at = entries_.find(key(task.pid, task.start));
  return at != entries_.end() && at->second.ended;
}

void Lineage::adopt(Entry& entry, Key parent) {
  if (parent == 0 || entry.parent == parent) return;
  ++changes_;
  release(entry.parent);
  entry.parent = parent;
  entry.parent_known = true;
  if (auto at = entries_.find(parent); at != entries_.end()) ++at->second.children;
}

void Lineage::release(Key parent) {
  auto at = entries_.find(parent);
  if (at != entries_.end() && at->second.children > 0) --at->second.children;
}

Lineage::Key Lineage::current_key(int pid) const {
  auto at = current_.find(pid);
  return at == current_.end() ? 0 : at->second;
}

void Lineage::apply(const KernelEvent& event) {
  now_ = event.boot;
  std::visit([this](const auto& kind) { apply(kind); }, event.what);
  drop_old(event.boot);
}

void Lineage::apply(const kernel::Signal& signal) {
  rename(signal.task);
  rename(signal.target);
}

void Lineage::describe(const kernel::Image& event, Seen seen) {
  ++changes_;
  Entry& entry = make(key(event.task.pid, event.task.start), event.task);
  auto process = changed(entry.process);
  process->comm = event.task.comm;
  process->uid = event.task.uid;
  bool seen_exec = seen == Seen::at_exec;
  // A description without both paths did not ask for them (docs/wire.md, P). With one of them, the other was asked for
  // too and could not be read: an earlier value may be out of date, or the parent's.
  bool asked = seen_exec || event.exe || event.cwd;
  if (asked) process->exe = text(event.exe);
  if (asked) process->cwd = text(event.cwd);
  if (seen_exec) {
    process->exec_cwd = process->cwd;
    process->exec_boot = now_;
  }
  if (asked || event.cgroup) process->cgroup = text(event.cgroup);
  if (event.login) process->login = event.login;
  if (event.tty) process->tty = terminal_name(*event.tty);
  // A process may have overwritten its argv since its exec: keep the original.
  if (event.argv && (seen_exec || !entry.reported || !process->argv)) {
    process->argv = words_of(*event.argv);
    process->argv_bytes = event.argv_bytes;
  } else if (seen_exec) {
    process->argv.reset();
  }
  derive(*process);
  entry.process = std::move(process);
  entry.reported = true;
  if (!entry.parent_known) adopt(entry, current_key(event.parent));
}

void Lineage::apply(const kernel::Fork& fork) {
  Key creator = key(fork.task.pid, fork.task.start);
  Entry& entry = make(key(fork.child.pid, fork.child.start), fork.child);
  auto process = changed(entry.process);
  // Another CPU may have reported the child's exec before this one reports its fork.
  if (auto from = entries_.find(creator); from != entries_.end() && !entry.reported) {
    const Process& parent = *from->second.process;
    process->exe = parent.exe;
    process->cwd = parent.cwd;
    process->login = parent.login;
    process->login_user = parent.login_user;
    process->tty = parent.tty;
    process->exec_cwd = parent.exec_cwd;
    process->exec_boot = parent.exec_boot;
    // A cgroup reported before the fork is where the child is born.
    if (!process->cgroup) process->cgroup = parent.cgroup;
    process->argv = parent.argv;
    process->argv_bytes = parent.argv_bytes;
    process->flags = parent.flags;
    if (process->comm != parent.comm) derive(*process);
    entry.reported = from->second.reported;
  }
  entry.process = std::move(process);
  // The process that forked explains more than the parent by CLONE_PARENT.
  adopt(entry, creator);
  entry.started_at = fork.bash;
  entry.forked = now_;
}

void Lineage::rename(const kernel::Task& task) {
  auto at = entries_.find(key(task.pid, task.start));
  if (at == entries_.end()) {
    make(key(task.pid, task.start), task);
    return;
  }
  const Process& known = *at->second.process;
  bool other_uid = task.uid >= 0 && known.uid != task.uid;
  if (known.comm == task.comm && !other_uid) return;
  ++changes_;
  auto process = changed(at->second.process);
  process->comm = task.comm;
  if (other_uid) process->uid = task.uid;
  derive(*process);
  at->second.process = std::move(process);
}

void Lineage::apply(const kernel::Move& move) {
  rename(move.task);
  Entry& entry = entries_.at(key(move.task.pid, move.task.start));
  ++changes_;
  auto process = changed(entry.process);
  process->cgroup = text(move.cgroup);
  derive(*process);
  entry.process = std::move(process);
}

void Lineage::apply(const kernel::Exit& exit) {
  Key at = key(exit.task.pid, exit.task.start);
  Entry& entry = make(at, exit.task);
  if (entry.ended) return;
  ++changes_;
  entry.ended = now_;
  ended_.emplace_back(now_, at);
}

void Lineage::drop_old(Time now) {
  // Looks at only a few of the oldest each time: the cost of an event does not grow with the table.
  for (int looked = 0; looked < 4 && !ended_.empty(); ++looked) {
    auto [time, at] = ended_.front();
    bool many = ended_.size() > kMostEnded;
    if (!many && time && now - time < kKeepEnded) return;
    ended_.pop_front();
    if (!many && !time) {
      ended_.emplace_back(now, at);  // earlier events may still arrive: kept from now on
      continue;
    }
    auto found = entries_.find(at);
    if (found == entries_.end()) continue;
    if (found->second.children > 0 && !many) {
      ended_.emplace_back(now, at);  // still an ancestor: look again later
      continue;
    }
    ++changes_;
    release(found->second.parent);
    if (auto current = current_.find(found->second.process->pid); current != current_.end() && current->second == at) {
      current_.erase(current);
    }
    entries_.erase(found);
  }
}

ProcessPtr Lineage::find(const kernel::Task& task) {
  return make(key(task.pid, task.start), task).process;
}

ProcessPtr Lineage::find_at(const kernel::Task& task, const kernel::BashLine& at) {
  const Entry& entry = make(key(task.pid, task.start), task);
  if (at.number == 0) return entry.process;
  auto line = script_line(*entry.process, at, text_of_script(entry, at.number), *entry.process);
  return line ? with_line(entry.process, *line) : entry.process;
}

ProcessPtr Lineage::again(const ProcessPtr& process) {
  auto at = entries_.find(key(process->pid, process->start));
  if (at == entries_.end()) return process;
  return process->script_line ? with_line(at->second.process, *process->script_line) : at->second.process;
}

ProcessPtr Lineage::living(int pid, Time then) const {
  auto at = entries_.find(current_key(pid));
  bool lived = at != entries_.end() && (!at->second.ended || at->second.ended >= then);
  return lived ? at->second.process : nullptr;
}

ProcessPtr Lineage::parent(const kernel::Task& task) const {
  auto child = entries_.find(key(task.pid, task.start));
  auto parent = child == entries_.end() ? child : entries_.find(child->second.parent);
  return parent == entries_.end() ? nullptr : parent->second.process;
}

void Lineage::for_each_living(const std::function<void(const Process&)>& visit) const {
  for (const auto& [at, entry] : entries_) {
    if (!entry.ended) visit(*entry.process);
  }
}

ProcessPtr Lineage::as_ancestor(const Entry& entry) const {
  if (!entry.ended) return entry.process;
  if (!entry.as_ended) {
    auto process = changed(entry.process);
    process->ended = true;
    entry.as_ended = std::move(process);
  }
  return entry.as_ended;
}

/// A line of a bash's script. A subshell closes the file: the outermost shell of the same script has it open.
std::optional<ScriptText> Lineage::text_of_script(const Entry& shell, int line) {
  auto script = script_of(*shell.process);
  const Entry* outermost = &shell;
  if (script.empty() || !machine_.script_text) return std::nullopt;
  for (std::size_t steps = 0; steps < kMostAncestors; ++steps) {
    auto above = entries_.find(outermost->parent);
    if (above == entries_.end() || script_of(*above->second.process) != script) break;
    outermost = &above->second;
  }
  return machine_.script_text(*outermost->process, line);
}

/// A process's parent, with the line of its script where it started that process.
ProcessPtr Lineage::parent_of(Entry& child, const Entry& parent) {
  auto process = as_ancestor(parent);
  if (child.started_at.number == 0 || parent.process->exec_boot > child.forked) return process;
  if (child.parent_was == process && child.was == child.process) return child.parent_at;
  if (!child.line) {
    auto text = text_of_script(parent, child.started_at.number);
    child.line = script_line(*process, child.started_at, text, *child.process);
  }
  child.was = child.process;
  child.parent_was = process;
  child.parent_at = child.line ? with_line(process, *child.line) : process;
  return child.parent_at;
}

ProcessPtr Lineage::named(const ProcessKey& listed) {
  if (auto at = entries_.find(key(listed.pid, listed.start)); at != entries_.end()) return as_ancestor(at->second);
  auto process = std::make_shared<Process>();
  process->pid = listed.pid;
  process->start = listed.start;
  derive(*process);
  return process;
}

Ancestry Lineage::ancestry(const kernel::Task& task, std::span<const ProcessKey> listed) {
  Key at = key(task.pid, task.start);
  Remembered& last = remembered_[static_cast<std::size_t>(task.pid) % remembered_.size()];
  bool same = last.ancestry && last.key == at && last.changes == changes_ &&
              std::equal(listed.begin(), listed.end(), last.listed.begin(), last.listed.end());
  if (same) return last.ancestry;
  last = {
      at, changes_, {listed.begin(), listed.end()}, std::make_shared<std::vector<ProcessPtr>>(chain_of(at, listed))};
  return last.ancestry;
}

std::vector<ProcessPtr> Lineage::chain_of(Key of, std::span<const ProcessKey> listed) {
  std::vector<ProcessPtr> chain;
  auto at = entries_.find(of);
  while (at != entries_.end() && at->second.parent && chain.size() < kMostAncestors) {
    Entry& child = at->second;
    at = entries_.find(child.parent);
    if (at != entries_.end()) chain.push_back(parent_of(child, at->second));
  }
  if (!chain.empty() && chain.back()->pid == 1) return chain;
  // The known parents end here: continue with the kernel's list after the last process in both.
  std::size_t from = 0;
  for (std::size_t i = 0; i < listed.size(); ++i) {
    if (!chain.empty() && listed[i].pid == chain.back()->pid) from = i + 1;
  }
  for (const auto& one : listed.subspan(from)) {
    if (one.pid > 0) chain.push_back(named(one));
  }
  return chain;
}

Ancestry Lineage::ancestry(const ProcessPtr& process) {
  kernel::Task task;
  task.pid = process->pid;
  task.start = process->start;
  return ancestry(task, {});
}

}  // namespace stapkill
