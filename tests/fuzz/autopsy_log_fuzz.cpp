// Input: any bytes, as a text log, as what journalctl exports, as its JSON, as records of the kernel's buffer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "autopsy/logs/journal_export.h"
#include "autopsy/logs/journal_json.h"
#include "autopsy/logs/kmsg.h"
#include "autopsy/logs/line_splitter.h"
#include "autopsy/logs/log_kind.h"
#include "autopsy/logs/log_names.h"
#include "autopsy/logs/text_log.h"
#include "check.h"

using namespace stapkill;

namespace {

constexpr Time kNewest = 1796083200'000'000'000;  // 2026-12-01

/// All that a reader gets of a text, as one text.
std::string entries_of_text(std::string_view text, std::size_t piece, const TimeZone& zone) {
  std::string all;
  LineClock clock(zone, kNewest, {{kNewest / 2, ""}});
  TakeEntry take = [&](const LogEntry& entry) {
    FUZZ_CHECK(entry.message.find('\n') == std::string_view::npos && !entry.message.empty());
    FUZZ_CHECK(entry.pid >= 0 && entry.doubt >= 0 && entry.time >= 0);
    FUZZ_CHECK(entry.program != "kernel" || entry.source == "kernel-log");
    all.append(entry.program).append(entry.message).append(entry.place).append(std::to_string(entry.time)) += '\n';
  };
  TextLog log({"/var/log/x", "", 0, kNewest * 4}, clock, take);
  LineSplitter lines([&](std::string_view line, LinePlace place) { log.line(line, place); });
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) lines.take(text.substr(0, piece));
  lines.end();
  return all;
}

template <typename Reader>
std::string entries_of_fields(std::string_view text, std::size_t piece) {
  std::string all;
  TakeEntry take = [&](const LogEntry& entry) {
    FUZZ_CHECK(entry.message.find('\n') == std::string_view::npos && entry.pid >= 0 && entry.doubt >= 0);
    FUZZ_CHECK(!entry.program.empty());
    FUZZ_CHECK(entry.program != "kernel" || entry.value("_TRANSPORT") == "kernel");
    all.append(entry.program).append(entry.message).append(std::to_string(entry.time)) += '\n';
  };
  Reader reader([&](const JournalRecord& record) { give_record(record, "journal", nullptr, take); });
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) reader.take(text.substr(0, piece));
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TimeZone zone("Europe/Berlin");
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t piece = size > 0 ? std::size_t{1} + data[0] % 64 : 1;
  FUZZ_CHECK(entries_of_text(text, piece, zone) == entries_of_text(text, size + 1, zone));
  FUZZ_CHECK(entries_of_fields<ExportReader>(text, piece) == entries_of_fields<ExportReader>(text, size + 1));
  FUZZ_CHECK(entries_of_fields<JsonReader>(text, piece) == entries_of_fields<JsonReader>(text, size + 1));
  KernelRecord record;
  std::string bytes;
  if (split_kernel_record(text, record)) append_unescaped(record.message, bytes);
  FUZZ_CHECK(bytes.size() <= size);
  FUZZ_CHECK(log_kind(text) != LogKind::journal || text.starts_with("LPKSHHRH"));
  FUZZ_CHECK(known_logs({std::string(text)}).size() <= 1);
  return 0;
}
