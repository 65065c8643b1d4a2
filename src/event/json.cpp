#include "event/json.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <charconv>

#include "event/cgroup_names.h"
#include "event/containers.h"
#include "event/signals.h"
#include "event/text.h"
#include "event/time.h"
#include "sys/users.h"

namespace stapkill {
namespace {

void append_number(std::string& out, std::int64_t value) {
  char digits[24];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

void key(std::string& out, std::string_view name) {
  out += ",\"";
  out += name;
  out += "\":";
}

void text(std::string& out, std::string_view name, std::string_view value) {
  key(out, name);
  append_json_string(out, value);
}

void maybe_text(std::string& out, std::string_view name, const std::optional<std::string>& value) {
  key(out, name);
  value ? append_json_string(out, *value) : void(out += "null");
}

void number(std::string& out, std::string_view name, std::int64_t value) {
  key(out, name);
  append_number(out, value);
}

void maybe_number(std::string& out, std::string_view name, std::optional<std::int64_t> value) {
  key(out, name);
  value ? append_number(out, *value) : void(out += "null");
}

void time(std::string& out, Time value) {
  out += ",\"time\":\"";
  append_rfc3339(out, value);
  out += '"';
}

void texts(std::string& out, std::string_view name, const std::vector<std::string>& values) {
  key(out, name);
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i) out += ',';
    append_json_string(out, values[i]);
  }
  out += ']';
}

std::optional<std::string> known(const std::string& value) {
  return value.empty() ? std::nullopt : std::optional(value);
}

void container(std::string& out, const std::optional<Container>& value) {
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

void render_tail(const Process& process) {
  std::string& out = process.json_tail;
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
  maybe_text(out, "user", process.uid ? user_name(*process.uid) : std::nullopt);
  out += ",\"start\":\"";
  append_rfc3339(out, time_of_start(process.start));
  out += '"';
  maybe_text(out, "cgroup", process.cgroup);
  container(out, container_of(process.cgroup));
  maybe_text(out, "unit", unit_of(process.cgroup));
  if (!process.flags.empty()) texts(out, "flags", process.flags);
  if (process.ended) out += ",\"ended\":true";
  out += '}';
  out.shrink_to_fit();  // it stays as long as the process is known
}

void append_process(std::string& out, const ProcessPtr& process, int tid = 0) {
  if (!process) {
    out += "null";
    return;
  }
  if (process->json_tail.empty()) render_tail(*process);
  out += "{\"pid\":";
  append_number(out, process->pid);
  out += ",\"tid\":";
  append_number(out, tid ? tid : process->pid);
  out += process->json_tail;
}

void process(std::string& out, std::string_view name, const ProcessPtr& value, int tid = 0) {
  key(out, name);
  append_process(out, value, tid);
}

void processes(std::string& out, std::string_view name, const std::vector<ProcessPtr>& values) {
  key(out, name);
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i) out += ',';
    append_process(out, values[i]);
  }
  out += ']';
}

/// "ancestry", rendered once for all records that share it one behind the other: who sends once often sends again.
void append_ancestry(std::string& out, const Ancestry& ancestry) {
  thread_local Ancestry last;
  thread_local std::string rendered;
  if (ancestry != last) {
    rendered.clear();
    processes(rendered, "ancestry", *ancestry);
    last = ancestry;
  }
  out += rendered;
}

/// `exit` of stapkill-stream(5), from a wait(2) status; shell_code is what `$?` would be.
void exit_status(std::string& out, int status) {
  bool killed = WIFSIGNALED(status);
  std::optional<std::int64_t> none;
  out += R"(,"exit":{"kind":)";
  out += killed ? "\"signal\"" : "\"exit\"";
  maybe_number(out, "signal", killed ? std::optional<std::int64_t>(WTERMSIG(status)) : none);
  maybe_text(out, "signal_name", killed ? std::optional(signal_name(WTERMSIG(status))) : std::nullopt);
  maybe_number(out, "status", killed ? none : std::optional<std::int64_t>(WEXITSTATUS(status)));
  key(out, "core_dumped");
  out += killed && WCOREDUMP(status) ? "true" : "false";
  number(out, "shell_code", killed ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  out += '}';
}

void append(std::string& out, const SessionRecord& record) {
  out += R"({"type":"session","schema":"stapkill/1")";
  text(out, "version", record.version);
  out += R"(,"host":{"hostname":)";
  append_json_string(out, record.hostname);
  text(out, "kernel", record.kernel);
  text(out, "arch", record.arch);
  text(out, "boot_id", record.boot_id);
  out += '}';
  text(out, "backend", record.backend);
  texts(out, "probes", record.probes);
  out += R"(,"targets":{)";
  for (std::size_t i = 0; i < record.targets.size(); ++i) {
    std::string entry;
    texts(entry, record.targets[i].first, record.targets[i].second);
    out += i ? entry : entry.substr(1);
  }
  out += '}';
  time(out, record.time);
}

void append(std::string& out, const ArmedRecord& record) {
  out += R"({"type":"armed")";
  time(out, record.time);
  out += fmt::format(",\"arm_ms\":{:.1f}", record.arm_ms);
  text(out, "toolchain", record.toolchain);
  key(out, "from_cache");
  out += !record.from_cache ? "null" : *record.from_cache ? "true" : "false";
  processes(out, "watching", record.watching);
}

void append(std::string& out, const SignalRecord& record) {
  out += R"({"type":"signal")";
  time(out, record.time);
  number(out, "seq", static_cast<std::int64_t>(record.seq));
  out += R"(,"signal":{"number":)";
  append_number(out, record.number);
  text(out, "name", signal_name(record.number));
  number(out, "code", record.code);
  text(out, "code_name", code_name(record));
  text(out, "result", name_of(record.result));
  out += '}';
  text(out, "by", name_of(record.by));
  process(out, "sender", record.sender, record.sender_tid);
  process(out, "target", record.target, record.target_tid);
  if (record.syscall) {
    out += R"(,"syscall":{"name":)";
    append_json_string(out, record.syscall->name);
    maybe_number(out, "pid", record.syscall->pid);
    const auto& aim = record.syscall->aims_at;
    maybe_text(out, "aims_at", aim ? std::optional<std::string>(name_of(*aim)) : std::nullopt);
    maybe_number(out, "ret", record.syscall->ret);
    out += '}';
  } else {
    out += R"(,"syscall":null)";
  }
  append_ancestry(out, record.ancestry);
}

void chain(std::string& out, const std::vector<ChainStep>& steps) {
  out += R"(,"chain":[)";
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const ChainStep& step = steps[i];
    out += i ? R"(,{"what":)" : R"({"what":)";
    append_json_string(out, name_of(step.what));
    process(out, "process", step.process);
    maybe_number(out, "signal_seq", step.signal_seq ? std::optional<std::int64_t>(*step.signal_seq) : std::nullopt);
    maybe_text(out, "signal_name", step.number ? std::optional(signal_name(step.number)) : std::nullopt);
    maybe_text(out, "through", known(step.through));
    time(out, step.time);
    text(out, "confidence", name_of(step.confidence));
    append_ancestry(out, step.ancestry);
    out += '}';
  }
  out += ']';
}

