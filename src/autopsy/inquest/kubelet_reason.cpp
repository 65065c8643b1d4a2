#include "autopsy/inquest/kubelet_reason.h"

#include <algorithm>
#include <string_view>

namespace stapkill {
namespace {

/// Beginnings of reasons (messages/daemons_kubelet.cpp, records/kube_words.cpp) that tell no cause; all others do.
struct Row {
  std::string_view begin;
  Tells tells;
};
constexpr Row kRows[] = {
    {"grace period", Tells::how},
    {"its pod ends", Tells::how},
    {"Stopping container", Tells::how},
    {"Killing: Stopping container", Tells::how},
    {"its pod was deleted", Tells::deleted},
    {"its pod was removed", Tells::deleted},
    {"the pod is not wanted", Tells::deleted},
    {"the pod does not want", Tells::deleted},
};

}  // namespace

Tells told_by(const Finding& finding) {
  if (finding.reason.empty()) return Tells::how;
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const Row& one) { return finding.reason.starts_with(one.begin); });
  return row == std::end(kRows) ? Tells::why : row->tells;
}

bool shows_end(const Finding& kubelet_kill) {
  const auto& subject = kubelet_kill.subject;
  return !subject.container.empty() || !subject.container_name.empty() || told_by(kubelet_kill) == Tells::why;
}

}  // namespace stapkill
