#pragma once

#include "model/record.h"
#include "verdict/clues.h"

namespace stapkill {

/// Adds why the kubelet had a runtime end a container, as it wrote in its log: a probe, an eviction, a deletion. The
/// chain begins with the kubelet's reason; before a SIGKILL it gets the grace period. True where the reason was found:
/// nobody else on this node asked for it.
bool add_kubelets_word(Verdict& verdict, const Process& dead, const Surroundings& around);

}  // namespace stapkill
