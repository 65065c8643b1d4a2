#include "report/cascades.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include "base/signals.h"
#include "model/cgroup_names.h"
#include "verdict/evidence.h"
#include "verdict/relay.h"
#include "verdict/story.h"

namespace stapkill {
namespace {

constexpr Time kLongest = 1'000'000'000;    // from the death shown to the last one counted
constexpr std::size_t kMostOpen = 16;       // cascades at once
constexpr std::size_t kMostCounted = 4096;  // deaths of one
constexpr std::size_t kMostSenders = 32;
constexpr std::size_t kMostNamed = 6;

/// Causes that end several processes at once, and their words after "killed by SIGKILL". Other causes concern one
/// process only.
struct Row {
  Cause cause;
  Phrase (*how)(const Phrase& killer);
};
Phrase from(const Phrase& killer) {
  return phrase(" from {}", killer);
}
constexpr Row kRows[] = {
    {Cause::exit, nullptr},
    {Cause::kill, from},
    {Cause::tkill, from},
    {Cause::sigqueue, from},
    {Cause::pidfd, from},
    {Cause::cgroup_kill, [](const auto& killer) { return phrase(": cgroup.kill was written by {}", killer); }},
    {Cause::parent_death, [](const auto& killer) { return phrase(": their parent {} ended", killer); }},
    {Cause::pidns_exit,
     [](const auto& killer) { return phrase(": {}, the init of their pid namespace, ended", killer); }},
    {Cause::tracer_exit, [](const auto& killer) { return phrase(": {}, which traced them, ended", killer); }},
    {Cause::tty_signal, [](const auto&) { return phrase(" from their terminal"); }},
    {Cause::tty_hangup, [](const auto&) { return phrase(": their terminal was hung up"); }},
    {Cause::sysrq, [](const auto&) { return phrase(": SysRq was asked for"); }},
    {Cause::oom_memcg, [](const auto&) { return phrase(" from the kernel's out-of-memory killer"); }},
};

const Row* row_of(Cause cause) {
  const auto* at = std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& row) { return row.cause == cause; });
  return at == std::end(kRows) ? nullptr : at;
}

bool same(const ProcessPtr& one, const ProcessPtr& other) {
  return one && other && same_process(*one, *other);
}

/// The signal that a process exited after; null where nobody asked it to end.
const ChainStep* request_of(const DeathRecord& record) {
  const auto& chain = record.verdict.chain;
  auto at = std::find_if(chain.rbegin(), chain.rend(),
                         [](const ChainStep& step) { return step.what != ChainStep::What::handler && step.number; });
  return at == chain.rend() ? nullptr : &*at;
}

/// " with exit status 2, asked to end by SIGQUIT from postgres(12)".
Phrase exit_text(const DeathRecord& record) {
  auto text = phrase(" with exit status {}", WEXITSTATUS(record.wait_status));
  const auto* request = request_of(record);
  if (!request) return text;
  // Without a handler's step the signal went to its parent.
  bool itself = record.verdict.chain.back().what == ChainStep::What::handler;
  auto signal = signal_name(request->number);
  if (!request->process)
    return text +
           (itself ? phrase(", asked to end by {}", signal) : phrase(", after their parent had been sent {}", signal));
  auto sender = name_and_pid(*request->process);
  return text + (itself ? phrase(", asked to end by {} from {}", signal, sender)
                        : phrase(", after their parent had been sent {} by {}", signal, sender));
}

Phrase how_text(const DeathRecord& record, const Row& row) {
  auto text = exit_text(record);
  if (WIFSIGNALED(record.wait_status)) {
    const auto& killer = record.verdict.killer;
    // Causes without a killer do not name one.
    text = phrase(", killed by {}", signal_name(WTERMSIG(record.wait_status)));
    if (row.how) text += row.how(killer ? Phrase(name_and_pid(*killer)) : phrase("the kernel"));
  }
  return record.verdict.confidence == Confidence::likely ? text + phrase(" (likely)") : text;
}

/// Whether one cgroup is the other or lies below it; the root says nothing.
bool in_one_cgroup(const Process& one, const Process& other) {
  if (!one.cgroup || !other.cgroup || one.cgroup->size() < 2 || other.cgroup->size() < 2) return false;
  return is_in_cgroup(*one.cgroup, *other.cgroup) || is_in_cgroup(*other.cgroup, *one.cgroup);
}

}  // namespace

std::vector<Cascades::Sender> Cascades::senders_of(const DeathRecord& record) {
  std::vector<Sender> senders;
  const Verdict& verdict = record.verdict;
  if (verdict.killer && WIFSIGNALED(record.wait_status))
    senders.push_back({key(*verdict.killer), WTERMSIG(record.wait_status)});
  for (const auto& step : verdict.chain) {
    bool asks = step.process && step.what != ChainStep::What::handler;
    if (asks && key(*step.process) != key(*record.process)) senders.push_back({key(*step.process), step.number});
  }
  return senders;
}

