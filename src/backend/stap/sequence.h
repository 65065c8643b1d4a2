#pragma once

#include <cstdint>
#include <unordered_map>

namespace stapkill {

/// Counts lost records, by the gaps in each CPU's sequence numbers.
class Sequence {
 public:
  /// Takes the number of a record that arrived; returns how many of its CPU's records before it are missing.
  std::uint64_t arrived(int cpu, std::uint64_t number) {
    std::uint64_t& last = last_[cpu];
    std::uint64_t missing = number > last ? number - last - 1 : 0;
    if (number > last) last = number;
    return missing;
  }

  /// Takes the last number that a CPU used; returns how many records are missing at its end.
  std::uint64_t ended(int cpu, std::uint64_t number) {
    std::uint64_t& last = last_[cpu];
    std::uint64_t missing = number > last ? number - last : 0;
    if (number > last) last = number;
    return missing;
  }

 private:
  std::unordered_map<int, std::uint64_t> last_;
};

}  // namespace stapkill
