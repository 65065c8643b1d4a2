#include "cli/why/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/columns.h"
#include "base/phrase.h"
#include "base/signals.h"
#include "base/text.h"
#include "cli/times.h"

namespace stapkill {
namespace {

constexpr std::size_t kColumns = 4;
constexpr std::size_t kShownDigits = 12;  // of a container's id
using Row = std::array<std::string, kColumns>;

/// The process; where no source names it, its container or unit.
std::string process_words(const StoredDeath& death) {
  auto text = death.comm;
  if (text.empty()) text = death.name.value_or(death.container.value_or("").substr(0, kShownDigits));
  if (text.empty()) text = death.unit.value_or("");
  return death.pid ? fmt::format("{}({})", text, death.pid) : text.empty() ? "-" : text;
}

Row row_of(const StoredDeath& death, bool utf8) {
  return {date_and_time(death.time), printable(process_words(death), !utf8),
          printable(death.cause + (death.signal ? ' ' + signal_name(death.signal) : ""), !utf8),
          printable(death.initiator.empty() ? "-" : death.initiator, !utf8)};
}

}  // namespace

std::string why_table(const std::vector<StoredDeath>& deaths, const Appearance& look) {
  std::vector<Row> rows = {{tr("TIME"), tr("PROCESS"), tr("CAUSE"), tr("INITIATOR")}};
  for (const auto& death : deaths) rows.push_back(row_of(death, look.utf8));
  std::array<std::size_t, kColumns> widths{};
  for (const auto& row : rows) {
    for (std::size_t at = 0; at < kColumns; ++at) widths[at] = std::max(widths[at], columns_of(row[at]));
  }
  std::string out;
  auto width = look.terminal && look.width > 0 ? static_cast<std::size_t>(look.width) : 0;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t at = 0; at + 1 < kColumns; ++at) line += padded(row[at], widths[at] + 2);
    out += cut(line + row.back(), width, look.utf8) + '\n';
  }
  return out;
}

}  // namespace stapkill
