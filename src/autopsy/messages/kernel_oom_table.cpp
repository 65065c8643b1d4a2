#include "autopsy/messages/kernel_oom_table.h"

#include <algorithm>
#include <array>

#include "autopsy/number_text.h"

namespace stapkill {
namespace {

/// A machine with more processes has a table whose end is left out.
constexpr std::size_t kMostRows = 16'384;
constexpr std::size_t kMostColumns = 16;

std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace

bool OomTable::take(std::string_view line) {
  if (!line.starts_with('[')) return line.starts_with("Tasks state (memory values in pages):");
  return take_header(line) || take_row(line);
}

bool OomTable::take_header(std::string_view line) {
  auto close = line.find(']');
  if (close == std::string_view::npos) return false;
  auto inside = line.substr(1, close - 1);
  if (next_word(inside) != "pid" || inside.find_first_not_of(' ') != std::string_view::npos) return false;
  *this = OomTable();
  auto rest = line.substr(close + 1);
  std::size_t column = 0;
  for (auto word = next_word(rest); !word.empty() && column < kMostColumns; word = next_word(rest), ++column) {
    if (word == "name") {
      columns_ = column;
      return true;
    }
    if (word == "tgid") tgid_ = column;
    if (word == "total_vm") total_ = column;
    if (word == "rss") resident_ = column;
    if (word == "oom_score_adj") score_ = column;
  }
  *this = OomTable();
  return true;
}

bool OomTable::take_row(std::string_view line) {
  auto close = line.find(']');
  if (!columns_ || close == std::string_view::npos) return false;
  auto inside = line.substr(1, close - 1);
  Row row;
  row.pid = pid_in(next_word(inside));
  if (!row.pid) return false;
  auto rest = line.substr(close + 1);
  std::array<std::int64_t, kMostColumns> numbers{};
  for (std::size_t i = 0; i < columns_; ++i) {
    auto number = whole_number<std::int64_t>(next_word(rest));
    if (!number) return false;
    numbers[i] = *number;
  }
  auto at = [&numbers](const std::optional<std::size_t>& column) {
    return column ? static_cast<std::uint64_t>(std::max<std::int64_t>(numbers[*column], 0)) : 0;
  };
  row.tgid = tgid_ ? static_cast<int>(std::min<std::uint64_t>(at(tgid_), 1 << 30)) : 0;
  row.total_pages = at(total_);
  row.resident_pages = at(resident_);
  if (score_) row.score_adjustment = static_cast<int>(std::clamp<std::int64_t>(numbers[*score_], -1000, 1000));
  // One space is the format's; any more are the name's.
  if (!rest.empty()) rest.remove_prefix(1);
  row.comm = rest.substr(0, 64);
  if (rows_.size() < kMostRows) rows_.push_back(std::move(row));
  return true;
}

const OomTable::Row* OomTable::row_of(int pid) const {
  const Row* group = nullptr;
  for (const auto& row : rows_) {
    if (row.pid == pid) return &row;
    if (row.tgid == pid) group = &row;
  }
  return group;
}

std::vector<OomTask> OomTable::largest(std::size_t most, std::uint64_t page) const {
  std::vector<const Row*> sorted;
  for (const auto& row : rows_) sorted.push_back(&row);
  auto count = std::min(most, sorted.size());
  std::partial_sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count), sorted.end(),
                    [](const Row* a, const Row* b) {
                      return a->resident_pages != b->resident_pages ? a->resident_pages > b->resident_pages
                                                                    : a->pid < b->pid;
                    });
  std::vector<OomTask> tasks;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& row = *sorted[i];
    // More pages than fit in an address space: a damaged line.
    if (row.resident_pages >= (std::uint64_t{1} << 47)) continue;
    tasks.push_back({row.tgid ? row.tgid : row.pid, row.comm, row.resident_pages * page, row.score_adjustment});
  }
  return tasks;
}

}  // namespace stapkill
