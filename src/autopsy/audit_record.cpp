#include "autopsy/audit_record.h"

#include <algorithm>
#include <cstdio>

#include "autopsy/number_text.h"

namespace stapkill {
namespace {

struct TypeName {
  int number;
  std::string_view name;
};

/// include/uapi/linux/audit.h; those of programs from libaudit's msg_typetab.h.
constexpr TypeName kTypes[] = {
    {1123, "USER_CMD"},      {1127, "SYSTEM_BOOT"},  {1128, "SYSTEM_SHUTDOWN"},
    {1130, "SERVICE_START"}, {1131, "SERVICE_STOP"}, {1200, "DAEMON_START"},
    {1201, "DAEMON_END"},    {1202, "DAEMON_ABORT"}, {1300, "SYSCALL"},
    {1318, "OBJ_PID"},       {1320, "EOE"},          {1326, "SECCOMP"},
    {1327, "PROCTITLE"},     {1701, "ANOM_ABEND"},
};

std::string_view type_named(std::string_view text) {
  // "UNKNOWN[1334]" (libaudit), "<audit-1326>" and "AUDIT1326" (journald), "1326" (the kernel's log).
  for (std::string_view before : {"UNKNOWN[", "<audit-", "AUDIT"}) {
    if (!text.starts_with(before)) continue;
    text.remove_prefix(before.size());
    while (text.ends_with(']') || text.ends_with('>')) text.remove_suffix(1);
    break;
  }
  auto number = whole_number<int>(text);
  for (const auto& row : kTypes) {
    if (number ? row.number == *number : row.name == text) return row.name;
  }
  return {};
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

std::string_view take_digits(std::string_view& text, std::size_t most) {
  auto digits = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
  if (digits.size() > most) digits = {};
  text.remove_prefix(digits.size());
  return digits;
}

/// "1700000000.123"
std::optional<Time> take_stamp(std::string_view& text) {
  auto seconds = whole_number<std::int64_t>(take_digits(text, 10));
  if (!seconds || !take(text, ".")) return std::nullopt;
  auto digits = take_digits(text, 3);
  auto millis = whole_number<std::int64_t>(digits);
  if (!millis || digits.size() != 3) return std::nullopt;
  return *seconds * 1'000'000'000 + *millis * 1'000'000;
}

/// The value at the start of a text.
std::string_view value_at(std::string_view text) {
  if (text.starts_with('"') || text.starts_with('\'')) {
    auto end = text.find(text[0], 1);
    return text.substr(0, end == std::string_view::npos ? end : end + 1);
  }
  return text.substr(0, text.find(' '));
}

std::string_view value_of(std::string_view fields, std::string_view name) {
  while (!fields.empty()) {
    fields.remove_prefix(std::min(fields.find_first_not_of(" ,"), fields.size()));
    auto stop = std::min(fields.find_first_of(" ="), fields.size());
    if (stop == fields.size() || fields[stop] == ' ') {
      fields.remove_prefix(stop);
      continue;
    }
    auto found = fields.substr(0, stop);
    fields.remove_prefix(stop + 1);
    auto value = value_at(fields);
    if (found == name) return value;
    fields.remove_prefix(value.size());
  }
  return {};
}

/// Parts what auditd adds and what a program says from what the kernel says.
void split_fields(std::string_view rest, AuditRecord& record) {
  if (auto at = rest.find('\x1d'); at != std::string_view::npos) {
    record.enriched = rest.substr(at + 1);
    rest = rest.substr(0, at);
  }
  // With the space: a comm can be "msg='", but one with a space is written in hexadecimal.
  constexpr std::string_view opening = " msg='";
  auto at = rest.find(opening);
  record.fields = rest.substr(0, at);
  if (at == std::string_view::npos) return;
  auto said = rest.substr(at + opening.size());
  record.message = said.substr(0, said.rfind('\''));
}

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace

std::string_view AuditRecord::raw(std::string_view name) const {
  return value_of(fields, name);
}

std::string_view AuditRecord::said(std::string_view name) const {
  auto value = value_of(message, name);
  return value.empty() ? raw(name) : value;
}

std::optional<std::int64_t> AuditRecord::id(std::string_view name) const {
  auto number = whole_number<std::uint32_t>(raw(name));
  return number && *number != 4294967295u ? std::optional<std::int64_t>(*number) : std::nullopt;
}

int AuditRecord::pid(std::string_view name) const {
  return pid_in(raw(name));
}

std::string AuditRecord::translated(std::string_view name) const {
  auto value = audit_word(value_of(enriched, name));
  return value == "unset" ? std::string() : value;
}

std::string audit_word(std::string_view raw) {
  if (raw.size() >= 2 && raw.front() == '"' && raw.back() == '"') return std::string(raw.substr(1, raw.size() - 2));
  return raw == "(none)" || raw == "(null)" || raw == "?" ? std::string() : std::string(raw);
}

std::string audit_text(std::string_view raw) {
  bool hex = !raw.empty() && raw.size() % 2 == 0 &&
             std::all_of(raw.begin(), raw.end(), [](char each) { return hex_digit(each) >= 0; });
  if (!hex) return audit_word(raw);
  std::string text;
  text.reserve(raw.size() / 2);
  for (std::size_t i = 0; i < raw.size(); i += 2) {
    text += static_cast<char>(hex_digit(raw[i]) * 16 + hex_digit(raw[i + 1]));
  }
  return text;
}

std::optional<AuditRecord> audit_record(std::string_view line) {
  AuditRecord record;
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (take(line, "node=")) {
    record.node = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(record.node.size() + 1, line.size()));
  }
  take(line, "audit: ");
  if (!take(line, "type=")) return std::nullopt;
  auto type = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(type.size() + 1, line.size()));
  take(line, "msg=");
  if (!take(line, "audit(")) return std::nullopt;
  auto time = take_stamp(line);
  if (!time || !take(line, ":")) return std::nullopt;
  auto serial = whole_number<std::uint64_t>(take_digits(line, 20));
  if (!serial || !take(line, "):")) return std::nullopt;
  record.type = type_named(type);
  record.time = *time;
  record.serial = *serial;
  split_fields(line, record);
  return record;
}

std::optional<AuditRecord> journald_audit_record(std::string_view message) {
  AuditRecord record;
  auto type = message.substr(0, message.find(' '));
  record.type = type_named(type);
  if (record.type.empty()) return std::nullopt;
  message.remove_prefix(type.size());
  split_fields(message, record);
  return record;
}

std::optional<Time> first_audit_stamp(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    auto raw = text.find("audit(", at), json = text.find("\"ID\":\"", at);
    auto next = std::min(raw, json);
    if (next == std::string_view::npos) return std::nullopt;
    auto rest = text.substr(next + 6);
    if (auto time = take_stamp(rest)) return time;
    at = next + 6;
  }
  return std::nullopt;
}

std::string audit_event_id(const AuditRecord& record) {
  char text[64];
  std::snprintf(text, sizeof text, "%lld.%03lld:%llu", static_cast<long long>(record.time / 1'000'000'000),
                static_cast<long long>(record.time / 1'000'000 % 1000), static_cast<unsigned long long>(record.serial));
  return text;
}

}  // namespace stapkill
