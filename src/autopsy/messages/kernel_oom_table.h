#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/finding.h"

namespace stapkill {

/// The table of tasks in an out-of-memory report (dump_tasks, mm/oom_kill.c). Its columns differ by version:
///   3.10  [ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name
///   4.1   … rss nr_ptes nr_pmds swapents …        4.15  … rss pgtables_bytes swapents …
///   6.8   … rss rss_anon rss_file rss_shmem pgtables_bytes swapents …
/// so its header is read for them, and rows without a header are left out.
class OomTable {
 public:
  struct Row {
    int pid = 0;   ///< of a thread that still has the memory
    int tgid = 0;  ///< of its thread group
    std::uint64_t total_pages = 0, resident_pages = 0;
    int score_adjustment = 0;
    std::string comm;
  };

  /// Takes a line; true where it belongs to a table.
  bool take(std::string_view line);
  void clear() { *this = OomTable(); }

  /// The row of a thread or of a thread group.
  const Row* row_of(int pid) const;
  /// The rows with the most memory, the largest first, for pages of that many bytes.
  std::vector<OomTask> largest(std::size_t most, std::uint64_t page) const;

 private:
  bool take_header(std::string_view line);
  bool take_row(std::string_view line);

  std::size_t columns_ = 0;  ///< numbers after the "]"; 0: no header was seen
  std::optional<std::size_t> tgid_, total_, resident_, score_;
  std::vector<Row> rows_;
};

}  // namespace stapkill
