#include "autopsy/inquest/evidence.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kSameThing = 2 * kSecond;  // a syslog daemon's own stamp, of whole seconds
constexpr std::size_t kMostPlaces = 120;  // bytes

bool same_party(const Party& one, const Party& other) {
  return one.pid == other.pid && one.tid == other.tid && one.unit == other.unit && one.container == other.container &&
         one.comm == other.comm;
}

/// Two sources' words for one thing. What names no process is the same only with the same words.
bool is_same(const Finding& one, const Finding& other) {
  if (one.kind != other.kind || one.place == other.place || one.signal != other.signal || one.status != other.status)
    return false;
  if (!same_party(one.subject, other.subject) || one.actor.pid != other.actor.pid) return false;
  if (one.subject.pid == 0 && one.subject.tid == 0 && one.quote != other.quote) return false;
  return std::abs(moment_of(one) - moment_of(other)) <= kSameThing + one.doubt + other.doubt;
}

void join(Finding& kept, Finding& other) {
  auto places = kept.place + (kept.place.size() + other.place.size() < kMostPlaces ? ", " + other.place : "");
  bool forgeable = kept.forgeable && other.forgeable;
  if (other.time && (!kept.time || other.doubt < kept.doubt)) std::swap(kept, other);
  kept.forgeable = forgeable;
  kept.place = places;
  if (!kept.oom) kept.oom = std::move(other.oom);
  if (kept.reason.empty()) kept.reason = std::move(other.reason);
}

/// What some findings say of a container or a pod, for those that name only its id.
class Names {
 public:
  void learn(const Party& party) {
    if (!party.pod_uid.empty() && !party.pod.empty()) pods_.emplace(party.pod_uid, party.pod);
    if (party.container.size() < kShortId) return;
    auto& known = containers_[party.container.substr(0, kShortId)];
    for (auto member : kMembers) {
      if ((known.*member).size() < (party.*member).size()) known.*member = party.*member;
    }
  }
  void complete(Party& party) const {
    if (party.container.size() >= kShortId) {
      if (auto known = containers_.find(party.container.substr(0, kShortId)); known != containers_.end()) {
        for (auto member : kMembers) {
          if ((party.*member).empty()) party.*member = known->second.*member;
        }
      }
    }
    if (!party.pod.empty() || party.pod_uid.empty()) return;
    if (auto known = pods_.find(party.pod_uid); known != pods_.end()) party.pod = known->second;
  }

 private:
  static constexpr std::size_t kShortId = 12;  // digits that every source gives
  static constexpr std::array kMembers = {&Party::container_name, &Party::pod, &Party::pod_uid};
  std::map<std::string, Party> containers_;  ///< by the first digits of the id
  std::map<std::string, std::string> pods_;  ///< by uid
};

void name_containers(std::vector<Finding>& findings) {
  Names names;
  for (const auto& finding : findings) names.learn(finding.subject);
  for (auto& finding : findings) names.complete(finding.subject);
}

/// That a process ended with status 0 is of use only where somebody had sent it a signal.
void drop_clean_ends(std::vector<Finding>& findings) {
  std::set<int> called;
  for (const auto& finding : findings) {
    if (finding.kind == Finding::Kind::signal_call) called.insert(finding.subject.pid);
  }
  std::erase_if(findings, [&](const Finding& one) {
    return one.kind == Finding::Kind::accounting && one.status == 0 && !called.contains(one.subject.pid);
  });
}

}  // namespace

Time moment_of(const Finding& finding) {
  return finding.time ? finding.time : finding.since_boot.value_or(0);
}

void add(Evidence& evidence, Reading reading) {
  std::move(reading.findings.begin(), reading.findings.end(), std::back_inserter(evidence.findings));
  std::move(reading.notes.begin(), reading.notes.end(), std::back_inserter(evidence.notes));
}

void bring_together(Evidence& evidence) {
  auto& all = evidence.findings;
  drop_clean_ends(all);
  std::stable_sort(all.begin(), all.end(),
                   [](const Finding& one, const Finding& other) { return moment_of(one) < moment_of(other); });
  constexpr std::ptrdiff_t near = 64;  // findings between two stamps of the same thing
  std::vector<Finding> kept;
  for (auto& finding : all) {
    auto first = kept.end() - std::min<std::ptrdiff_t>(near, std::ssize(kept));
    auto same = std::find_if(first, kept.end(), [&](const Finding& one) { return is_same(one, finding); });
    if (same == kept.end()) {
      kept.push_back(std::move(finding));
    } else {
      join(*same, finding);
    }
  }
  std::stable_sort(kept.begin(), kept.end(),
                   [](const Finding& one, const Finding& other) { return moment_of(one) < moment_of(other); });
  all = std::move(kept);
  name_containers(all);
}

void leave_out_forged(Evidence& evidence) {
  constexpr Time day = Time{86400} * kSecond;  // a quiet kernel is silent for long
  auto is_forged = [&](const Finding& finding) {
    bool covered = std::any_of(evidence.kernels.begin(), evidence.kernels.end(), [&](const auto& span) {
      return finding.time >= span.first && finding.time <= span.second + day;
    });
    return finding.forgeable && finding.source == "kernel-log" && finding.time && covered;
  };
  for (const auto& finding : evidence.findings) {
    if (is_forged(finding))
      evidence.notes.push_back(
          {SourceNote::State::broken, finding.source, finding.place,
           phrase("a line in the kernel's name that the kernel's own log does not have: a user wrote "
                  "it, and it does not count"),
           0, 0});
  }
  std::erase_if(evidence.findings, is_forged);
}

bool has_kernel_log(const Evidence& evidence, Time time) {
  constexpr std::array<std::string_view, 2> sources = {"kernel-log", "journal"};
  constexpr std::array<std::string_view, 4> files = {"/kern.log", "/messages", "/syslog", "/dmesg"};
  return std::any_of(evidence.notes.begin(), evidence.notes.end(), [&](const SourceNote& note) {
    if (note.state != SourceNote::State::read) return false;  // one that was cut may lack that very report
    bool holds = std::find(sources.begin(), sources.end(), note.source) != sources.end() ||
                 std::any_of(files.begin(), files.end(),
                             [&](std::string_view file) { return note.path.find(file) != std::string::npos; });
    return holds && note.since && note.since <= time && time <= note.until + kSecond;
  });
}

}  // namespace stapkill
