#include "engine/manager_words.h"

#include <utility>

#include "base/signals.h"
#include "model/cgroup_names.h"

namespace stapkill {
namespace {

constexpr Time kAgain = 1'000'000'000;
constexpr std::size_t kMostLines = 200;

/// Whether a name can be a unit's (systemd.unit(5)); a cgroup can have any.
bool is_unit_name(const std::string& name) {
  constexpr char kValid[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.\\@-";
  return name.size() < 256 && name.find_first_not_of(kValid) == std::string::npos;
}

}  // namespace

std::string ManagerWords::unit_to_ask(const SignalRecord& signal, Time boot) {
  bool by_systemd = signal.by == By::process && signal.sender->pid == 1 && signal.sender->comm == "systemd";
  if (!by_systemd || !ends_by_default(signal.number)) return {};
  auto name = outermost_unit_of(signal.target->cgroup);
  if (!name || !is_unit_name(*name)) return {};
  if (units_.size() >= kMostUnits && !units_.count(*name)) units_.clear();
  Unit& unit = units_[*name];
  if (unit.asked && boot - unit.asked < kAgain) return {};
  unit.asked = boot;
  unit.answered = false;
  return *name;
}

void ManagerWords::said(const std::string& unit, std::vector<std::string> lines) {
  auto at = units_.find(unit);
  if (at == units_.end()) return;
  at->second.answered = true;
  auto& all = at->second.lines;
  for (auto& line : lines) all.push_back(std::move(line));
  if (all.size() > kMostLines) all.erase(all.begin(), all.end() - kMostLines);
}

const ManagerWords::Unit* ManagerWords::unit(const Process& process) const {
  if (units_.empty()) return nullptr;
  auto name = outermost_unit_of(process.cgroup);
  auto at = name ? units_.find(*name) : units_.end();
  return at == units_.end() ? nullptr : &at->second;
}

bool ManagerWords::awaited(const Process& process, Time boot) const {
  const auto* asked = unit(process);
  return asked && !asked->answered && boot - asked->asked < limit_;
}

const std::vector<std::string>* ManagerWords::about(const Process& process) const {
  const auto* asked = unit(process);
  return asked && !asked->lines.empty() ? &asked->lines : nullptr;
}

}  // namespace stapkill
