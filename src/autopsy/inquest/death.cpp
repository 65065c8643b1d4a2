#include "autopsy/inquest/death.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <map>
#include <span>

#include "autopsy/inquest/kinds.h"
#include "autopsy/inquest/kubelet_reason.h"
#include "base/signals.h"
#include "model/cgroup_names.h"
#include "verdict/exit_codes.h"

namespace stapkill {
namespace {

using K = Finding::Kind;
constexpr Time kSecond = 1'000'000'000;

/// How far from a death what belongs to it can be: `before` it and `after` it, in seconds.
struct Reach {
  K kind;
  Time before, after;
};
constexpr Reach kReach[] = {
    {K::core, 5, 90},  // a dump takes its time
    {K::signal_call, 100, 1},
    {K::oom_kill, 30, 2},  // a task in an uninterruptible sleep ends late
    {K::userspace_oom, 30, 2},
    {K::unit_kill, 15, 1},
    {K::unit_stop, 95, 1},  // DefaultTimeoutStopSec is 90 s; a command can have asked for it
    {K::unit_limit, 95, 1},
    {K::unit_oom, 10, 10},
    {K::unit_result, 1, 95},
    {K::unit_start, 0, 15},
    {K::container_stop, 95, 5},
    {K::kubelet_kill, 95, 10},
    {K::cgroup_kill, 5, 1},
    {K::sysrq, 5, 1},
    {K::claim, 10, 10},
    {K::hung_task, 600, 0},
    {K::shutdown, 100, 5},
    {K::crash, 100, 5},
    {K::boot, 0, 600},
    {K::sleep, 10, 10},
    {K::packages, 60, 1},
    {K::command, 100, 1},
    {K::job, 60, 1},
    {K::login, 300, 1},
    {K::note, 10, 10},
};
constexpr Reach kUsual{K::note, 10, 10};

const Reach& reach_of(K kind) {
  const auto* row =
      std::find_if(std::begin(kReach), std::end(kReach), [&](const Reach& one) { return one.kind == kind; });
  return row == std::end(kReach) ? kUsual : *row;
}

bool is_near(const Finding& finding, Time time, Time doubt) {
  if (!moment_of(finding) || !time) return true;  // a source without times: what it names must decide
  const auto& reach = reach_of(finding.kind);
  auto slack = finding.doubt + doubt;
  auto moment = moment_of(finding);
  if (finding.kind == K::boot && moment < time) return false;  // it was started long before
  return moment >= time - reach.before * kSecond - slack && moment <= time + reach.after * kSecond + slack;
}

int signal_of(const Finding& finding) {
  if (finding.kind == K::oom_kill) return SIGKILL;
  return finding.signal;
}

/// A signal that two findings name must be the same one; a container's 137 is SIGKILL's, and so is that of a unit whose
/// main process (conmon, a shell) passes on how its child ended.
bool agree(const FoundDeath& death, const Finding& finding) {
  int theirs = signal_of(finding);
  bool passes_on = finding.kind == K::container_end || finding.kind == K::unit_process;
  if (!theirs && passes_on && finding.status) theirs = signal_in_status(*finding.status).value_or(0);
  if (!theirs) return !finding.status || !death.signal;
  return !death.signal || death.signal == theirs;
}

/// Whether a finding names the dead process itself.
bool names_process(const FoundDeath& death, const Party& party) {
  if (!death.who.pid && !death.who.tid) return false;
  if (party.pid && death.who.pid) return party.pid == death.who.pid;
  // A thread's id is its process's where only one thread is named.
  int one = party.pid ? party.pid : party.tid, other = death.who.pid ? death.who.pid : death.who.tid;
  return one && (one == other || (party.tid && party.tid == death.who.tid));
}

/// Whether both are of the same container, pod or unit.
bool shares_place(const Party& one, const Party& other) {
  if (!one.container.empty() && !other.container.empty()) return same_container(one.container, other.container);
  if (!one.container_name.empty() && one.container_name == other.container_name)
    return one.pod == other.pod || one.pod.empty() || other.pod.empty();
  if (!one.pod_uid.empty() && one.pod_uid == other.pod_uid) return true;
  if (!one.pod.empty() && one.pod == other.pod) return true;
  auto unit = unit_of(one), others = unit_of(other);
  if (unit.empty() || others.empty()) return false;
  // One of them may name a unit that holds the other's: a user's manager and its scopes.
  return unit == others || is_in_unit(one.cgroup, others) || is_in_unit(other.cgroup, unit);
}

/// Whether a unit has the name of the program, and nothing says which unit the process was of.
bool is_named_for(const Party& unit, const Party& process) {
  if (process.comm.empty() || !unit_of(process).empty() || !process.container.empty()) return false;
  auto name = std::string_view(unit.unit);
  constexpr std::string_view suffix = ".service";
  if (!name.ends_with(suffix)) return false;
  name = name.substr(0, std::min(name.size() - suffix.size(), name.find('@')));
  constexpr std::size_t longest_comm = 15;  // TASK_COMM_LEN without its NUL
  return name.substr(0, longest_comm) == process.comm;
}

/// Takes over what a finding says of the process and was not known.
void learn(Party& known, const Party& said) {
  auto text = [](std::string& mine, const std::string& theirs) {
    if (mine.empty()) mine = theirs;
  };
  if (!known.pid) known.pid = said.pid;
  if (!known.tid) known.tid = said.tid;
  if (!known.parent) known.parent = said.parent;
  for (auto member : {&Party::comm, &Party::exe, &Party::cmdline, &Party::user, &Party::tty, &Party::unit,
                      &Party::cgroup, &Party::container_name, &Party::pod, &Party::pod_uid})
    text(known.*member, said.*member);
  if (said.container.size() > known.container.size()) known.container = said.container;
  if (!known.uid) known.uid = said.uid;
  if (!known.loginuid) known.loginuid = said.loginuid;
}

/// Kinds whose time is that of the end itself, not of a message about it.
bool is_exact(K kind) {
  return kind == K::accounting || kind == K::container_end || kind == K::abnormal_end || kind == K::fault;
}

void take_end(FoundDeath& death, const Finding& finding) {
  bool later = is_exact(finding.kind) && (death.ends.empty() || !is_exact(death.ends.back()->kind));
  if (death.ends.empty() || (later && moment_of(finding))) {
    death.time = moment_of(finding);
    death.doubt = finding.doubt;
  }
  learn(death.who, finding.subject);
  if (int number = signal_of(finding); number && finding.kind != K::signal_call) {
    death.signal = number;
    death.signal_inferred = false;
  }
  if (finding.status && !death.signal) {
    auto inferred = finding.kind == K::container_end ? signal_in_status(*finding.status) : std::nullopt;
    if (inferred) {
      death.signal = *inferred;
      death.signal_inferred = true;
    }
    death.status = finding.status;
  }
  if (death.signal && !death.signal_inferred) death.status.reset();
  death.ends.push_back(&finding);
}

/// A call that failed, sent no signal, or a signal that ends nobody, shows no end.
bool can_end(const Finding& finding) {
  if (finding.kind == K::signal_call || finding.kind == K::unit_kill)
    return !finding.failed && finding.signal && ends_by_default(finding.signal);
  if (finding.kind == K::seccomp) return finding.signal != 0;
  return true;
}

/// Findings that alone show that something ended. A signal that can be handled shows it only with another one.
bool begins_death(const Finding& finding) {
  if (!can_end(finding)) return false;
  switch (finding.kind) {
    case K::signal_call:
    case K::unit_kill:
      return finding.signal == SIGKILL && finding.subject.pid;
    case K::userspace_oom:
      return true;
    case K::kubelet_kill:
      return shows_end(finding);
    default:
      return words_of(finding.kind).bearing == Bearing::end;
  }
}

/// Whether an end came just after one that is known. A process whose memory is dumped is gone only after the dump.
bool is_at_once(const FoundDeath& death, const Finding& finding) {
  constexpr Time close = 3 * kSecond, dump = 90 * kSecond;
  bool dumped =
      std::any_of(death.ends.begin(), death.ends.end(), [](const Finding* one) { return one->kind == K::core; });
  return std::any_of(death.ends.begin(), death.ends.end(), [&](const Finding* one) {
    auto apart = moment_of(finding) - moment_of(*one), slack = finding.doubt + one->doubt;
    return apart >= -close - slack && apart <= (dumped ? dump : close) + slack;
  });
}

/// Whether a finding that shows an end is about a death that is known already. One of a container or unit without a pid
/// is, where its signal fits, and it came at once.
bool is_same_end(const FoundDeath& death, const Finding& finding) {
  bool is_end = words_of(finding.kind).bearing == Bearing::end;
  if (is_end && is_at_once(death, finding) && agree(death, finding) && !finding.subject.pid && !finding.subject.tid)
    return shares_place(death.who, finding.subject);
  if (!is_near(finding, death.time, death.doubt)) return false;
  bool named = finding.subject.pid || finding.subject.tid, knows = death.who.pid || death.who.tid;
  if (named && knows) return names_process(death, finding.subject);  // what differs then is a contradiction
  if (!agree(death, finding)) return false;
  return !is_end && shares_place(death.who, finding.subject);
}

/// A unit's main process that ended as a process with the unit's name did at that time.
bool is_namesakes_end(const FoundDeath& death, const Finding& finding) {
  return finding.kind == K::unit_process && finding.reason.find("ain process") != std::string::npos && finding.time &&
         agree(death, finding) && is_at_once(death, finding) && is_named_for(finding.subject, death.who);
}

/// How sure a kind's pid is: the first ones begin deaths, and those that name only a place join them.
int rank(const Finding& finding) {
  if (finding.kind == K::unit_result) return 5;
  if (finding.kind == K::kubelet_kill || finding.kind == K::userspace_oom) return finding.subject.pid ? 2 : 4;
  if (finding.kind == K::signal_call || finding.kind == K::unit_kill) return 2;
  return finding.subject.pid ? 0 : finding.subject.tid ? 1 : 3;
}

void attach(FoundDeath& death, const Finding& finding) {
  auto bearing = words_of(finding.kind).bearing;
  if (!is_near(finding, death.time, death.doubt)) return;
  if (bearing == Bearing::machine || bearing == Bearing::context) {
    death.context.push_back(&finding);
    return;
  }
  bool likely = !death.likely_unit.empty() && finding.subject.unit == death.likely_unit;
  bool about = names_process(death, finding.subject) || (likely && !finding.subject.pid) ||
               (!finding.subject.pid && shares_place(death.who, finding.subject)) || finding.kind == K::sysrq;
  // Another process of the same container: what happened to it belongs to the story.
  bool beside = finding.kind == K::oom_kill && shares_place(death.who, finding.subject);
  if (!about && !beside) return;
  bool is_end = std::find(death.ends.begin(), death.ends.end(), &finding) != death.ends.end();
  if (is_end) return;
  if (bearing == Bearing::decision || (about && finding.kind == K::signal_call && can_end(finding))) {
    death.decisions.push_back(&finding);
  } else {
    death.details.push_back(&finding);
  }
}

/// Ends of units that were stopped. systemd logs no line about a process that exits cleanly, or by the SIGTERM of a
/// stop job (service.c, service_sigchld_event).
class StoppedUnits {
 public:
  explicit StoppedUnits(const Evidence& evidence) {
    for (const auto& one : evidence.findings) {
      bool stops = one.kind == K::unit_stop || one.kind == K::unit_limit;
      if (stops && !is_logins(one.subject.unit)) stops_[one.subject.unit].push_back(&one);
    }
  }
  bool has(const Finding& finding) const {
    constexpr std::array results = {"success", "stopped", "timeout", "watchdog"};
    if (finding.kind != K::unit_result || std::find(results.begin(), results.end(), finding.reason) == results.end())
      return false;
    auto stops = stops_.find(finding.subject.unit);
    return stops != stops_.end() && std::any_of(stops->second.begin(), stops->second.end(), [&](const Finding* stop) {
             return is_near(*stop, moment_of(finding), finding.doubt);
           });
  }

