#pragma once

#include "autopsy/finding.h"

namespace stapkill {

/// What the reason of a kubelet's message tells, the least first.
enum class Tells { how, deleted, why };
Tells told_by(const Finding& kubelet_kill);

/// Whether a message of the kubelet alone shows that a container was ended. One about a deleted pod does not: it is
/// also written for a pod whose containers ended long ago.
bool shows_end(const Finding& kubelet_kill);

}  // namespace stapkill
