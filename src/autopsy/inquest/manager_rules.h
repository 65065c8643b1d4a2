#pragma once

#include "autopsy/inquest/rule_parts.h"

namespace stapkill {

/// systemd says which pid it sent the signal.
Found by_systemds_signal(const FoundDeath& death, const Evidence& evidence);

/// The unit ended by the signal that systemd sends then, or handled it and exited.
Found by_systemds_job(const FoundDeath& death, const Evidence& evidence);

/// The kubelet decided to end its container.
Found by_kubelet(const FoundDeath& death, const Evidence& evidence);

/// Its runtime was ending the container.
Found by_runtimes_stop(const FoundDeath& death, const Evidence& evidence);

/// The runtime remembers that it was asked to send a signal.
Found by_request_to_runtime(const FoundDeath& death, const Evidence& evidence);

/// The machine was being stopped.
Found by_shutdown(const FoundDeath& death, const Evidence& evidence);

}  // namespace stapkill
