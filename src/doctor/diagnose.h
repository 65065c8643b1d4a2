#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "doctor/backends.h"
#include "doctor/check.h"

namespace stapkill {

/// What is to be judged, and how.
struct DoctorOptions {
  std::string release;               ///< --kernel; "" for the one that runs
  std::set<std::string> only, skip;  ///< check ids; empty `only`: all
  unsigned backend = kStap;          ///< whose readiness counts; kNone: any backend's
  bool strict = false;               ///< warnings count as failures
  Shims shims = Shims::apply;
  bool deep = false;
  bool quick = false;  ///< SystemTap is not asked for its version, but by a check that wants to know
  std::shared_ptr<Smoke> smoke;
  std::function<void(std::string_view)> progress;  ///< what is being checked now, of slow ones; "" when that is over
};

/// One check as it came out.
struct CheckResult {
  const Check* check = nullptr;
  bool required = false;  ///< by the backend asked for
  Finding finding;
  double duration_ms = 0;
};

/// Whether a check, as it came out, keeps that backend from watching. Strict: its warnings do too, and those and
/// failures of checks that no backend requires.
bool stands_in_the_way(const CheckResult& result, unsigned backend, bool strict);

/// A whole diagnosis.
struct Diagnosis {
  Uname kernel;
  std::string release;
  Distribution distribution;
  std::optional<std::string> systemtap;  ///< its version
  std::vector<CheckResult> results;      ///< in the table's order
  unsigned backend = kStap;
  unsigned ready = kNone;  ///< the backends that can watch, by what was checked
  bool strict = false;
  bool partial = false;  ///< checks were left out on demand: `ready` speaks of the others alone

  bool asked_is_ready() const { return backend == kNone ? ready != kNone : (ready & backend) != 0; }
  std::size_t count(Status status) const;
};

/// Runs the checks: those whose ground is missing are skipped, one that throws or does not end within its limit is an
/// error, the others go on. An error only when the host cannot be judged at all (which kernel it runs is not known),
/// or when the user interrupts a trial (ErrorKind::interrupted). `table`: other checks, for tests; it must live on.
Result<Diagnosis> diagnose(const std::shared_ptr<Facts>& facts, const DoctorOptions& options,
                           std::span<const Check> table = checks());

}  // namespace stapkill
