#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "backend/backend.h"
#include "backend/bpf/ring.h"
#include "base/result.h"

struct watch_bpf;

namespace stapkill {

/// Hands a line of libbpf's or the verifier's on.
using TellLine = std::function<void(std::string_view)>;

/// Calls `load`, which loads programs by libbpf and gives 0 or a negative errno; when they are refused, says why: no
/// privilege, no BTF, or the verifier, whose log goes to `tell` line by line.
Result<void> load_or_explain(const std::function<int()>& load, const TellLine& tell);

/// The embedded programs in the kernel. They and all that they hold are gone with this object, also when the process
/// is killed: nothing of them is pinned.
class Programs {
 public:
  /// Loads the programs, told whom to watch; nothing runs yet.
  static Result<std::unique_ptr<Programs>> load(const Watching& watching, std::uint64_t buffer_bytes,
                                                const TellLine& tell);
  ~Programs();

  /// From here on every event is handed over, or counted as lost.
  Result<void> attach();
  /// No event is handed over any more; those that wait can still be taken.
  void detach();

  /// False when there is no room for another target.
  bool add(const ProcessKey& subject);
  /// The map of targets: for a child between fork and exec.
  int targets_fd() const;
  /// Readable while records wait.
  int events_fd() const;
  /// Hands over what waits, `most` records at most. True when there may be more.
  bool take(std::size_t most, const Ring::Each& each);

  /// Since the last call, what was lost of a kind (record.h) for want of room.
  std::uint64_t newly_lost(unsigned kind);
  /// Since the last call, how many children of targets are not watched for want of room.
  std::uint64_t newly_unwatched();
  /// How often a program was not run because it ran already on that CPU (kernels before 5.12 do not tell).
  std::uint64_t misses() const;
  /// What is attached to, in the kernel's words.
  std::vector<std::string> probes() const;

 private:
  Programs() = default;

  watch_bpf* skeleton_ = nullptr;
  std::unique_ptr<Ring> ring_;
  std::vector<std::uint64_t> lost_;
  std::uint64_t unwatched_ = 0;
};

}  // namespace stapkill
