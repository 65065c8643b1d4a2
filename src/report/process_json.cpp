#include "report/process_json.h"

#include <cassert>
#include <functional>

#include "base/text.h"
#include "model/cgroup_names.h"
#include "model/containers.h"
#include "report/json_fields.h"
#include "verdict/process_words.h"

namespace stapkill {

using namespace json_fields;

void append_container(std::string& out, const std::optional<Container>& value) {
  key(out, "container");
  if (!value) {
    out += "null";
    return;
  }
  out += R"({"runtime":)";
  value->runtime.empty() ? void(out += "null") : append_json_string(out, value->runtime);
  text(out, "id", value->id);
  maybe_text(out, "pod_uid", known(value->pod_uid));
  out += '}';
}

namespace {

std::optional<std::int64_t> if_set(std::int64_t number) {
  return number >= 0 ? std::optional(number) : std::nullopt;
}

/// `line` is known of a bash alone, and `text` where its file could be read then.
void append_script(std::string& out, const Process& process) {
  auto path = script_of(process);
  key(out, "script");
  if (path.empty()) {
    out += "null";
    return;
  }
  out += R"({"path":)";
  append_json_string(out, path);
  const auto& line = process.script_line;
  maybe_number(out, "line", line ? std::optional<std::int64_t>(line->number) : std::nullopt);
  maybe_text(out, "text", line ? known(line->text) : std::nullopt);
  out += '}';
}

void render_tail(std::string& out, const Process& process) {
  text(out, "comm", process.comm);
  maybe_text(out, "exe", process.exe);
  if (process.argv) {
    texts(out, "argv", *process.argv);
  } else {
    out += ",\"argv\":null";
  }
  number(out, "argv_bytes", static_cast<std::int64_t>(process.argv_bytes));
  maybe_text(out, "cwd", process.cwd);
  maybe_number(out, "uid", process.uid);
  maybe_text(out, "user", process.user);
  time(out, "start", process.started);
  maybe_text(out, "cgroup", process.cgroup);
  append_container(out, container_of(process.cgroup));
  maybe_text(out, "unit", unit_of(process.cgroup));
  Login login = process.login.value_or(Login{});
  maybe_number(out, "loginuid", if_set(login.uid));
  maybe_text(out, "login", process.login_user);
  maybe_number(out, "audit_session", if_set(login.session));
  maybe_text(out, "tty", known(process.tty.value_or("")));
  append_script(out, process);
  if (!process.flags.empty()) texts(out, "flags", process.flags);
  if (process.ended) out += ",\"ended\":true";
  out += '}';
}

}  // namespace

const std::string& ProcessJson::tail_of(const ProcessPtr& process) {
  // Addresses are multiples of 16: the lowest bits are always 0.
  Kept& kept = kept_[std::hash<const Process*>()(process.get()) / 16 % kept_.size()];
  if (kept.process != process) {
    kept.tail.clear();
    render_tail(kept.tail, *process);
    kept.process = process;
  }
  return kept.tail;
}

void ProcessJson::append(std::string& out, const ProcessPtr& process, int tid) {
  if (!process) {
    out += "null";
    return;
  }
  out += "{\"pid\":";
  append_number(out, process->pid);
  out += ",\"tid\":";
  append_number(out, tid ? tid : process->pid);
  out += tail_of(process);
}

void ProcessJson::process(std::string& out, std::string_view name, const ProcessPtr& value, int tid) {
  key(out, name);
  append(out, value, tid);
}

void ProcessJson::processes(std::string& out, std::string_view name, const std::vector<ProcessPtr>& values) {
  key(out, name);
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i) out += ',';
    append(out, values[i]);
  }
  out += ']';
}

void ProcessJson::ancestry(std::string& out, const Ancestry& ancestry) {
  assert(ancestry);
  if (ancestry != last_) {
    last_text_.clear();
    processes(last_text_, "ancestry", *ancestry);
    last_ = ancestry;
  }
  out += last_text_;
}

}  // namespace stapkill
