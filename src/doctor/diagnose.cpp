#include "doctor/diagnose.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <system_error>

#include "host/packages.h"
#include "host/systemtap.h"
#include "sys/in_time.h"

namespace stapkill {
namespace {

using std::chrono::seconds;

/// Truncates to at most `most` bytes, between two characters. What is truncated is English in every language.
void shorten(Phrase& phrase, std::size_t most) {
  auto text = phrase.english();
  if (text.size() <= most) return;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  phrase = text.substr(0, most) + " [...]";
}

CheckOutcome examine(const Check& check, const Host& host) {
  constexpr std::size_t kMessage = 2000, kValue = 65536;  // other programs' files can have very long lines
  try {
    auto finding = check.examine(host);
    shorten(finding.message, kMessage);
    for (auto& one : finding.evidence) shorten(one.value, kValue);
    return finding;
  } catch (const std::exception& error) {
    return {Status::error, phrase("the check itself failed: {}", error.what()), {}, std::nullopt, {}};
  }
}

/// In its own thread: a file system that hangs blocks only that thread, which keeps alive all that it uses.
CheckOutcome examine_in_time(const Check& check, const Host& host, const std::shared_ptr<Facts>& facts,
                             const std::shared_ptr<Smoke>& smoke) {
  auto finding = std::make_shared<CheckOutcome>();
  try {
    auto work = [check, host, facts, smoke, finding] { *finding = examine(check, host); };
    if (run_in_time(work, seconds(check.limit_seconds))) return std::move(*finding);
  } catch (const std::system_error& error) {
    return {Status::error, phrase("cannot start a thread: {}", error.what()), {}, std::nullopt, {}};
  }
  return {Status::error, phrase("did not end within {} s", check.limit_seconds), {}, std::nullopt, {}};
}

class Examination {
 public:
  Examination(std::shared_ptr<Facts> facts, const DoctorOptions& options, const Host& host,
              std::span<const Check> table)
      : facts_(std::move(facts)), options_(options), host_(host), table_(table) {}

  bool interrupted() const { return options_.smoke && options_.smoke->interrupted(); }

  const CheckResult& result(const Check& check) {
    if (auto at = done_.find(check.id); at != done_.end()) return at->second;
    CheckResult result;
    result.check = &check;
    result.required = check.required_by & (options_.backend == kNone ? kStap | kBpf : options_.backend);
    auto blocked = blocked_by(check);
    auto begun = std::chrono::steady_clock::now();
    if (!blocked.empty()) {
      result.finding = skipped(phrase("needs {}", blocked));
      result.finding.blocked_by = blocked;
    } else {
      bool slow = check.slow && options_.progress && host_.smoke;  // nothing is tried for a captured host
      if (slow) options_.progress(phrase("checking: {}", phrase_from(check.title)));
      result.finding = examine_in_time(check, host_, facts_, options_.smoke);
      if (slow) options_.progress("");
    }
    result.duration_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count();
    return done_.emplace(check.id, std::move(result)).first->second;
  }

 private:
  /// The failed check that blocks this one; "" for none. Checks that the user left out do not block.
  std::string blocked_by(const Check& check) {
    for (auto id : check.after) {
      auto ground = std::find_if(table_.begin(), table_.end(), [&](const Check& one) { return one.id == id; });
      if (id.empty() || ground == table_.end() || options_.skip.count(std::string(id))) continue;
      const auto& finding = result(*ground).finding;
      if (!finding.blocked_by.empty()) return finding.blocked_by;
      if (finding.status == Status::fail || finding.status == Status::error) return std::string(id);
    }
    return {};
  }

  std::shared_ptr<Facts> facts_;
  const DoctorOptions& options_;
  const Host& host_;
  std::span<const Check> table_;
  std::map<std::string_view, CheckResult> done_;
};

std::optional<std::string> systemtap_version(Facts& facts) {
  bool found = bool(find_systemtap(facts));
  if (!found && facts.live_host()) return std::nullopt;
  auto stap = facts.program("stap").value.value_or("stap");
  if (auto ran = found ? facts.run({stap, "-V"}) : Fact<Ran>{}) {
    auto version = parse_systemtap_version(ran->out + ran->err).version;
    if (!version.empty()) return version;
  }
  auto packages = facts.packages();
  for (std::string_view name : {"systemtap", "systemtap-client", "systemtap-devel"}) {
    auto version = packages ? version_of(*packages, name) : std::string();
    if (!version.empty()) return upstream_version(version);
  }
  return std::nullopt;
}

/// What is known about the host before its checks.
struct About {
  Fact<Uname> kernel;
  Distribution distribution;
};

template <typename T>
std::shared_ptr<T> found_in_time(seconds limit, const std::shared_ptr<Facts>& facts, T (*find)(Facts&)) {
  auto found = std::make_shared<T>();
  return run_in_time([=] { *found = find(*facts); }, limit) ? found : nullptr;
}

}  // namespace

bool stands_in_the_way(const CheckResult& result, unsigned backend, bool strict) {
  auto status = result.finding.status;
  bool bad = status == Status::fail || status == Status::error;
  bool required = result.check->required_by & backend;
  bool concerns = required || result.check->required_by == kNone;
  if (strict && concerns && (bad || status == Status::warn)) return true;
  return required && (bad || !result.finding.blocked_by.empty());
}

std::size_t Diagnosis::count(Status status) const {
  return static_cast<std::size_t>(std::count_if(
      results.begin(), results.end(), [&](const CheckResult& result) { return result.finding.status == status; }));
}

Result<Diagnosis> diagnose(const std::shared_ptr<Facts>& facts, const DoctorOptions& options,
                           std::span<const Check> table) {
  auto about = found_in_time<About>(seconds(10), facts, [](Facts& host) {
    return About{host.uname(), distribution(host)};
  });
  if (!about)
    return fail(phrase("this host's files do not answer"), phrase("see which file system hangs"), "doctor.host");
  const auto& name = about->kernel;
  if (!name && options.release.empty()) {
    return fail(phrase("which kernel this host runs is not known: {}", why_of(name)),
                phrase("name it with --kernel RELEASE"), "doctor.kernel");
  }
  Diagnosis diagnosis;
  diagnosis.kernel = name.value.value_or(Uname());
  diagnosis.release = options.release.empty() ? diagnosis.kernel.release : options.release;
  diagnosis.distribution = about->distribution;
  diagnosis.backend = options.backend;
  diagnosis.strict = options.strict;
  diagnosis.partial = !options.only.empty() || !options.skip.empty();
  if (!options.quick) {
    if (auto version = found_in_time<std::optional<std::string>>(seconds(15), facts, systemtap_version))
      diagnosis.systemtap = *version;
  }
  Host host{*facts, diagnosis.distribution, diagnosis.kernel, diagnosis.release};
  host.running = diagnosis.release == diagnosis.kernel.release;
  host.shims = options.shims;
  host.deep = options.deep;
  host.smoke = options.smoke.get();
  host.systemtap = diagnosis.systemtap;
  Examination examination(facts, options, host, table);
  for (const auto& check : table) {
    std::string id(check.id);
    if (options.skip.count(id) || (!options.only.empty() && !options.only.count(id))) continue;
    diagnosis.results.push_back(examination.result(check));
    if (examination.interrupted()) return fail(phrase("interrupted"), {}, "interrupted", ErrorKind::interrupted);
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
