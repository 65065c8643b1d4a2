#pragma once

#include <vector>

#include "autopsy/inquest/evidence.h"
#include "autopsy/scope.h"

namespace stapkill {

/// The boots of the scope's host that are known without reading its logs: this one of this machine, those of
/// `journalctl` are learnt from its entries.
std::vector<Boot> known_boots(const Scope& scope);

}  // namespace stapkill
