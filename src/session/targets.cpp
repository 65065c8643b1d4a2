#include "session/targets.h"

#include <re2/re2.h>

#include <algorithm>

namespace stapkill {

Targets::Targets(TargetOptions options)
    : options_(std::move(options)), pids_(options_.pids.begin(), options_.pids.end()) {}
Targets::Targets(Targets&&) noexcept = default;
Targets& Targets::operator=(Targets&&) noexcept = default;
Targets::~Targets() = default;

Result<Targets> Targets::make(TargetOptions options) {
  Targets targets(std::move(options));
  re2::RE2::Options settings;
  settings.set_log_errors(false);
  settings.set_encoding(re2::RE2::Options::EncodingLatin1);  // a comm is bytes
  for (const auto& name : targets.options_.names) {
    auto pattern = std::make_unique<re2::RE2>(name, settings);
    if (!pattern->ok()) {
      return usage_error("--name '" + name + "' is no regular expression: " + pattern->error() +
                         (pattern->error_arg().empty() ? "" : " at '" + pattern->error_arg() + "'"));
    }
    targets.patterns_.push_back(std::move(pattern));
  }
  return targets;
}

bool Targets::matches(const Process& process) const {
  if (options_.all || pids_.count(process.pid)) return true;
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const auto& pattern) { return re2::RE2::PartialMatch(process.comm, *pattern); });
}

}  // namespace stapkill
