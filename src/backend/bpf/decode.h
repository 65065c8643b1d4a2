#pragma once

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/kernel_event.h"

namespace stapkill {

/// Turns what the BPF programs hand over (record.h) into events.
class Decoder {
 public:
  /// Reads one record of any bytes. False when it is none; the event is then worthless. Views in the event live until
  /// the next call, and as long as the record's bytes.
  bool decode(std::string_view record, KernelEvent& event);

 private:
  bool read_image(std::string_view record, kernel::Image& event);
  bool read_move(std::string_view record, kernel::Move& event);
  bool read_signal(std::string_view record, int cpu, kernel::Signal& event);

  std::array<std::string, 3> paths_;
  std::unordered_map<int, std::vector<ProcessKey>> ancestors_;  ///< by CPU: those of the last signal that came from it
};

}  // namespace stapkill
