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

  void circumstances(int cpu, const kernel::Around& around) { seen_[cpu] = around.seen; }

  /// What came from that CPU, at that moment. Without a sequence number, and without the result of the sender's call.
  SignalRecord read(const kernel::Signal& signal, int cpu, Time boot, Time time);

 private:
  Lineage& lineage_;
  std::map<int, std::shared_ptr<const Circumstances>> seen_;  ///< by CPU: those of its next signal
};

}  // namespace stapkill
