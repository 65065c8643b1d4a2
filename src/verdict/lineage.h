#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/kernel_event.h"
#include "model/process.h"
#include "model/record.h"
#include "model/script_text.h"
#include "verdict/suspicion.h"

namespace stapkill {

/// What a process table asks of the machine whose processes it holds.
struct LineageQuestions {
  FileQuestions files = answers_by_path();                                     ///< questions of the rules of suspicion
  std::function<std::optional<std::string>(std::int64_t uid)> user_name = {};  ///< empty: no name is known
  Time booted = 0;                                                             ///< wall time
  /// A line of the script that exactly that bash runs, from its file.
  std::function<std::optional<ScriptText>(const Process& shell, int line)> script_text = {};
};

/// The process table: seeded from /proc, kept by what a backend reports, asked for who a process is and who its parents
/// were, also after they ended. Processes are told apart by pid and start time, never by pid alone.
/// Its memory is bounded: an ended process without living descendants is dropped after kKeepEnded, and of the others
/// the oldest when there are more than kMostEnded.
class Lineage {
 public:
  static constexpr Time kKeepEnded = 30'000'000'000;
  static constexpr std::size_t kMostEnded = 6144;
  static constexpr std::size_t kMostAncestors = 64;

  /// Returned processes have their flags, user names and start times from `machine`.
  explicit Lineage(LineageQuestions machine = {}) : machine_(std::move(machine)) {}

  /// The pid of stapkill itself, which never has flags, wherever it is installed.
  void set_own(int pid) { own_ = pid; }
  int own() const { return own_; }

  /// Adds a process and its parent as read from /proc. Never overwrites what a backend has reported.
  void seed(Process process, int parent);

  /// Takes one event; adds processes that are not known yet.
  void apply(const KernelEvent& event);

  /// The process as it is now (or was when it ended); made from the task's fields when it is not known.
  ProcessPtr find(const kernel::Task& task);

  /// A sender as it is now, with the line of its script where its bash sent.
  ProcessPtr find_at(const kernel::Task& task, const kernel::BashLine& line);

  /// A process that was found before, as it is now, with the line that it had.
  ProcessPtr again(const ProcessPtr& process);

  /// The process with that pid that lives, or had not ended at `then`; or null.
  ProcessPtr living(int pid, Time then = std::numeric_limits<Time>::max()) const;

  /// The process that forked it, as it is now; null where it is not known.
  ProcessPtr parent(const kernel::Task& task) const;

  /// Its ancestors up to pid 1, nearest first: the processes that forked each, where known, even if ended since
  /// (`ended` is then true); beyond these the kernel's `listed`.
  Ancestry ancestry(const kernel::Task& task, std::span<const ProcessKey> listed);

  /// The same without the kernel's list.
  Ancestry ancestry(const ProcessPtr& process);

  /// Whether exactly that process is known to have ended.
  bool has_ended(const kernel::Task& task) const;

  /// Every process that is known to live, in no order.
  void for_each_living(const std::function<void(const Process&)>& visit) const;

  std::size_t size() const { return entries_.size(); }

 private:
  using Key = std::uint64_t;
  struct Entry {
    ProcessPtr process;
    mutable ProcessPtr as_ended;  ///< the same with `ended` set; made when first needed as an ancestor
    Key parent = 0;
    std::uint32_t children = 0;  ///< entries whose parent this is
    Time ended = 0;              ///< 0 while it lives
    bool reported = false;       ///< by a backend, not only by /proc
    bool parent_known = false;
    kernel::BashLine started_at;     ///< in the script of its parent, which forked it
    Time forked = 0;                 ///< boot time
    std::optional<ScriptLine> line;  ///< the same, once it was asked for
    ProcessPtr was, parent_was;      ///< it and its parent when that was last asked for
    ProcessPtr parent_at;            ///< that parent with the line
  };

  static Key key(int pid, std::uint64_t start) { return static_cast<Key>(pid) << 40 | (start & 0xff'ffff'ffffULL); }
  void derive(Process& process) const;
  Entry& make(Key key, const kernel::Task& task);
  void complete(Entry& entry, const Process& from);
  void take_pid(int pid, Key key);
  void adopt(Entry& entry, Key parent);
  void release(Key parent);
  enum class Seen { by_name, at_exec };
  void apply(const kernel::Describe& image) { describe(image, Seen::by_name); }
  void apply(const kernel::Exec& image) { describe(image, Seen::at_exec); }
  void apply(const kernel::Fork& fork);
  void apply(const kernel::Rename& rename) { this->rename(rename.task); }
  void apply(const kernel::Move& move);
  void apply(const kernel::Exit& exit);
  void apply(const kernel::Signal& signal);
  template <typename Other>
  void apply(const Other&) {}  // says nothing of processes
  void describe(const kernel::Image& image, Seen seen);
  void rename(const kernel::Task& task);
  void drop_old(Time now);
  ProcessPtr as_ancestor(const Entry& entry) const;
  ProcessPtr parent_of(Entry& child, const Entry& parent);
  std::optional<ScriptText> text_of_script(const Entry& shell, int line);
  ProcessPtr named(const ProcessKey& key);
  std::vector<ProcessPtr> chain_of(Key key, std::span<const ProcessKey> listed);
  Key current_key(int pid) const;

  LineageQuestions machine_;
  int own_ = 0;
  std::unordered_map<Key, Entry> entries_;
  std::unordered_map<int, Key> current_;    ///< by pid: the living process, or the last one
  std::deque<std::pair<Time, Key>> ended_;  ///< in the order of notice; 0: between events
  Time now_ = 0;                            ///< of the current event; 0: none
  std::uint64_t changes_ = 0;               ///< counts changes that could affect an ancestry

  /// Senders often repeat: the last answers of ancestry().
  struct Remembered {
    Key key = 0;
    std::uint64_t changes = 0;
    std::vector<ProcessKey> listed;
    Ancestry ancestry;
  };
  std::array<Remembered, 64> remembered_;
};

}  // namespace stapkill