 private:
  /// A logout stops them.
  static bool is_logins(std::string_view unit) {
    constexpr std::array<std::string_view, 3> begins = {"user@", "user-runtime-dir@", "session-"};
    return unit.empty() ||
           std::any_of(begins.begin(), begins.end(), [&](std::string_view one) { return unit.starts_with(one); });
  }

  std::map<std::string, std::vector<const Finding*>> stops_;
};

/// The deaths so far, found by the ids of their threads.
class Deaths {
 public:
  FoundDeath* same_end(const Finding& finding) {
    if (int id = finding.subject.pid ? finding.subject.pid : finding.subject.tid) {
      auto [first, last] = by_id_.equal_range(id);
      auto same = std::find_if(first, last, [&](const auto& one) { return is_same_end(all_[one.second], finding); });
      return same == last ? nullptr : &all_[same->second];
    }
    auto same =
        std::find_if(all_.begin(), all_.end(), [&](const FoundDeath& one) { return is_same_end(one, finding); });
    return same == all_.end() ? namesake(finding) : &*same;
  }
  void take(const Finding& finding) {
    auto* death = same_end(finding);
    if (death && words_of(finding.kind).bearing != Bearing::end) {  // complete() adds it
      if (names_process(*death, finding.subject)) learn(death->who, finding.subject);
      return;
    }
    if (!death) death = &all_.emplace_back();
    take_end(*death, finding);
    auto place = static_cast<std::size_t>(death - all_.data());
    for (int id : {finding.subject.pid, finding.subject.tid}) {
      if (id) by_id_.emplace(id, place);
    }
  }
  std::vector<FoundDeath> latest_first() {
    std::stable_sort(all_.begin(), all_.end(),
                     [](const FoundDeath& one, const FoundDeath& other) { return one.time > other.time; });
    return std::move(all_);
  }

