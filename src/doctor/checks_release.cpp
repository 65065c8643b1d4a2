// The kernel's release, and what is known about the probes on it: what should work, what was tried.
#include <algorithm>
#include <iterator>

#include "doctor/check.h"
#include "doctor/tried.h"
#include "host/distribution.h"

namespace stapkill {
namespace {

/// What is known about kernels below a release and above the row before.
struct Known {
  std::string_view below;
  Status status;
  std::string_view words;
};

// A release does not show what its distribution backported: the headers show what the module really needs (src/script),
// and smoke.build compiles it. SystemTap itself needs 3.10 since its version 5.0 (its NEWS).
constexpr Known kOlder[] = {
    {"3.10", Status::fail, msgid("the probes are written for 3.10 and later")},
    {"4.20", Status::warn,
     msgid("the probes should work: what 3.10 to 4.19 need was compiled in parts, against headers of that shape, and "
           "never loaded")},
    {"5.10", Status::warn, msgid("the probes should work; no kernel this old was tried")},
};

CheckOutcome judged(const Host& host, std::vector<Observation> evidence) {
  auto line = line_of_kernel(host.release);
  auto tried = phrase("tried: {}", tried_kernels());
  evidence.push_back({phrase("kernels that were tried"), tried_kernels()});
  const auto* older = std::find_if(std::begin(kOlder), std::end(kOlder),
                                   [&](const Known& row) { return compare_versions(line, row.below) < 0; });
  if (older != std::end(kOlder) && older->status == Status::fail)
    return failed(phrase("kernel {}: {}", line, phrase_from(older->words)), host.remedy("kernel-old"), evidence);
  if (older != std::end(kOlder))
    return warned(phrase("kernel {}: {}; {}", line, phrase_from(older->words), tried), std::nullopt, evidence);
  if (compare_versions(line, newest_tried_kernel()) > 0) {
    return warned(phrase("kernel {}: the probes may work; no kernel this new was tried; {}", line, tried), std::nullopt,
                  evidence);
  }
  if (is_tried_with_stap(line)) return passed(phrase("kernel {}: tried with both backends", line), evidence);
  if (is_tried_with_bpf(line)) {
    return passed(phrase("kernel {}: tried with the bpf backend; the stap backend should work; {}", line, tried),
                  evidence);
  }
  return passed(phrase("kernel {}: the probes should work; this one was not tried; {}", line, tried), evidence);
}

}  // namespace

CheckOutcome check_kernel_release(const Host& host) {
  auto machine = host.machine();
  std::vector<Observation> evidence = {{phrase("kernel"), host.release},
                                       {phrase("machine"), machine.empty() ? phrase("not known") : Phrase(machine)}};
  if (!machine.empty() && machine != kMachine) {
    return failed(phrase("this is {}: the probes, and their functions' names are for {} only", machine, kMachine),
                  host.remedy("machine"), evidence);
  }
  return judged(host, std::move(evidence));
}

}  // namespace stapkill
