#pragma once

#include <array>
#include <string_view>

#include "doctor/check.h"

namespace stapkill {

struct BackendRow {
  std::string_view name;
  Backends bit;
  bool built;  ///< this build has it
};

/// The backends of stapkill-watch(1), --backend, in the order of preference.
inline constexpr std::array<BackendRow, 2> kBackends = {{{"stap", kStap, true}, {"bpf", kBpf, STAPKILL_HAS_BPF != 0}}};

constexpr bool has_backend(Backends bit) {
  for (const auto& row : kBackends) {
    if (row.bit == bit) return row.built;
  }
  return false;
}

}  // namespace stapkill
