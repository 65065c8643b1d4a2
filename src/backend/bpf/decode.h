#pragma once

#include <array>
#include <string>
#include <string_view>

#include "backend/event.h"

namespace stapkill {

/// Turns what the BPF programs hand over (record.h) into events.
class Decoder {
 public:
  /// Reads one record of any bytes. False when it is none; the event is then worthless. Views in the event live until
  /// the next call, and as long as the record's bytes.
  bool decode(std::string_view record, Event& event);

 private:
  bool image(std::string_view record, Event& event);
  bool signal(std::string_view record, Event& event);

  std::array<std::string, 3> paths_;
  std::string ancestors_;      ///< as text
  std::string ancestors_raw_;  ///< what that text was made from: one who sends once often sends again
};

}  // namespace stapkill