/// Who it is, and no more: where it matters it is somebody's ancestor, and described there.
void parent(std::string& out, const ProcessPtr& value) {
  key(out, "parent");
  if (!value) {
    out += "null";
    return;
  }
  out += R"({"pid":)";
  append_number(out, value->pid);
  text(out, "comm", value->comm);
  out += R"(,"start":")";
  append_rfc3339(out, time_of_start(value->start));
  out += "\"}";
}

void append(std::string& out, const DeathRecord& record) {
  const Verdict& verdict = record.verdict;
  out += R"({"type":"death")";
  time(out, record.time);
  process(out, "process", record.process);
  parent(out, record.parent);
  exit_status(out, record.wait_status);
  out += R"(,"verdict":{"cause":)";
  append_json_string(out, name_of(verdict.cause));
  text(out, "by", name_of(verdict.by));
  process(out, "killer", verdict.killer);
  maybe_number(out, "signal_seq", verdict.signal_seq ? std::optional<std::int64_t>(*verdict.signal_seq) : std::nullopt);
  process(out, "initiator", verdict.initiator);
  chain(out, verdict.chain);
  text(out, "confidence", name_of(verdict.confidence));
  text(out, "summary", verdict.summary);
  texts(out, "evidence", verdict.evidence);
  maybe_text(out, "rule", known(verdict.rule));
  out += '}';
  append_ancestry(out, record.ancestry);
}

void append(std::string& out, const TraceRecord& record) {
  constexpr std::string_view kinds[] = {"fork", "exec", "exit"};
  out += R"({"type":)";
  append_json_string(out, kinds[static_cast<int>(record.kind)]);
  time(out, record.time);
  process(out, "process", record.process);
  if (record.kind == TraceRecord::Kind::fork) process(out, "parent", record.parent);
  if (record.kind == TraceRecord::Kind::exit) exit_status(out, record.wait_status);
}

void append(std::string& out, const LossRecord& record) {
  out += R"({"type":"loss")";
  time(out, record.time);
  number(out, "count", static_cast<std::int64_t>(record.count));
  text(out, "where", record.where);
}

void append(std::string& out, const DiagnosticRecord& record) {
  out += R"({"type":"diagnostic")";
  time(out, record.time);
  text(out, "level", record.level == DiagnosticRecord::Level::error ? "error" : "warning");
  text(out, "id", record.id);
  text(out, "message", record.message);
  maybe_text(out, "remedy", known(record.remedy));
  maybe_text(out, "check", known(record.check));
}

void append(std::string& out, const ContainerRecord& record) {
  out += R"({"type":"container")";
  time(out, record.time);
  text(out, "state", name_of(record.what));
  container(out, record.container);
  maybe_text(out, "name", known(record.name));
  maybe_text(out, "pod", known(record.pod));
  process(out, "process", record.process);
  number(out, "restarts", static_cast<std::int64_t>(record.restarts));
  maybe_number(out, "last_status", record.last_status);
  maybe_text(out, "last_reason", known(record.last_reason));
}

void append(std::string& out, const SummaryRecord& record) {
  out += R"({"type":"summary")";
  time(out, record.time);
  number(out, "signals", static_cast<std::int64_t>(record.signals));
  number(out, "deaths", static_cast<std::int64_t>(record.deaths));
  number(out, "lost", static_cast<std::int64_t>(record.lost));
  if (record.restarts) number(out, "restarts", static_cast<std::int64_t>(*record.restarts));
  out += fmt::format(",\"duration_s\":{:.3f}", record.duration_s);
}

}  // namespace

void append_json(std::string& out, const Record& record) {
  std::visit([&](const auto& value) { append(out, value); }, record);
  out += "}\n";
}

}  // namespace stapkill
