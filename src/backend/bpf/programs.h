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

struct bpf_object;
struct watch_bpf;

namespace stapkill {

/// Takes one line of libbpf's or the verifier's.
using OnLine = std::function<void(std::string_view)>;

/// Calls `load`, which loads programs by libbpf and returns 0 or a negative errno. The error says why they were
/// refused: no privilege, no BTF, or the verifier, whose log goes to `on_line` line by line.
Result<void> load_or_explain(const std::function<int()>& load, const OnLine& on_line);

/// Replaces the calls of ONLY_READ (read.bpf.h), before the programs are loaded: by calls of the kernel's
/// bpf_rdonly_cast, which has that number in its BTF, by moves for 0.
void replace_only_read(bpf_object* object, int function);

/// The embedded programs in the kernel. They and their maps go with this object, also when the process is killed:
/// nothing is pinned.
class Programs {
 public:
  /// Loads the programs with their targets; nothing runs yet.
  static Result<std::unique_ptr<Programs>> load(const Watching& watching, std::uint64_t buffer_bytes,
                                                const OnLine& on_line);
  ~Programs();

  /// From here on every event is emitted, or counted as lost.
  Result<void> attach();
  /// Emits no more events; waiting ones can still be taken.
  void detach();

  /// False when there is no room for another target.
  bool add(const ProcessKey& subject);
  /// Reports the lines of that build of bash. Where there is no room for another one, or the kernel refuses, it does
  /// not.
  void know(const BashLayout& layout);
  /// The map of targets, for a child between fork and exec: it may add any pid.
  int targets_fd_for_any();
  /// Readable while records wait.
  int events_fd() const;
  /// Passes on the waiting records, `most` at most. True when there may be more.
  bool take(std::size_t most, const Ring::Each& each);

  /// Records of a kind (record.h) that were lost since the last call: the buffer was full.
  std::uint64_t newly_lost(unsigned kind);
  /// Children of targets that went unwatched since the last call: the map of targets was full.
  std::uint64_t newly_unwatched();
  /// How often a program was skipped because it was already running on that CPU (always 0 before Linux 5.12).
  std::uint64_t misses() const;
  /// The attached probe points, by libbpf's section names.
  std::vector<std::string> probes() const;

 private:
  Programs() = default;
  /// Has the programs look a pid up among the targets.
  void note(std::uint32_t pid);

  watch_bpf* skeleton_ = nullptr;
  std::unique_ptr<Ring> ring_;
  std::vector<std::uint64_t> lost_;
  std::uint64_t unwatched_ = 0;
};

}  // namespace stapkill
