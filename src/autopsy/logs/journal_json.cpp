#include "autopsy/logs/journal_json.h"

#include <nlohmann/json.hpp>

namespace stapkill {
namespace {

constexpr std::size_t kLongestEntry = 1 << 20;

void append_value(const nlohmann::json& value, std::string& out) {
  if (value.is_string()) {
    out.append(value.get_ref<const std::string&>(), 0, kLongestField);
  } else if (value.is_number_integer()) {
    out.append(std::to_string(value.get<std::int64_t>()));
  } else if (value.is_array() && !value.empty()) {
    if (!value.front().is_number_integer()) return append_value(value.front(), out);
    for (const auto& byte : value) {
      if (!byte.is_number_integer() || out.size() >= kLongestField) break;
      out += static_cast<char>(byte.get<std::int64_t>());
    }
  }
}

/// An array in an array in an array: only damaged files have more than two.
bool is_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\' && quoted) {
      ++at;
    } else if (text[at] == '"') {
      quoted = !quoted;
    } else if (!quoted && (text[at] == '[' || text[at] == '{') && ++depth > 8) {
      return true;
    } else if (!quoted && (text[at] == ']' || text[at] == '}')) {
      --depth;
    }
  }
  return false;
}

}  // namespace

bool parse_journal_json(std::string_view text, JournalRecord& record) {
  record.clear();
  if (text.starts_with('\x1e')) text.remove_prefix(1);
  if (text.starts_with("data: ")) text.remove_prefix(6);
  if (!text.starts_with('{') || is_deep(text)) return false;
  auto entry = nlohmann::json::parse(text, nullptr, false);
  if (!entry.is_object()) return false;
  for (const auto& [name, value] : entry.items()) {
    if (value.is_null()) continue;
    if (auto* target = record.add(name)) append_value(value, *target);
  }
  return !record.get("__REALTIME_TIMESTAMP").empty() || !record.get("MESSAGE").empty();
}

void JsonReader::take(std::string_view bytes) {
  while (!bytes.empty()) {
    auto end = bytes.find('\n');
    auto piece = bytes.substr(0, end);
    line_.append(piece.substr(0, kLongestEntry - line_.size()));
    if (end == std::string_view::npos) return;
    bytes.remove_prefix(end + 1);
    line();
  }
}

void JsonReader::line() {
  bool begins = line_ == "{", ends = line_ == "}";
  if (begins) entry_.clear();
  if (begins || (!entry_.empty() && entry_.size() + line_.size() < kLongestEntry)) {
    entry_ += line_;
    if (ends) entry();
  } else if (!line_.empty()) {
    entry_ = line_;
    entry();
  }
  line_.clear();
}

void JsonReader::entry() {
  if (parse_journal_json(entry_, record_)) on_record_(record_);
  entry_.clear();
}

void JsonReader::end() {
  if (!line_.empty()) line();
}

}  // namespace stapkill
