#pragma once

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>

#include "model/kernel_event.h"

namespace stapkill {

/// Turns what the BPF programs hand over (record.h) into events.
class Decoder {
 public:
  /// Reads one record of any bytes. False when it is none; the event is then worthless. Views in the event live until
  /// the next call, and as long as the record's bytes.
  bool decode(std::string_view record, KernelEvent& event);

 private:
  bool image(std::string_view record, KernelEvent& event);
  bool signal(std::string_view record, KernelEvent& event);

  std::array<std::string, 3> paths_;
  std::unordered_map<int, std::string> ancestors_;  ///< by CPU: those of the last signal that it told of, as text
};

}  // namespace stapkill
