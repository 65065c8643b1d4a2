#include "engine/manager_words.h"

#include <algorithm>
#include <utility>

#include "base/signals.h"
#include "model/cgroup_names.h"
#include "model/containers.h"
#include "verdict/origins.h"

namespace stapkill {
namespace {

constexpr Time kAgain = 1'000'000'000;
constexpr std::size_t kMostLines = 200;

/// Whether a name can be a unit's (systemd.unit(5)); a cgroup can have any.
bool is_unit_name(const std::string& name) {
  constexpr char kValid[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.\\@-";
  return name.size() < 256 && name.find_first_not_of(kValid) == std::string::npos;
}

bool is_systemds(const SignalRecord& signal) {
  return signal.sender->pid == 1 && signal.sender->comm == "systemd";
}

AskManager about_container(const SignalRecord& signal) {
  auto container = container_of(signal.target->cgroup);
  return {AskManager::Writer::kubelet, container->id, signal.time, {container->pod_uid}};
}

}  // namespace

std::optional<std::string> systemds_subject(const Process& process) {
  auto name = outermost_unit_of(process.cgroup);
  return name && is_unit_name(*name) ? name : std::nullopt;
}

std::optional<std::string> kubelets_subject(const Process& process) {
  auto container = container_of(process.cgroup);
  bool in_pod = container && !container->pod_uid.empty() && is_container_id(container->id);
  return in_pod ? std::optional(container->id) : std::nullopt;
}

std::optional<AskManager> ManagerWords::question(const SignalRecord& signal, Time boot) {
  if (signal.by != By::process || !ends_by_default(signal.number)) return std::nullopt;
  std::optional<AskManager> wish;
  if (is_systemds(signal)) {
    if (auto unit = systemds_subject(*signal.target)) wish = {AskManager::Writer::systemd, *unit, signal.time, {}};
  } else if (kubelets_subject(*signal.target) && is_by_runtime(*signal.sender, *signal.ancestry)) {
    wish = about_container(signal);
  }
  if (!wish) return std::nullopt;
  if (subjects_.size() >= kMostSubjects && !subjects_.count(wish->subject)) subjects_.clear();
  Subject& subject = subjects_[wish->subject];
  if (subject.asked && boot - subject.asked < kAgain) return std::nullopt;
  subject.asked = boot;
  subject.answered = false;
  return wish;
}

void ManagerWords::said(const std::string& subject, std::vector<std::string> lines) {
  auto at = subjects_.find(subject);
  if (at == subjects_.end()) return;
  at->second.answered = true;
  auto& all = at->second.lines;
  // What was said before a second question is said again.
  for (auto& line : lines) {
    if (std::find(all.begin(), all.end(), line) == all.end()) all.push_back(std::move(line));
  }
  if (all.size() > kMostLines) all.erase(all.begin(), all.end() - kMostLines);
}

bool ManagerWords::awaited(const Process& process, Time boot) const {
  auto waits = [&](const std::optional<std::string>& name) {
    auto at = name ? subjects_.find(*name) : subjects_.end();
    return at != subjects_.end() && !at->second.answered && boot - at->second.asked < limit_;
  };
  return !subjects_.empty() && (waits(systemds_subject(process)) || waits(kubelets_subject(process)));
}

const std::vector<std::string>* ManagerWords::about(const std::optional<std::string>& name) const {
  auto at = name ? subjects_.find(*name) : subjects_.end();
  return at == subjects_.end() || at->second.lines.empty() ? nullptr : &at->second.lines;
}

}  // namespace stapkill
