#include "report/json.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include "base/signals.h"
#include "base/text.h"
#include "report/json_fields.h"
#include "report/phrase_json.h"

namespace stapkill {

using namespace json_fields;

namespace {

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

void append(std::string& out, const SessionRecord& record, ProcessJson&) {
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
  time(out, "time", record.time);
}

void append(std::string& out, const ArmedRecord& record, ProcessJson& processes) {
  out += R"({"type":"armed")";
  time(out, "time", record.time);
  out += fmt::format(",\"arm_ms\":{:.1f}", record.arm_ms);
  text(out, "toolchain", record.toolchain);
  key(out, "from_cache");
  out += !record.from_cache ? "null" : *record.from_cache ? "true" : "false";
  processes.processes(out, "watching", record.watching);
}

/// FRAME of stapkill-stream(5).
void frames(std::string& out, const std::vector<Frame>& all) {
  auto hex = [](std::uint64_t number) { return fmt::format("{:#x}", number); };
  out += R"(,"frames":[)";
  for (std::size_t at = 0; at < all.size(); ++at) {
    const Frame& frame = all[at];
    out += at ? R"(,{"address":)" : R"({"address":)";
    append_json_string(out, hex(frame.address));
    maybe_text(out, "module", known(frame.module));
    maybe_text(out, "offset", frame.module.empty() ? std::nullopt : std::optional(hex(frame.offset)));
    maybe_text(out, "function", frame.function);
    maybe_text(out, "file", frame.file);
    maybe_number(out, "line", frame.line);
    maybe_text(out, "build_id", frame.build_id);
    out += '}';
  }
  out += ']';
}

void append(std::string& out, const SignalRecord& record, ProcessJson& processes) {
  out += R"({"type":"signal")";
  time(out, "time", record.time);
  number(out, "seq", static_cast<std::int64_t>(record.seq));
  out += R"(,"signal":{"number":)";
  append_number(out, record.number);
  text(out, "name", signal_name(record.number));
  number(out, "code", record.code);
  text(out, "code_name", code_name(record));
  text(out, "result", name_of(record.result));
  out += '}';
  text(out, "by", name_of(record.by));
  processes.process(out, "sender", record.sender, record.sender_tid);
  processes.process(out, "target", record.target, record.target_tid);
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
  if (!record.frames.empty()) frames(out, record.frames);
  processes.ancestry(out, record.ancestry);
}

void chain(std::string& out, const std::vector<ChainStep>& steps, ProcessJson& processes) {
  out += R"(,"chain":[)";
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const ChainStep& step = steps[i];
    out += i ? R"(,{"what":)" : R"({"what":)";
    append_json_string(out, name_of(step.what));
    processes.process(out, "process", step.process);
    maybe_number(out, "signal_seq", step.signal_seq ? std::optional<std::int64_t>(*step.signal_seq) : std::nullopt);
    maybe_text(out, "signal_name", step.number ? std::optional(signal_name(step.number)) : std::nullopt);
    maybe_text(out, "through", known(step.through));
    time(out, "time", step.time);
    text(out, "confidence", name_of(step.confidence));
    processes.ancestry(out, step.ancestry);
    out += '}';
  }
  out += ']';
}

/// Only its identity; the ancestry describes it where that matters.
void parent(std::string& out, const ProcessPtr& value) {
  key(out, "parent");
  if (!value) {
    out += "null";
    return;
  }
  out += R"({"pid":)";
  append_number(out, value->pid);
  text(out, "comm", value->comm);
  time(out, "start", value->started);
  out += '}';
}

/// "texts" of a verdict: its sentences as messages and values, for other languages.
void texts_of(std::string& out, const Verdict& verdict) {
  out += R"(,"texts":{"summary":)";
  append_phrase(out, verdict.summary);
  out += R"(,"evidence":[)";
  for (std::size_t at = 0; at < verdict.evidence.size(); ++at) {
    if (at) out += ',';
    append_phrase(out, verdict.evidence[at]);
  }
  out += "]}";
}

/// A text beside its English, where it holds a message.
void text_beside(std::string& out, std::string_view name, const Phrase& phrase, const ProcessJson& processes) {
  if (!processes.with_texts() || !phrase.has_message()) return;
  key(out, name);
  append_phrase(out, phrase);
}

void append(std::string& out, const DeathRecord& record, ProcessJson& processes) {
  const Verdict& verdict = record.verdict;
  out += R"({"type":"death")";
  time(out, "time", record.time);
  processes.process(out, "process", record.process);
  parent(out, record.parent);
  exit_status(out, record.wait_status);
  out += R"(,"verdict":{"cause":)";
  append_json_string(out, name_of(verdict.cause));
  text(out, "by", name_of(verdict.by));
  processes.process(out, "killer", verdict.killer);
  maybe_number(out, "signal_seq", verdict.signal_seq ? std::optional<std::int64_t>(*verdict.signal_seq) : std::nullopt);
  processes.process(out, "initiator", verdict.initiator);
  chain(out, verdict.chain, processes);
  text(out, "confidence", name_of(verdict.confidence));
  text(out, "summary", verdict.summary.english());
  texts(out, "evidence", {verdict.evidence.begin(), verdict.evidence.end()});
  maybe_text(out, "rule", known(verdict.rule));
  if (processes.with_texts()) texts_of(out, verdict);
  out += '}';
  if (!record.frames.empty()) frames(out, record.frames);
  processes.ancestry(out, record.ancestry);
}

void append(std::string& out, const TraceRecord& record, ProcessJson& processes) {
  constexpr std::string_view kinds[] = {"fork", "exec", "exit"};
  out += R"({"type":)";
  append_json_string(out, kinds[static_cast<int>(record.kind)]);
  time(out, "time", record.time);
  processes.process(out, "process", record.process);
  if (record.kind == TraceRecord::Kind::fork) processes.process(out, "parent", record.parent);
  if (record.kind == TraceRecord::Kind::exit) exit_status(out, record.wait_status);
}

void append(std::string& out, const LossRecord& record, ProcessJson& processes) {
  out += R"({"type":"loss")";
  time(out, "time", record.time);
  number(out, "count", static_cast<std::int64_t>(record.count));
  text(out, "where", record.where.english());
  text_beside(out, "where_text", record.where, processes);
}

void append(std::string& out, const DiagnosticRecord& record, ProcessJson& processes) {
  out += R"({"type":"diagnostic")";
  time(out, "time", record.time);
  text(out, "level", record.level == DiagnosticRecord::Level::error ? "error" : "warning");
  text(out, "id", record.id);
  text(out, "message", record.message.english());
  maybe_text(out, "remedy", known(record.remedy));
  text_beside(out, "message_text", record.message, processes);
  text_beside(out, "remedy_text", record.remedy, processes);
  maybe_text(out, "check", known(record.check));
}

void append(std::string& out, const ContainerRecord& record, ProcessJson& processes) {
  out += R"({"type":"container")";
  time(out, "time", record.time);
  text(out, "state", name_of(record.what));
  append_container(out, record.container);
  maybe_text(out, "name", known(record.name));
  maybe_text(out, "pod", known(record.pod));
  processes.process(out, "process", record.process);
  number(out, "restarts", static_cast<std::int64_t>(record.restarts));
  maybe_number(out, "last_status", record.last_status);
  maybe_text(out, "last_reason", known(record.last_reason));
}

void append(std::string& out, const SummaryRecord& record, ProcessJson&) {
  out += R"({"type":"summary")";
  time(out, "time", record.time);
  number(out, "signals", static_cast<std::int64_t>(record.signals));
  number(out, "deaths", static_cast<std::int64_t>(record.deaths));
  number(out, "lost", static_cast<std::int64_t>(record.lost));
  if (record.restarts) number(out, "restarts", static_cast<std::int64_t>(*record.restarts));
  out += fmt::format(",\"duration_s\":{:.3f}", record.duration_s);
}

}  // namespace

void append_json(std::string& out, const Record& record, ProcessJson& processes) {
  std::visit([&](const auto& value) { append(out, value, processes); }, record);
  out += "}\n";
}

}  // namespace stapkill
