#include "verdict/kubelet_word.h"

#include <algorithm>
#include <csignal>
#include <string_view>

#include "base/text.h"
#include "model/containers.h"
#include "verdict/process_words.h"

namespace stapkill {
namespace {

using Lines = std::vector<std::string>;

/// A message of the kubelet, and what it means. Sources: kubernetes 1.20 (text) and 1.21 to 1.33 (structured),
/// pkg/kubelet: kuberuntime/kuberuntime_manager.go, eviction/eviction_manager.go, preemption/preemption.go, kubelet.go,
/// nodeshutdown/. A later row counts only where no earlier one does.
struct Row {
  std::string_view message;  ///< a part of it
  std::string_view also;     ///< another part; "": none
  std::string_view through;  ///< of the step
  std::string_view reason;   ///< message
  bool first = false;        ///< counts only where the pod is the first one of a list
};
constexpr Row kRows[] = {
    {"failed liveness probe", "", "livenessProbe", msgid("its liveness probe failed")},
    {"failed startup probe", "", "startupProbe", msgid("its startup probe failed")},
    {"definition changed", "", "pod update", msgid("its container's definition changed")},
    {"evicted successfully", "reemption", "preemption", msgid("a critical pod needed the room")},
    {"ttempting to evict pods", "free up resources", "preemption", msgid("a critical pod needed the room")},
    {"is evicted successfully", "viction manager", "eviction", msgid("the node ran out of a resource")},
    {"pods ranked for eviction", "", "eviction", msgid("the node ran out of a resource"), true},
    {"Shutdown manager killing pod", "", "node shutdown", msgid("the node is shutting down")},
    {"SyncLoop DELETE", "", "pod deletion", msgid("its pod was deleted")},
    {"SyncLoop (DELETE", "", "pod deletion", msgid("its pod was deleted")},
    {"SyncLoop REMOVE", "", "pod deletion", msgid("its pod was removed")},
    {"SyncLoop (REMOVE", "", "pod deletion", msgid("its pod was removed")},
};

/// Whether that pod ("NAMESPACE/NAME") is the first one after the message: ` pods=["a/b"]`, ` pods="[a/b c/d]"` and
/// `: b_a(uid), …` are lists. The other letters of a list are in no pod's name alone: that has a '/' or a '_'.
bool is_first_in_list(std::string_view line, std::string_view message, const std::string& pod) {
  auto slash = pod.find('/');
  if (slash == std::string::npos) return false;
  auto list = line.substr(line.find(message) + message.size());
  auto first = [&](const std::string& form) {
    auto at = list.find(form);
    return at != std::string_view::npos && has_whole(list.substr(0, at + form.size() + 1), form) &&
           list.substr(0, at).find_first_not_of("\" :[=pods") == std::string_view::npos;
  };
  return first(pod) || first(pod.substr(slash + 1) + "_" + pod.substr(0, slash));
}

struct Found {
  const Row* row = nullptr;
  const std::string* line = nullptr;
};

/// The last line that says why, by the first row that has one.
Found reason_in(const Lines& lines, const std::string& pod) {
  for (const auto& row : kRows) {
    auto fits = [&](const std::string& line) {
      return line.find(row.message) != std::string::npos && line.find(row.also) != std::string::npos &&
             (!row.first || is_first_in_list(line, row.message, pod));
    };
    auto at = std::find_if(lines.rbegin(), lines.rend(), fits);
    if (at != lines.rend()) return {&row, &*at};
  }
  return {};
}

/// What a probe got, as evidence; null: the log does not say.
const std::string* failed_probe(const Lines& lines) {
  auto is_one = [](const std::string& line) {
    bool failed = line.find("Probe failed") != std::string::npos || line.find("probe for") != std::string::npos;
    return failed && line.find("eadiness") == std::string::npos && line.find("fail") != std::string::npos;
  };
  auto at = std::find_if(lines.rbegin(), lines.rend(), is_one);
  return at == lines.rend() ? nullptr : &*at;
}

/// The grace period that the kubelet gave that container, in seconds; empty where the log does not say.
std::string grace_period(const Lines& lines, const std::string& id) {
  auto at = std::find_if(lines.rbegin(), lines.rend(), [&](const std::string& line) {
    return line.find("Killing container") != std::string::npos && line.find(id) != std::string::npos;
  });
  if (at == lines.rend()) return {};
  // gracePeriod=30; "with a 30 second grace period"
  for (std::string_view before : {"gracePeriod=", "with a "}) {
    auto from = at->find(before);
    if (from == std::string::npos) continue;
    auto digits = at->substr(from + before.size());
    digits.erase(std::min(digits.find_first_not_of("0123456789"), digits.size()));
    if (!digits.empty()) return digits;
  }
  return {};
}

bool is_runtimes(const ChainStep& step) {
  return step.process && step.number && is_by_runtime(*step.process, *step.ancestry);
}

ChainStep limit(std::string_view through, const ChainStep& before) {
  ChainStep step;
  step.what = ChainStep::What::limit;
  step.through = through;
  step.time = before.time;
  return step;
}

void add_grace_period(Verdict& verdict, const std::string& seconds) {
  auto& chain = verdict.chain;
  bool again = chain.size() > 1 && chain.back().number == SIGKILL && chain[chain.size() - 2].number != SIGKILL;
  if (seconds.empty() || !again || !is_runtimes(chain.back())) return;
  chain.insert(chain.end() - 1, limit("terminationGracePeriodSeconds", chain.back()));
  verdict.summary += phrase("; it had not stopped within its grace period of {} s", seconds);
}

}  // namespace

bool add_kubelets_word(Verdict& verdict, const Process& dead, const Surroundings& around) {
  auto container = container_of(dead.cgroup);
  auto first = std::find_if(verdict.chain.begin(), verdict.chain.end(), is_runtimes);
  if (!around.kubelet_said || !container || first == verdict.chain.end()) return false;
  const auto& lines = *around.kubelet_said;
  auto pod = around.lookups.pod_name ? around.lookups.pod_name(container->pod_uid) : std::nullopt;
  auto [row, line] = reason_in(lines, pod.value_or(""));
  if (!row) return false;
  auto kubelet = around.lookups.kubelet ? around.lookups.kubelet() : nullptr;
  bool itself = kubelet && verdict.killer && same_process(*verdict.killer, *kubelet);
  auto reason = phrase_from(row->reason);
  if (!itself)
    verdict.summary += phrase("; asked by {}", kubelet ? Phrase(name_and_pid(*kubelet)) : phrase("the kubelet"));
  verdict.summary += itself ? phrase("; {} ({})", reason, row->through) : phrase(": {} ({})", reason, row->through);
  add_grace_period(verdict, grace_period(lines, container->id));
  verdict.evidence.push_back(phrase("the kubelet's log: {}", *line));
  if (const auto* probe = failed_probe(lines); probe && row->through.ends_with("Probe"))
    verdict.evidence.push_back(phrase("the kubelet's log: {}", *probe));
  first = std::find_if(verdict.chain.begin(), verdict.chain.end(), is_runtimes);
  ChainStep step = limit(row->through, *first);
  step.process = kubelet;
  if (row->first) step.confidence = Confidence::likely;
  verdict.chain.insert(first, std::move(step));
  if (kubelet) verdict.initiator = kubelet;
  return true;
}

}  // namespace stapkill
