#include "report/record_reader.h"

#include <algorithm>
#include <charconv>
#include <csignal>

#include "base/json_member.h"
#include "base/signals.h"
#include "report/phrase_json.h"

namespace stapkill {

using Json = nlohmann::json;

namespace {

constexpr std::size_t kMostNames = 64;
constexpr int kMostSignal = 64, kCoreDumped = 0x80;  // wait(2)

/// The value of an enumeration that has this name, among those up to `last`.
template <typename Enum>
std::optional<Enum> named(const Json& object, const char* member_name, Enum last) {
  auto text = text_of(object, member_name);
  for (int at = 0; at <= static_cast<int>(last); ++at) {
    if (name_of(static_cast<Enum>(at)) == text) return static_cast<Enum>(at);
  }
  return std::nullopt;
}

double real_of(const Json& object, const char* name) {
  const auto& value = member(object, name);
  return value.is_number() ? value.get<double>() : 0;
}

std::uint64_t count_of(const Json& object, const char* name) {
  auto number = number_of(object, name).value_or(0);
  return number > 0 ? static_cast<std::uint64_t>(number) : 0;
}

std::optional<std::uint64_t> maybe_count_of(const Json& object, const char* name) {
  return number_of(object, name) ? std::optional(count_of(object, name)) : std::nullopt;
}

/// "0x7f12": an address or an offset.
std::uint64_t hex_of(const Json& object, const char* name) {
  auto text = text_of(object, name);
  std::uint64_t value = 0;
  if (text.starts_with("0x")) std::from_chars(text.data() + 2, text.data() + text.size(), value, 16);
  return value;
}

/// A signal's number: of the member, else of its name; 0: none.
int signal_of(const Json& object, const char* number, const char* name) {
  int value = int_of(object, number);
  if (value <= 0) value = parse_signal(text_of(object, name)).value_or(0);
  return value > 0 && value <= kMostSignal ? value : 0;
}

/// A wait(2) status from `exit`.
int wait_status_of(const Json& record) {
  const auto& exit = member(record, "exit");
  int signal = signal_of(exit, "signal", "signal_name");
  if (!signal) return (int_of(exit, "status") & 0xff) << 8;
  return member(exit, "core_dumped") == true ? signal | kCoreDumped : signal;
}

std::vector<Frame> frames_of(const Json& record) {
  std::vector<Frame> frames;
  const auto& values = member(record, "frames");
  if (!values.is_array()) return frames;
  for (const auto& one : values) {
    auto& frame = frames.emplace_back();
    frame.address = hex_of(one, "address");
    frame.module = text_of(one, "module");
    frame.offset = hex_of(one, "offset");
    frame.function = maybe_text_of(one, "function");
    frame.file = maybe_text_of(one, "file");
    if (int line = int_of(one, "line")) frame.line = line;
    frame.build_id = maybe_text_of(one, "build_id");
  }
  return frames;
}

LossRecord loss(const Json& json) {
  return {time_of(json, "time"), count_of(json, "count"),
          phrase_in(member(json, "where_text"), text_of(json, "where"))};
}

DiagnosticRecord diagnostic(const Json& json) {
  auto level = text_of(json, "level") == "error" ? DiagnosticRecord::Level::error : DiagnosticRecord::Level::warning;
  return {level,
          time_of(json, "time"),
          text_of(json, "id"),
          phrase_in(member(json, "message_text"), text_of(json, "message")),
          phrase_in(member(json, "remedy_text"), text_of(json, "remedy")),
          text_of(json, "check")};
}

SummaryRecord summary(const Json& json) {
  return {time_of(json, "time"),  count_of(json, "signals"),        count_of(json, "deaths"),
          count_of(json, "lost"), maybe_count_of(json, "restarts"), real_of(json, "duration_s")};
}

}  // namespace

/// Those of static tables in a watch. A file with more of them than there are has others left out.
std::string_view RecordReader::kept(std::string text) {
  auto at = names_.find(text);
  if (at == names_.end() && names_.size() < kMostNames) at = names_.insert(std::move(text)).first;
  return at == names_.end() ? std::string_view() : std::string_view(*at);
}

SessionRecord RecordReader::session(const Json& json) {
  SessionRecord record;
  const auto& host = member(json, "host");
  record.time = time_of(json, "time");
  record.version = text_of(json, "version");
  record.hostname = text_of(host, "hostname");
  record.kernel = kernel_ = text_of(host, "kernel");
  record.arch = text_of(host, "arch");
  record.boot_id = text_of(host, "boot_id");
  record.backend = text_of(json, "backend");
  record.probes = texts_of(json, "probes");
  const auto& targets = member(json, "targets");
  if (!targets.is_object()) return record;
  for (const auto& [name, values] : targets.items()) record.targets.emplace_back(name, texts_of(targets, name.c_str()));
  return record;
}

ArmedRecord RecordReader::armed(const Json& json) {
  ArmedRecord record;
  record.time = time_of(json, "time");
  record.arm_ms = real_of(json, "arm_ms");
  record.toolchain = text_of(json, "toolchain");
  record.kernel = kernel_;
  const auto& cached = member(json, "from_cache");
  if (cached.is_boolean()) record.from_cache = cached.get<bool>();
  record.watching = processes_.processes(json, "watching");
  return record;
}

std::optional<Syscall> RecordReader::syscall(const Json& json) {
  const auto& call = member(json, "syscall");
  if (!call.is_object()) return std::nullopt;
  return Syscall{kept(text_of(call, "name")), number_of(call, "ret"), number_of(call, "pid"),
                 named(call, "aims_at", Aim::thread)};
}

std::optional<Record> RecordReader::signal(const Json& json) {
  SignalRecord record;
  const auto& signal = member(json, "signal");
  record.time = time_of(json, "time");
  record.seq = count_of(json, "seq");
  record.number = signal_of(signal, "number", "name");
  record.code = int_of(signal, "code");
  record.code_word = text_of(signal, "code_name");
  record.result = named(signal, "result", SignalResult::info_lost).value_or(SignalResult::delivered);
  record.by = named(json, "by", By::self).value_or(By::kernel);
  record.sender = processes_.process(json, "sender");
  record.target = processes_.process(json, "target");
  if (!record.target) return std::nullopt;
  if (!record.sender) record.sender = processes_.unknown();
  record.sender_tid = tid_of(json, "sender");
  record.target_tid = tid_of(json, "target");
  record.syscall = syscall(json);
  record.frames = frames_of(json);
  record.ancestry = processes_.ancestry(json);
  return record;
}

Verdict RecordReader::verdict(const Json& json) {
  Verdict verdict;
  verdict.cause = named(json, "cause", Cause::unknown).value_or(Cause::unknown);
  verdict.by = named(json, "by", By::self).value_or(By::kernel);
  verdict.killer = processes_.process(json, "killer");
  verdict.initiator = processes_.process(json, "initiator");
  verdict.signal_seq = maybe_count_of(json, "signal_seq");
  verdict.confidence = named(json, "confidence", Confidence::unknown).value_or(Confidence::unknown);
  const auto& texts = member(json, "texts");
  verdict.summary = phrase_in(member(texts, "summary"), text_of(json, "summary"));
  const auto& evidence = member(texts, "evidence");
  for (const auto& line : texts_of(json, "evidence")) {
    auto at = verdict.evidence.size();
    bool has_text = evidence.is_array() && at < evidence.size();
    verdict.evidence.push_back(has_text ? phrase_in(evidence[at], line) : Phrase(line));
  }
  verdict.rule = text_of(json, "rule");
  const auto& chain = member(json, "chain");
  if (!chain.is_array()) return verdict;
  for (const auto& one : chain) {
    auto& step = verdict.chain.emplace_back();
    step.what = named(one, "what", ChainStep::What::handler).value_or(ChainStep::What::request);
    step.process = processes_.process(one, "process");
    step.signal_seq = maybe_count_of(one, "signal_seq");
    step.number = signal_of(one, "signal_number", "signal_name");
    step.through = text_of(one, "through");
    step.time = time_of(one, "time");
    step.confidence = named(one, "confidence", Confidence::unknown).value_or(Confidence::unknown);
    step.ancestry = processes_.ancestry(one);
  }
  return verdict;
}

std::optional<Record> RecordReader::death(const Json& json) {
  DeathRecord record;
  record.time = time_of(json, "time");
  record.process = processes_.process(json, "process");
  if (!record.process) return std::nullopt;
  record.wait_status = wait_status_of(json);
  record.verdict = verdict(member(json, "verdict"));
  record.parent = processes_.name(json, "parent");
  record.frames = frames_of(json);
  record.ancestry = processes_.ancestry(json);
  return record;
}

std::optional<Record> RecordReader::trace(const Json& json, TraceRecord::Kind kind) {
  auto process = processes_.process(json, "process");
  if (!process) return std::nullopt;
  return TraceRecord{kind, time_of(json, "time"), std::move(process), processes_.process(json, "parent"),
                     wait_status_of(json)};
}

ContainerRecord RecordReader::container(const Json& json) {
  ContainerRecord record;
  const auto& container = member(json, "container");
  record.what = named(json, "state", ContainerRecord::What::ended).value_or(ContainerRecord::What::present);
  record.time = time_of(json, "time");
  record.container.runtime = kept(text_of(container, "runtime"));
  record.container.id = text_of(container, "id");
  record.container.pod_uid = text_of(container, "pod_uid");
  record.name = text_of(json, "name");
  record.pod = text_of(json, "pod");
  record.process = processes_.process(json, "process");
  record.restarts = count_of(json, "restarts");
  if (number_of(json, "last_status")) record.last_status = int_of(json, "last_status");
  record.last_reason = text_of(json, "last_reason");
  return record;
}

std::optional<Record> RecordReader::read(const Json& json) {
  auto type = text_of(json, "type");
  if (type == "session") return session(json);
  if (type == "armed") return armed(json);
  if (type == "signal") return signal(json);
  if (type == "death") return death(json);
  if (type == "fork") return trace(json, TraceRecord::Kind::fork);
  if (type == "exec") return trace(json, TraceRecord::Kind::exec);
  if (type == "exit") return trace(json, TraceRecord::Kind::exit);
  if (type == "loss") return loss(json);
  if (type == "diagnostic") return diagnostic(json);
  if (type == "container") return container(json);
  if (type == "summary") return summary(json);
  return std::nullopt;
}

}  // namespace stapkill
