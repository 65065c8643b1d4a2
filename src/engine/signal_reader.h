#pragma once

#include <map>
#include <memory>

#include "model/circumstances.h"
#include "model/kernel_event.h"
#include "model/record.h"
#include "verdict/lineage.h"

namespace stapkill {

/// Makes the record of a signal from its event and the circumstances that came before it from the same CPU.
class SignalReader {
 public:
  explicit SignalReader(Lineage& lineage) : lineage_(lineage) {}

  void circumstances(const KernelEvent& event) { seen_[event.cpu] = event.seen; }

  /// `time` is the event's wall time. Without a sequence number, and without the result of the sender's call.
  SignalRecord read(const KernelEvent& event, Time time);

 private:
  Lineage& lineage_;
  std::map<int, std::shared_ptr<const Circumstances>> seen_;  ///< by CPU: those of its next signal
};

}  // namespace stapkill
