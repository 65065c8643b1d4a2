#pragma once

#include <string>
#include <vector>

#include "backend/stap/listed_probe.h"
#include "base/result.h"
#include "host/systemtap.h"

namespace stapkill {

/// What `stap -L` lists.
struct ProbeListing {
  std::vector<ListedProbe> probes;
  bool complete = true;  ///< false: stap listed more than kMostBytes
};

/// Asks SystemTap which probe points there are. stap runs as a child that ends with stapkill, at SIGINT, SIGTERM and
/// SIGHUP (ErrorKind::interrupted) and after a time (ErrorKind::timed_out). After a clean end its queries of
/// tracepoints stay in stapkill's cache (ListingCache); nothing else stays.
class ProbeLister {
 public:
  static constexpr std::size_t kMostBytes = 16 << 20;  ///< of stap's list: all functions of a kernel are 10 MiB

  /// For that kernel, or for the running one with "". Errors are those of doctor's checks, with their remedies.
  static Result<ProbeLister> make(const std::string& release, int limit_seconds);

  /// parse_probe_point() must take all of `point`.
  Result<ProbeListing> list(const std::string& point) const;
  /// stap's complaint about an empty probe there (`stap -p2`): why nothing was listed.
  Result<std::string> complaint(const std::string& point) const;

  bool of_running_kernel() const { return running_kernel_; }
  const std::string& release() const { return kernel_.release; }
  const std::string& machine() const { return machine_; }

 private:
  ProbeLister() = default;
  Result<std::string> run(const std::vector<std::string>& words, bool& complete, std::string& errors) const;

  SystemTap systemtap_;
  KernelBuild kernel_;
  std::vector<std::string> shims_;
  bool running_kernel_ = true;
  std::string machine_;
  int limit_seconds_ = 0;
};

}  // namespace stapkill
