#include "report/routine.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>

#include "model/containers.h"
#include "verdict/evidence.h"

namespace stapkill {
namespace {

bool is_clean(const DeathRecord& record) {
  return record.verdict.cause == Cause::exit && record.verdict.chain.empty() && WIFEXITED(record.wait_status) &&
         WEXITSTATUS(record.wait_status) == 0;
}

}  // namespace

Cascades::Line Routine::line_of(const Span& span) {
  auto within = duration_text(span.last - span.since);
  if (span.counted == 1)
    return {span.head,
            phrase("{} more of this name ended by itself with exit status 0 within {}", span.counted, within)};
  return {span.head,
          phrase("{} more of this name ended by themselves with exit status 0 within {}", span.counted, within)};
}

void Routine::show_end_of(const Process& process) {
  if (shown_.size() < kMost) shown_.insert(key_of(process));
}

bool Routine::counts(const DeathRecord& record) {
  auto container = container_of(record.process->cgroup);
  bool is_main = shown_.erase(key_of(*record.process)) > 0;
  if (!container || is_main || !is_clean(record)) return false;
  auto at = std::find_if(open_.begin(), open_.end(), [&](const Span& one) {
    return one.container == container->id && one.head->comm == record.process->comm && record.time - one.since < kSpan;
  });
  if (at != open_.end()) {
    ++at->counted;
    at->last = std::max(at->last, record.time);
    return true;
  }
  if (open_.size() < kMost) open_.push_back({record.process, container->id, record.time, record.time, 0});
  return false;
}

std::vector<Cascades::Line> Routine::over(Time now) {
  std::vector<Cascades::Line> lines;
  std::erase_if(open_, [&](const Span& one) {
    bool is_over = now - one.since >= kSpan;
    if (is_over && one.counted) lines.push_back(line_of(one));
    return is_over;
  });
  return lines;
}

bool Routine::waits() const {
  return std::any_of(open_.begin(), open_.end(), [](const Span& one) { return one.counted > 0; });
}

}  // namespace stapkill
