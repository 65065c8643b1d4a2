#include "autopsy/audit_laurel.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_member.h"

namespace stapkill {
namespace {

using nlohmann::json;

constexpr std::size_t kMostRecords = 4096;
constexpr const char* kTypes[] = {"SYSCALL",     "OBJ_PID",         "PROCTITLE",    "SECCOMP",
                                  "ANOM_ABEND",  "SERVICE_START",   "SERVICE_STOP", "USER_CMD",
                                  "SYSTEM_BOOT", "SYSTEM_SHUTDOWN", "DAEMON_END",   "DAEMON_ABORT"};
/// Values that can be any bytes.
constexpr std::string_view kUntrusted[] = {"comm", "exe", "ocomm", "cmd", "cwd"};

int digit_of(char each) {
  if (each >= '0' && each <= '9') return each - '0';
  if (each >= 'a' && each <= 'f') return each - 'a' + 10;
  if (each >= 'A' && each <= 'F') return each - 'A' + 10;
  return -1;
}

/// Bytes that are not printable, '%' and '+' are written as %xx.
std::string bytes_of(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit_of(text[i + 1]) >= 0 && digit_of(text[i + 2]) >= 0) {
      bytes += static_cast<char>(digit_of(text[i + 1]) * 16 + digit_of(text[i + 2]));
      i += 2;
    } else {
      bytes += text[i];
    }
  }
  return bytes;
}

void append_hex(std::string& out, std::string_view bytes) {
  for (unsigned char each : bytes) {
    out += "0123456789ABCDEF"[each >> 4];
    out += "0123456789ABCDEF"[each & 15];
  }
}

/// As auditd writes a value that can be any bytes: in quotes, or in hexadecimal digits where they do not do
/// (kernel/audit.c, audit_log_untrustedstring).
void append_untrusted(std::string& out, std::string_view bytes) {
  bool plain =
      std::all_of(bytes.begin(), bytes.end(), [](char each) { return each > ' ' && each < 0x7f && each != '"'; });
  if (!plain) return append_hex(out, bytes);
  out.append("\"").append(bytes).append("\"");
}

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') ||
           each == '_' || each == '-';
  });
}

/// Without what would end a value or begin another.
std::string word_of(std::string_view text) {
  std::string word;
  for (char each : text.substr(0, 256)) {
    bool plain = each > ' ' && each < 0x7f && each != '"' && each != '\'' && each != '=';
    word += plain ? each : '_';
  }
  return word;
}

void append_field(std::string& fields, std::string& translated, const std::string& name, const json& value) {
  if (!is_name(name) || name == "msg") return;
  if (value.is_number_integer()) {
    fields += " " + name + "=" + std::to_string(value.get<std::int64_t>());
    return;
  }
  if (!value.is_string()) return;
  const auto& text = value.get_ref<const std::string&>();
  if (text.empty()) return;
  if (name[0] >= 'A' && name[0] <= 'Z') {
    translated += (translated.empty() ? "" : " ") + name + "=\"" + word_of(text) + "\"";
  } else if (std::find(std::begin(kUntrusted), std::end(kUntrusted), name) != std::end(kUntrusted)) {
    fields += " " + name + "=";
    append_untrusted(fields, bytes_of(text));
  } else {
    fields += " " + name + "=" + word_of(text);
  }
}

/// "ARGV": the arguments of a call (a0 …), or the words of a title.
void append_arguments(std::string& fields, std::string_view type, const json& values) {
  if (!values.is_array()) return;
  std::string title;
  std::size_t index = 0;
  for (const auto& value : values) {
    if (!value.is_string()) break;
    const auto& text = value.get_ref<const std::string&>();
    if (type == "SYSCALL" && index < 4) fields += " a" + std::to_string(index) + "=" + word_of(text);
    if (type == "PROCTITLE") title += (index ? std::string(1, '\0') : std::string()) + bytes_of(text);
    if (++index == 1024) break;
  }
  if (title.empty()) return;
  fields += " proctitle=";
  append_hex(fields, title);
}

std::string record_of(std::string_view type, const json& values, const std::string& start) {
  std::string fields, translated;
  for (const auto& [name, value] : values.items()) append_field(fields, translated, name, value);
  append_arguments(fields, type, member(values, "ARGV"));
  return start + fields + (translated.empty() ? "" : "\x1d" + translated);
}

}  // namespace

std::vector<std::string> laurel_records(std::string_view line) {
  std::vector<std::string> records;
  if (!line.starts_with('{')) return records;
  auto event = json::parse(line, nullptr, false);
  auto id = text_of(event, "ID");
  if (id.empty() || id.find_first_not_of("0123456789.:") != std::string::npos) return records;
  auto node = text_of(event, "NODE");
  auto before = node.empty() ? std::string() : "node=" + word_of(node) + " ";
  for (const auto* type : kTypes) {
    const auto& found = member(event, type);
    auto start = fmt::format("{}type={} msg=audit({}):", before, type, id);
    if (found.is_object()) records.push_back(record_of(type, found, start));
    if (!found.is_array()) continue;
    for (const auto& each : found) {
      if (each.is_object() && records.size() < kMostRecords) records.push_back(record_of(type, each, start));
    }
  }
  return records;
}

}  // namespace stapkill
