#include "autopsy/logs/log_kind.h"

#include <string>

#include "autopsy/logs/log_line.h"
#include "autopsy/logs/read_logs.h"
#include "sys/unpack.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostHead = 64 << 10;
constexpr std::size_t kMostLines = 60;

bool is_export(std::string_view head) {
  return head.starts_with("__CURSOR=") || head.starts_with("__REALTIME_TIMESTAMP=");
}

/// journalctl's JSON has these fields in every entry.
bool is_json(std::string_view head) {
  auto begin = head.find('{');
  if (begin > 8) return false;
  return head.find("\"__REALTIME_TIMESTAMP\"") != std::string_view::npos ||
         head.find("\"__CURSOR\"") != std::string_view::npos;
}

/// At least every third line has a stamp: between them are lines of messages that have several.
bool is_text(std::string_view head) {
  std::string storage;
  std::size_t lines = 0, stamped = 0;
  while (!head.empty() && lines < kMostLines) {
    auto end = head.find('\n');
    auto text = without_decoration(head.substr(0, end), storage);
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 1);
    if (text.empty()) continue;
    ++lines;
    auto line = split_log_line(text);
    if (line.stamp.kind != Stamp::Kind::none) ++stamped;
  }
  return stamped > 0 && stamped * 3 >= lines;
}

}  // namespace

LogKind log_kind(std::string_view head) {
  head = head.substr(0, kMostHead);
  if (head.starts_with("LPKSHHRH")) return LogKind::journal;
  if (is_export(head)) return LogKind::exported;
  if (is_json(head)) return LogKind::json;
  return is_text(head) ? LogKind::text : LogKind::none;
}

bool looks_like_log(std::string_view head) {
  if (!is_packed(head)) return log_kind(head) != LogKind::none;
  auto unpacked = unpack_head(head, kMostHead);
  // A beginning may be too short to give anything.
  return unpacked.empty() || log_kind(unpacked) != LogKind::none;
}

}  // namespace stapkill
