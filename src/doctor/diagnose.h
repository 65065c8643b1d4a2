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

/// What to judge, and how.
struct DoctorOptions {
  std::string release;               ///< --kernel; "" for the running one
  std::set<std::string> only, skip;  ///< check ids; empty `only`: all
  unsigned backend = kStap;          ///< the backend that must be ready; kNone: any
  bool strict = false;               ///< warnings count as failures
  Shims shims = Shims::apply;
  bool deep = false;
  bool quick = false;  ///< only checks ask SystemTap for its version
  std::shared_ptr<Smoke> smoke;
  std::function<void(const Phrase&)> progress;  ///< the slow check that runs now; "" when it is over
};

/// One check and its result.
struct CheckResult {
  const Check* check = nullptr;
  bool required = false;  ///< by the backend asked for
  CheckOutcome finding;
  double duration_ms = 0;
};

/// Whether a result keeps that backend from watching. Strict: warnings do so too, also those and failures of checks
/// that no backend requires.
bool stands_in_the_way(const CheckResult& result, unsigned backend, bool strict);

/// A whole diagnosis.
struct Diagnosis {
  Uname kernel;
  std::string release;
  Distribution distribution;
  std::optional<std::string> systemtap;  ///< its version
  std::vector<CheckResult> results;      ///< in the table's order
  unsigned backend = kStap;
  unsigned ready = kNone;  ///< the backends that can watch, by these checks
  bool strict = false;
  bool partial = false;  ///< the user left out checks: `ready` is about the others

  bool asked_is_ready() const { return backend == kNone ? ready != kNone : (ready & backend) != 0; }
  std::size_t count(Status status) const;
};

/// Runs the checks. One whose prerequisite failed is skipped; one that throws or exceeds its limit is an error; the
/// others go on. Fails only when the host's kernel is not known, or when the user interrupts a trial
/// (ErrorKind::interrupted). `table`: other checks, for tests; it must outlive slow checks.
Result<Diagnosis> diagnose(const std::shared_ptr<Facts>& facts, const DoctorOptions& options,
                           std::span<const Check> table = checks());

}  // namespace stapkill
