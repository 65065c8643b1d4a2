#include "doctor/diagnose.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <thread>

#include "host/packages.h"
#include "host/systemtap.h"

namespace stapkill {
namespace {

Finding examine(const Check& check, const Host& host) {
  try {
    return check.examine(host);
  } catch (const std::exception& error) {
    return {Status::error, std::string("the check itself failed: ") + error.what(), {}, std::nullopt, {}};
  }
}

/// In a thread of its own: a file system that hangs takes nothing along but that thread, which is left behind. What it
/// uses is kept alive by what it holds.
Finding examine_in_time(const Check& check, const Host& host, const std::shared_ptr<Facts>& facts,
                        const std::shared_ptr<Smoke>& smoke) {
  std::packaged_task<Finding()> task([&check, host, facts, smoke] { return examine(check, host); });
  auto future = task.get_future();
  std::thread(std::move(task)).detach();
  if (future.wait_for(std::chrono::seconds(check.limit_seconds)) == std::future_status::ready) return future.get();
  return {Status::error, fmt::format("gave no answer within {} s", check.limit_seconds), {}, std::nullopt, {}};
}

class Examination {
 public:
  Examination(std::shared_ptr<Facts> facts, const DoctorOptions& options, const Host& host)
      : facts_(std::move(facts)), options_(options), host_(host) {}

  const CheckResult& result(const Check& check) {
    if (auto at = done_.find(check.id); at != done_.end()) return at->second;
    CheckResult result;
    result.check = &check;
    result.required = check.required_by & (options_.backend == kNone ? kStap | kBpf : options_.backend);
    auto blocked = blocked_by(check);
    auto begun = std::chrono::steady_clock::now();
    if (!blocked.empty()) {
      result.finding = skipped("needs " + blocked);
      result.finding.blocked_by = blocked;
    } else {
      if (check.slow && options_.progress) options_.progress("checking: " + std::string(check.title));
      result.finding = examine_in_time(check, host_, facts_, options_.smoke);
      if (check.slow && options_.progress) options_.progress("");
    }
    result.duration_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count();
    return done_.emplace(check.id, std::move(result)).first->second;
  }

 private:
  /// The check that this one waits for in vain; "" when nothing stands in its way. What the user left out does not.
  std::string blocked_by(const Check& check) {
    for (auto id : check.after) {
      const Check* ground = id.empty() ? nullptr : find_check(id);
      if (!ground || options_.skip.count(std::string(id))) continue;
      const auto& finding = result(*ground).finding;
      if (!finding.blocked_by.empty()) return finding.blocked_by;
      if (finding.status == Status::fail || finding.status == Status::error) return std::string(id);
    }
    return {};
  }

  std::shared_ptr<Facts> facts_;
  const DoctorOptions& options_;
  const Host& host_;
  std::map<std::string_view, CheckResult> done_;
};

bool stands_in_the_way(const CheckResult& result, unsigned backend, bool strict) {
  const auto& finding = result.finding;
  bool required = result.check->required_by & backend;
  bool another = result.check->required_by != kNone && !required;
  if (strict && finding.status == Status::warn && !another) return true;
  if (!required) return false;
  return finding.status == Status::fail || finding.status == Status::error || !finding.blocked_by.empty();
}

std::optional<std::string> systemtap_version(Facts& facts) {
  if (!find_systemtap(facts)) return std::nullopt;
  auto stap = facts.program("stap").value.value_or("stap");
  if (auto ran = facts.run({stap, "-V"})) {
    auto version = parse_systemtap_version(ran->out + ran->err).version;
    if (!version.empty()) return version;
  }
  auto packages = facts.packages();
  for (std::string_view name : {"systemtap", "systemtap-client", "systemtap-devel"}) {
    auto version = packages ? version_of(*packages, name) : std::string();
    if (!version.empty()) return version.substr(0, version.find('-'));
  }
  return std::nullopt;
}

}  // namespace

std::size_t Diagnosis::count(Status status) const {
  return static_cast<std::size_t>(std::count_if(
      results.begin(), results.end(), [&](const CheckResult& result) { return result.finding.status == status; }));
}

Result<Diagnosis> diagnose(std::shared_ptr<Facts> facts, const DoctorOptions& options) {
  auto name = facts->uname();
  if (!name && options.release.empty()) {
    return fail("which kernel this host runs is not known: " + name.why, "name it with --kernel RELEASE",
                "doctor.kernel");
  }
  Diagnosis diagnosis;
  diagnosis.kernel = name.value.value_or(Uname());
  diagnosis.release = options.release.empty() ? diagnosis.kernel.release : options.release;
  diagnosis.distribution = distribution(*facts);
  diagnosis.backend = options.backend;
  diagnosis.strict = options.strict;
  diagnosis.partial = !options.only.empty() || !options.skip.empty();
  diagnosis.systemtap = systemtap_version(*facts);
  Host host{*facts, diagnosis.distribution, diagnosis.kernel, diagnosis.release};
  host.running = diagnosis.release == diagnosis.kernel.release;
  host.shims = options.shims;
  host.deep = options.deep;
  host.smoke = options.smoke.get();
  Examination examination(facts, options, host);
  for (const auto& check : checks()) {
    std::string id(check.id);
    if (options.skip.count(id) || (!options.only.empty() && !options.only.count(id))) continue;
    diagnosis.results.push_back(examination.result(check));
  }
  for (const auto& backend : kBackends) {
    bool stopped = std::any_of(diagnosis.results.begin(), diagnosis.results.end(), [&](const CheckResult& result) {
      return stands_in_the_way(result, backend.bit, options.strict);
    });
    if (backend.built && !stopped) diagnosis.ready |= backend.bit;
  }
  return diagnosis;
}

}  // namespace stapkill
