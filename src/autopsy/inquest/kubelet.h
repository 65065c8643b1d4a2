#pragma once

#include "autopsy/inquest/death.h"

namespace stapkill {

/// The kubelet's message that says most about why it ended the container; null: none that came before the end. One of
/// an eviction or a preemption may come after it: the kubelet writes that when the pod is gone.
const Finding* kubelets_decision(const FoundDeath& death);

/// "; it had not ended by SIGTERM, and its runtime sent SIGKILL", where the runtime says so; else "".
Phrase forced_words(const FoundDeath& death);

}  // namespace stapkill
