#pragma once

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/kernel_event.h"

namespace stapkill {

/// Turns the records of the BPF programs (record.h) into events.
class Decoder {
 public:
  /// Reads one record; any bytes will do. False when it is damaged; the event is then undefined. Views in the event
  /// live until the next call, and as long as the record's bytes.
  bool decode(std::string_view record, KernelEvent& event);

 private:
  bool read_image(std::string_view record, kernel::Image& event);
  bool read_move(std::string_view record, kernel::Move& event);
  bool read_signal(std::string_view record, int cpu, kernel::Signal& event);

  std::array<std::string, 3> paths_;
  std::unordered_map<int, std::vector<ProcessKey>> ancestors_;  ///< by CPU: the ancestors of its last signal
};

}  // namespace stapkill
