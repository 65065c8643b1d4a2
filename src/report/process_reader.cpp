#include "report/process_reader.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "base/json_member.h"
#include "base/when.h"

namespace stapkill {

using Json = nlohmann::json;

namespace {

/// -1 and null both say that there was no login.
std::optional<Login> login_of(const Json& value) {
  auto uid = number_of(value, "loginuid");
  if (!uid || *uid < 0) return std::nullopt;
  return Login{*uid, number_of(value, "audit_session").value_or(-1)};
}

std::optional<ScriptLine> script_line_of(const Json& value) {
  const auto& script = member(value, "script");
  int line = int_of(script, "line");
  return line > 0 ? std::optional(ScriptLine{line, text_of(script, "text")}) : std::nullopt;
}

ProcessPtr read(const Json& value, const HostPtr& host) {
  auto process = std::make_shared<Process>();
  process->host = host;
  process->pid = int_of(value, "pid");
  process->started = time_of(value, "start");
  // Only compared: two starts are equal where their times are (time_of_start).
  process->start = static_cast<std::uint64_t>(process->started);
  process->uid = number_of(value, "uid");
  process->user = maybe_text_of(value, "user");
  process->login = login_of(value);
  process->login_user = maybe_text_of(value, "login");
  process->tty = maybe_text_of(value, "tty");
  process->comm = text_of(value, "comm");
  process->exe = maybe_text_of(value, "exe");
  process->cwd = maybe_text_of(value, "cwd");
  process->cgroup = maybe_text_of(value, "cgroup");
  if (member(value, "argv").is_array()) process->argv = texts_of(value, "argv");
  auto bytes = number_of(value, "argv_bytes").value_or(0);
  process->argv_bytes = bytes > 0 ? static_cast<std::uint64_t>(bytes) : 0;
  process->script_line = script_line_of(value);
  process->flags = texts_of(value, "flags");
  process->ended = member(value, "ended") == true;
  return process;
}

}  // namespace

int int_of(const Json& object, const char* name, int otherwise) {
  auto number = number_of(object, name);
  bool fits = number && *number >= std::numeric_limits<int>::min() && *number <= std::numeric_limits<int>::max();
  return fits ? static_cast<int>(*number) : otherwise;
}

std::optional<std::string> maybe_text_of(const Json& object, const char* name) {
  const auto& value = member(object, name);
  return value.is_string() ? std::optional(value.get<std::string>()) : std::nullopt;
}

std::vector<std::string> texts_of(const Json& object, const char* name) {
  std::vector<std::string> texts;
  const auto& values = member(object, name);
  if (!values.is_array()) return texts;
  for (const auto& one : values) {
    if (one.is_string()) texts.push_back(one.get<std::string>());
  }
  return texts;
}

Time time_of(const Json& object, const char* name) {
  const auto& value = member(object, name);
  if (!value.is_string()) return 0;
  // Before 1970 nothing was recorded; differences of other times fit in 64 bits.
  return std::max<Time>(parse_when(value.get_ref<const std::string&>(), 0).value_or(0), 0);
}

int tid_of(const Json& record, const char* name) {
  return int_of(member(record, name), "tid");
}

ProcessPtr ProcessReader::kept(const Json& value) {
  Json same = value;
  same.erase("tid");
  Kept& kept = kept_[std::hash<Json>()(same) % kept_.size()];
  if (!kept.process || kept.process->host != host_ || kept.json != same) {
    kept.process = read(same, host_);
    kept.json = std::move(same);
  }
  return kept.process;
}

ProcessPtr ProcessReader::process(const Json& record, const char* name) {
  const auto& value = member(record, name);
  return value.is_object() ? kept(value) : nullptr;
}

std::vector<ProcessPtr> ProcessReader::processes(const Json& record, const char* name) {
  std::vector<ProcessPtr> found;
  const auto& values = member(record, name);
  if (!values.is_array()) return found;
  for (const auto& one : values) {
    if (one.is_object()) found.push_back(kept(one));
  }
  return found;
}

ProcessPtr ProcessReader::name(const Json& record, const char* name) const {
  const auto& value = member(record, name);
  if (!value.is_object()) return nullptr;
  auto process = std::make_shared<Process>();
  process->host = host_;
  process->pid = int_of(value, "pid");
  process->comm = text_of(value, "comm");
  process->started = time_of(value, "start");
  process->start = static_cast<std::uint64_t>(process->started);
  return process;
}

ProcessPtr ProcessReader::unknown() const {
  auto process = std::make_shared<Process>();
  process->host = host_;
  return process;
}

Ancestry ProcessReader::ancestry(const Json& record) {
  return std::make_shared<std::vector<ProcessPtr>>(processes(record, "ancestry"));
}

}  // namespace stapkill
