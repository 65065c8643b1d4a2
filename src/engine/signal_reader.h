#pragma once

#include <map>
#include <memory>

#include "model/circumstances.h"
#include "model/kernel_event.h"
#include "model/record.h"
#include "verdict/lineage.h"

namespace stapkill {

/// Makes a signal's record from its event and the circumstances that came right before it from the same CPU.
class SignalReader {
 public:
  explicit SignalReader(Lineage& lineage) : lineage_(lineage) {}

  void circumstances(int cpu, const kernel::Around& around) { seen_[cpu] = around.seen; }

  /// The record of a signal event from that CPU, at that moment; without a sequence number and the result of the
  /// sender's call.
  SignalRecord read(const kernel::Signal& signal, int cpu, Time boot, Time time);

 private:
  Lineage& lineage_;
  std::map<int, std::shared_ptr<const Circumstances>> seen_;  ///< by CPU: those of its next signal
};

}  // namespace stapkill