/// A sender, a dead parent or a cgroup in common, never only the time.
bool Cascades::belongs(const DeathRecord& record, const Cascade& cascade) {
  if (!row_of(record.verdict.cause)) return false;
  if (std::abs(record.time - cascade.last) > kNear || std::abs(record.time - cascade.head.time) > kLongest)
    return false;
  auto has = [](const auto& set, const Key& one) { return set.count(one) > 0; };
  auto senders = senders_of(record);
  bool one_cgroup = in_one_cgroup(*record.process, *cascade.head.process);
  bool sibling = record.parent && record.parent->pid != 1 && has(cascade.parents, key(*record.parent));
  for (const auto& sender : senders) {
    if (has(cascade.dead, sender.key)) return true;  // its init, tracer or parent
    auto known = std::find(cascade.senders.begin(), cascade.senders.end(), sender);
    // Pid 1 stops several units at once.
    if (known != cascade.senders.end() && (sender.key.first != 1 || one_cgroup)) return true;
    // A parent's reaction to the end of one of its children.
    if (sibling && sender.key == key(*record.parent)) return true;
  }
  if (!senders.empty()) return false;
  if (record.parent && has(cascade.dead, key(*record.parent))) return true;
  auto cause = record.verdict.cause;
  if (cause == Cause::oom_memcg) return cascade.head.cause == cause && one_cgroup;
  bool at_terminal = cause == Cause::tty_signal || cause == Cause::tty_hangup;
  return at_terminal && cascade.head.cause == cause && (sibling || same(record.process, cascade.head.parent));
}

Cascades::Member Cascades::member_of(const DeathRecord& record) {
  const auto* row = row_of(record.verdict.cause);
  return {record.process, record.parent, record.time, record.verdict.cause, row ? how_text(record, *row) : Phrase()};
}

void Cascades::take(const DeathRecord& record, Cascade& cascade) {
  cascade.last = std::max(cascade.last, record.time);
  cascade.dead.insert(key(*record.process));
  if (record.parent) cascade.parents.insert(key(*record.parent));
  for (const auto& sender : senders_of(record)) {
    bool known = std::find(cascade.senders.begin(), cascade.senders.end(), sender) != cascade.senders.end();
    if (!known && cascade.senders.size() < kMostSenders) cascade.senders.push_back(sender);
  }
}

bool Cascades::counts(const DeathRecord& record) {
  auto at = std::find_if(open_.begin(), open_.end(),
                         [&](const Cascade& one) { return one.counted.size() < kMostCounted && belongs(record, one); });
  if (at == open_.end()) {
    if (open_.size() >= kMostOpen) {
      add_lines(open_.front(), full_);
      open_.erase(open_.begin());
    }
    open_.push_back({member_of(record), {}, {}, {}, {}, record.time});
    take(record, open_.back());
    return false;
  }
  take(record, *at);
  bool explains = same(record.process, at->head.parent);
  if (explains) at->head = member_of(record);
  if (explains || named_.count(record.process->pid)) return false;
  at->counted.push_back(member_of(record));
  return true;
}

/// How all of them are related to the process that was shown: as "{} of its children"; "" where they are not.
Cascades::Relation Cascades::relation(const Cascade& cascade, const std::vector<const Member*>& members) {
  const Member& head = cascade.head;
  auto all = [&](auto is) {
    return std::all_of(members.begin(), members.end(), [&](const Member* one) { return is(*one); });
  };
  if (all([&](const Member& one) { return same(one.parent, head.process); })) return Relation::children;
  if (head.parent && head.parent->pid != 1 && all([&](const Member& one) { return same(one.parent, head.parent); }))
    return Relation::siblings;
  return Relation::none;
}

Phrase Cascades::group_text(Relation relation, std::size_t count, bool cgroup) {
  if (relation == Relation::children) return phrase("{} of its children", count);
  if (relation == Relation::siblings) return phrase("{} of its siblings", count);
  if (cgroup) return count == 1 ? phrase("{} other of its cgroup", count) : phrase("{} others of its cgroup", count);
  return count == 1 ? phrase("{} other", count) : phrase("{} others", count);
}

void Cascades::add_lines(const Cascade& cascade, std::vector<Line>& lines) {
  std::vector<const Member*> rest;
  for (const auto& member : cascade.counted) rest.push_back(&member);
  while (!rest.empty()) {
    std::vector<const Member*> group, others;
    for (const auto* one : rest) (one->how == rest.front()->how ? group : others).push_back(one);
    Time span = kNear;
    for (const auto* one : group) span = std::max(span, std::abs(one->time - cascade.head.time));
    bool cgroup = std::all_of(group.begin(), group.end(),
                              [&](const Member* one) { return in_one_cgroup(*one->process, *cascade.head.process); });
    Phrase names;
    for (std::size_t i = 0; i < group.size() && i < kMostNamed; ++i)
      names += (i ? ", " : "") + name_and_pid(*group[i]->process);
    if (group.size() > kMostNamed) names += phrase(" and {} more", group.size() - kMostNamed);
    auto who = group_text(relation(cascade, group), group.size(), cgroup);
    lines.push_back({cascade.head.process,
                     phrase("{} ended within {}{}: {}", who, duration_text(span), group.front()->how, names)});
    rest = std::move(others);
  }
}

std::vector<Cascades::Line> Cascades::over(Time now) {
  auto lines = std::exchange(full_, {});
  std::erase_if(open_, [&](const Cascade& one) {
    bool is_over = now - one.last > kNear + kDisorder;
    if (is_over) add_lines(one, lines);
    return is_over;
  });
  return lines;
}

bool Cascades::waits() const {
  return !full_.empty() ||
         std::any_of(open_.begin(), open_.end(), [](const Cascade& one) { return !one.counted.empty(); });
}

}  // namespace stapkill