 private:
  /// The only death that can be it by its name.
  FoundDeath* namesake(const Finding& finding) {
    FoundDeath* found = nullptr;
    for (auto& death : all_) {
      if (!is_namesakes_end(death, finding)) continue;
      if (found) return nullptr;
      found = &death;
    }
    return found;
  }

  std::vector<FoundDeath> all_;
  std::multimap<int, std::size_t> by_id_;
};

/// Whether a unit's end and a process's are of the same signal at the same time, and neither source names both.
bool may_be_one(const FoundDeath& unit, const FoundDeath& process) {
  constexpr Time most = 2 * kSecond;
  // Other signals come from elsewhere: inquest/nearby_kill.h has those of the memory killers.
  bool own = std::any_of(process.ends.begin(), process.ends.end(),
                         [](const Finding* one) { return one->kind == K::fault || one->kind == K::seccomp; });
  bool placed = !own || !unit_of(process.who).empty() || !process.who.container.empty() || !process.who.pod.empty();
  return (process.who.pid || process.who.tid) && !placed && unit.signal && unit.signal == process.signal &&
         std::abs(unit.time - process.time) <= most + unit.doubt + process.doubt;
}

/// The end that systemd tells of a unit without a pid, and the one that another source tells of a pid without a unit.
/// They are brought together where each is the only one for the other.
void join_units(std::vector<FoundDeath>& deaths) {
  auto is_units = [](const FoundDeath& one) {
    return !one.who.pid && !one.who.tid && one.who.container.empty() && !one.who.unit.empty();
  };
  auto others_of = [&](const FoundDeath& death, bool unit) {
    std::vector<FoundDeath*> others;
    for (auto& other : deaths) {
      if (is_units(other) == unit || other.ends.empty()) continue;
      if (unit ? may_be_one(death, other) : may_be_one(other, death)) others.push_back(&other);
    }
    return others;
  };
  for (auto& unit : deaths) {
    if (!is_units(unit) || unit.ends.empty()) continue;
    auto processes = others_of(unit, true);
    if (processes.size() != 1 || others_of(*processes[0], false).size() != 1) continue;
    auto& process = *processes[0];
    process.likely_unit = unit.who.unit;
    process.ends.insert(process.ends.end(), unit.ends.begin(), unit.ends.end());
    unit.ends.clear();
  }
  std::erase_if(deaths, [](const FoundDeath& one) { return one.ends.empty(); });
}

/// A stop, or a limit, of a run of the unit that is over: the unit was started again before this death.
void drop_ended_stops(FoundDeath& death, const Evidence& evidence) {
  auto is_over = [&](const Finding* stop) {
    if (stop->kind != K::unit_stop && stop->kind != K::unit_limit) return false;
    return std::any_of(evidence.findings.begin(), evidence.findings.end(), [&](const Finding& one) {
      return one.kind == K::unit_start && one.subject.unit == stop->subject.unit && moment_of(one) > moment_of(*stop) &&
             moment_of(one) < death.time - death.doubt;
    });
  };
  std::erase_if(death.decisions, is_over);
}

}  // namespace

std::vector<FoundDeath> deaths_in(const Evidence& evidence) {
  std::vector<const Finding*> seeds;
  StoppedUnits stopped(evidence);
  for (const auto& finding : evidence.findings) {
    if (begins_death(finding) || stopped.has(finding)) seeds.push_back(&finding);
  }
  std::stable_sort(seeds.begin(), seeds.end(),
                   [](const Finding* one, const Finding* other) { return rank(*one) < rank(*other); });
  Deaths deaths;
  for (const auto* seed : seeds) deaths.take(*seed);
  auto all = deaths.latest_first();
  join_units(all);
  return all;
}

void complete(FoundDeath& death, const Evidence& evidence) {
  for (const auto& finding : evidence.findings) attach(death, finding);
  drop_ended_stops(death, evidence);
}

bool fits(const Sought& sought, const FoundDeath& death) {
  if (fits(sought, death.who)) return true;
  auto any = [&](std::span<const Finding* const> findings) {
    return std::any_of(findings.begin(), findings.end(), [&](const Finding* one) {
      return words_of(one->kind).bearing == Bearing::end && fits(sought, one->subject);
    });
  };
  return any(death.ends);
}

}  // namespace stapkill
