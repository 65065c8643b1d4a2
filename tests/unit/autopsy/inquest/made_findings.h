#pragma once

#include <csignal>
#include <string>

#include "autopsy/inquest/death.h"
#include "autopsy/inquest/rules.h"
#include "catch.h"

namespace stapkill {

inline constexpr Time kSecond = 1'000'000'000;
inline constexpr Time kNoon = Time{1'796'040'000} * kSecond;  // 2026-11-30 12:00:00 UTC

/// A finding about nginx(500), `seconds` after noon.
inline Finding found(Finding::Kind kind, double seconds = 0, int pid = 500) {
  Finding finding;
  finding.kind = kind;
  finding.time = kNoon + static_cast<Time>(seconds * 1e9);
  finding.subject.pid = pid;
  if (pid) finding.subject.comm = "nginx";
  finding.source = "journal";
  finding.place = "journal";
  finding.quote = "words of the source";
  return finding;
}

inline Finding with_signal(Finding finding, int number) {
  finding.signal = number;
  return finding;
}

inline Finding with_status(Finding finding, int status) {
  finding.status = status;
  return finding;
}

inline Finding in_unit(Finding finding, const std::string& unit) {
  finding.subject.unit = unit;
  return finding;
}

inline Finding in_container(Finding finding, char digit) {
  finding.subject.container = std::string(64, digit);
  return finding;
}

/// SIGKILL from kill(700) to nginx(500), as audit has it.
inline Finding call_of_kill(double seconds = 0) {
  auto call = with_signal(found(Finding::Kind::signal_call, seconds), SIGKILL);
  call.source = "audit";
  call.actor.pid = 700;
  call.actor.comm = "kill";
  call.through = "kill(2)";
  return call;
}

inline Finding oom_kill(OomReport::Scope scope = OomReport::Scope::memcg, double seconds = 0, int pid = 500) {
  auto kill = found(Finding::Kind::oom_kill, seconds, pid);
  kill.source = "kernel-log";
  kill.oom = OomReport{};
  kill.oom->scope = scope;
  kill.oom->limited = scope == OomReport::Scope::memcg ? "/system.slice/nginx.service" : "";
  kill.oom->limit = scope == OomReport::Scope::memcg ? 64 << 20 : 0;
  return kill;
}

/// The process ended by that signal, as its accounting record says.
inline Finding ended_by(int number, double seconds = 0.1) {
  auto end = with_signal(found(Finding::Kind::accounting, seconds), number);
  end.source = "accounting";
  return end;
}

/// Evidence with the kernel's log of the whole day.
inline Evidence with_kernel_log(std::vector<Finding> findings) {
  Evidence evidence;
  evidence.findings = std::move(findings);
  evidence.notes.push_back(
      {SourceNote::State::read, "kernel-log", "/var/log/kern.log", "", kNoon - 3600 * kSecond, kNoon + 3600 * kSecond});
  return evidence;
}

inline Evidence evidence_of(std::vector<Finding> findings) {
  Evidence evidence;
  evidence.findings = std::move(findings);
  return evidence;
}

/// The deaths in it, judged; the evidence must outlive them.
inline std::vector<FoundDeath> judged(Evidence& evidence) {
  bring_together(evidence);
  auto deaths = deaths_in(evidence);
  for (auto& death : deaths) {
    complete(death, evidence);
    conclude(death, evidence);
  }
  return deaths;
}

/// The only death in it.
struct Judged {
  Evidence evidence;
  std::vector<FoundDeath> deaths;
  explicit Judged(Evidence its) : evidence(std::move(its)), deaths(judged(evidence)) { REQUIRE(deaths.size() == 1); }
  const Conclusion& verdict() const { return deaths[0].conclusion; }
};

inline Judged of(std::vector<Finding> findings) {
  return Judged(evidence_of(std::move(findings)));
}

inline bool has(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

}  // namespace stapkill
