#include "backend/recording_reader.h"

#include <algorithm>
#include <utility>

#include "backend/wire.h"
#include "sys/byte_source.h"

namespace stapkill {
namespace {

using Facts = RecordingReader::Facts;

constexpr std::string_view kHead = "stapkill-events";
constexpr std::size_t kMostShown = 60;  // bytes of a line that is not the head

void machine(WireFields& fields, Facts& facts) {
  fields.number(facts.begun);
  for (auto* text : {&facts.machine.hostname, &facts.machine.arch, &facts.machine.boot_id}) fields.text(*text);
  fields.number(facts.machine.memory_bytes);
  fields.text(facts.machine.core_pattern);
  if (fields.more()) fields.flag(facts.machine.core_uses_pid.emplace());  // not in older recordings
}

std::vector<std::string> words(WireFields& fields) {
  std::vector<std::string> found;
  while (fields.more()) fields.text(found.emplace_back());
  return found;
}

void target(WireFields& fields, Facts& facts) {
  std::string kind;
  fields.text(kind);
  facts.targets.emplace_back(std::move(kind), words(fields));
}

void user(WireFields& fields, Facts& facts) {
  std::int64_t uid = 0;
  fields.number(uid);
  fields.text(facts.users[uid]);
}

void name(WireFields& fields, Facts& facts) {
  std::string id;
  fields.text(id);
  fields.text(facts.container_names[id]);
}

void login(WireFields& fields, Facts& facts) {
  std::int64_t session = 0;
  fields.number(session);
  fields.text(facts.logins[session]);
}

void of_process(WireFields& fields, std::map<std::pair<int, std::uint64_t>, std::string>& texts) {
  std::pair<int, std::uint64_t> who;
  fields.pid(who.first);
  fields.number(who.second);
  fields.text(texts[who]);
}

void line(WireFields& fields, Facts& facts) {
  ProcessKey shell;
  int number = 0;
  ScriptText text;
  fields.pid(shell.pid);
  fields.number(shell.start);
  fields.number(number);
  fields.flag(text.sources);
  fields.text(text.line);
  facts.lines[{shell, number}] = std::move(text);
}

void unit(WireFields& fields, Facts& facts) {
  std::string name;
  fields.text(name);
  fields.flag(facts.units[name]);
}

void pod(WireFields& fields, Facts& facts) {
  std::string uid;
  fields.text(uid);
  fields.text(facts.pods[uid]);
}

void container(WireFields& fields, Facts& facts) {
  auto& one = facts.containers.emplace_back();
  int status = -1;
  bool ended = false;
  for (auto* text : {&one.container.id, &one.container.pod_uid, &one.name, &one.pod}) fields.text(*text);
  fields.flag(ended);
  fields.number(status);
  fields.text(one.last_reason);
  if (ended) one.what = ContainerRecord::What::ended;
  if (status >= 0) one.last_status = status;
}

void runs(WireFields& fields, Facts& facts) {
  std::string uid;
  fields.text(uid);
  auto& [line, runs] = facts.runs[uid].emplace_back();
  line = facts.line;
  while (fields.more()) {
    std::string container;
    fields.text(container);
    fields.number(runs[container]);
  }
}

/// `question` has static storage.
void answer(WireFields& fields, Facts& facts, std::string_view question) {
  std::string path;
  fields.text(path);
  auto& [moment, said] = facts.answers[{question, std::move(path)}].emplace_back();
  moment = facts.moment;
  fields.flag(said);
}

std::optional<std::string> text(const std::optional<std::string_view>& value) {
  return value ? std::optional<std::string>(*value) : std::nullopt;
}

bool parse_process(std::string_view line, int version, ProcEntry& entry) {
  std::string storage;
  WireFields fields(line, storage);
  int flags = 0;
  std::int64_t uid = -1;
  std::string_view comm;
  std::optional<std::string_view> exe, cwd, cgroup, argv, tty;
  fields.pid(entry.parent);
  fields.number(flags);
  fields.pid(entry.process.pid);
  fields.number(entry.process.start);
  fields.number(uid);
  fields.bytes(comm);
  for (auto* one : {&exe, &cwd, &cgroup}) fields.bytes(*one);
  fields.number(entry.process.argv_bytes);
  fields.bytes(argv);
  if (version >= kLoginsSince) {
    fields.login(entry.process.login);
    fields.bytes(tty);
  }
  while (fields.more()) fields.text(entry.other_cgroups.emplace_back());
  entry.kernel_thread = flags & 1;
  entry.ending = flags & 2;
  if (uid >= 0) entry.process.uid = uid;
  entry.process.comm = comm;
  entry.process.exe = text(exe);
  entry.process.cwd = text(cwd);
  entry.process.cgroup = text(cgroup);
  entry.process.tty = text(tty);
  if (argv) entry.process.argv.emplace();
  for (auto rest = argv.value_or(""); !rest.empty();) {
    auto end = std::min(rest.find('\0'), rest.size());
    entry.process.argv->emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return fields.done();
}

struct Row {
  std::string_view name;
  void (*take)(WireFields&, Facts&);
};
constexpr Row kFacts[] = {
    {"machine", machine},
    {"target", target},
    {"probes", [](WireFields& fields, Facts& facts) { facts.probes = words(fields); }},
    {"self", [](WireFields& fields, Facts& facts) { fields.pid(facts.self); }},
    {"user", user},
    {"peer", [](WireFields& fields, Facts& facts) { of_process(fields, facts.peers); }},
    {"login", login},
    {"name", name},
    {"job", [](WireFields& fields, Facts& facts) { of_process(fields, facts.at_jobs); }},
    {"script", [](WireFields& fields, Facts& facts) { of_process(fields, facts.scripts); }},
    {"line", line},
    {"unit", unit},
    {"package", [](WireFields& fields, Facts& facts) { answer(fields, facts, "package"); }},
    {"replaced", [](WireFields& fields, Facts& facts) { answer(fields, facts, "replaced"); }},
    {"pod", pod},
    {"container", container},
    {"runs", runs},
};

/// Whether a session acts on this line. The answers to its questions then follow the line.
bool is_moment(std::string_view line) {
  if (!line.starts_with('#')) return !line.empty();
  constexpr std::string_view kMoments[] = {"armed", "rearmed", "command", "unseen", "said", "frames", "tick"};
  std::string_view fields;
  return std::find(std::begin(kMoments), std::end(kMoments), note_name(line, fields)) != std::end(kMoments);
}

const Row* row_of(std::string_view name) {
  const auto* at = std::find_if(std::begin(kFacts), std::end(kFacts), [&](const Row& row) { return row.name == name; });
  return at == std::end(kFacts) ? nullptr : at;
}

Error no_recording(const Phrase& name, const Phrase& why) {
  return {phrase("{} is not a recording of events: {}", name, why),
          phrase("make one with stapkill watch --record-events FILE"), "replay.format"};
}

}  // namespace

std::string_view note_name(std::string_view line, std::string_view& fields) {
  if (!line.starts_with("# ")) return {};
  line.remove_prefix(2);
  auto space = line.find(' ');
  fields = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
  return line.substr(0, space);
}

bool RecordingReader::is_recording(std::string_view head) {
  std::string_view rest;
  return note_name(head.substr(0, head.find('\n')), rest) == kHead;
}

Result<std::shared_ptr<RecordingReader>> RecordingReader::read(const std::string& path) {
  TRY_ASSIGN(auto source, ByteSource::open(path));
  return read(*source);
}

/// One that was cut off is played to there: it has no end, which the replay says.
Result<std::shared_ptr<RecordingReader>> RecordingReader::read(ByteSource& source) {
  std::shared_ptr<RecordingReader> made(new RecordingReader(source.name()));
  for (auto piece = source.next(); !piece.empty(); piece = source.next()) made->text_ += piece;
  if (!source.fault().empty() && !source.is_cut())
    return fail(phrase("cannot read {}: {}", source.name(), source.fault()));
  TRY(made->read_head());
  made->read_facts();
  made->look_ahead();
  return made;
}

Result<void> RecordingReader::read_head() {
  auto line = next();
  if (!line) return tl::unexpected(no_recording(name_, phrase("it is empty")));
  if (line->text.starts_with('{')) {
    return tl::unexpected(
        no_recording(name_, phrase("it is a stream of records, as --format jsonl and --record write them")));
  }
  std::string storage;
  std::string_view rest;
  if (note_name(line->text, rest) != kHead) {
    std::string shown(line->text.substr(0, kMostShown));
    return tl::unexpected(no_recording(name_, phrase("it begins with \"{}\" instead of \"# {}\"", shown, kHead)));
  }
  WireFields fields(rest, storage);
  int& version = facts_.version;
  fields.number(version);
  if (fields.sound() && (version < kOldestRecordingVersion || version > kRecordingVersion)) {
    return fail(phrase("{} has version {} of the format; this stapkill reads versions {} to {}", name_, version,
                       kOldestRecordingVersion, kRecordingVersion),
                phrase("use the stapkill that wrote it"), "replay.format");
  }
  fields.text(facts_.backend);
  fields.number(facts_.boot_time);
  fields.text(facts_.machine.kernel);
  if (!fields.done()) return tl::unexpected(no_recording(name_, phrase("its first line is damaged")));
  clock_ = facts_.boot_time;
  return {};
}

void RecordingReader::read_facts() {
  auto at = std::exchange(at_, 0), line = std::exchange(line_, 0);
  std::string storage;
  while (auto one = next()) {
    std::string_view rest;
    if (is_moment(one->text)) facts_.moment = one->number;
    auto name = note_name(one->text, rest);
    facts_.has_answers = facts_.has_answers || name == "said" || name == "frames";
    const auto* row = row_of(name);
    if (!row || !one->whole || !is_sound(one->text)) continue;
    WireFields fields(rest, storage);
    facts_.line = one->number;
    row->take(fields, facts_);
  }
  at_ = at;
  line_ = line;
  now_ = facts_.begun;
}

std::optional<RecordingReader::Line> RecordingReader::next() {
  if (at_ >= text_.size()) return std::nullopt;
  auto end = std::min(text_.find('\n', at_), text_.size());
  Line line{++line_, std::string_view(text_).substr(at_, end - at_), end < text_.size()};
  at_ = end + 1;
  return line;
}

void RecordingReader::look_ahead() {
  asked_.clear();
  living_.clear();
  auto at = at_, line = line_;
  bool all = false;
  while (auto one = next()) {
    std::string_view fields;
    auto name = note_name(one->text, fields);
    ProcEntry entry;
    if (name == "all") {
      all = true;
    } else if (name == "proc" && parse_process(fields, facts_.version, entry)) {
      if (all) {
        living_.push_back(std::move(entry));
      } else {
        asked_.emplace(entry.process.pid, std::move(entry));
      }
    } else if (name != "proc" && name != "unseen" && !row_of(name)) {
      break;
    }
  }
  at_ = at;
  line_ = line;
}

PodRuns RecordingReader::runs(const std::string& uid) const {
  auto of_pod = facts_.runs.find(uid);
  if (of_pod == facts_.runs.end()) return {};
  const auto& answers = of_pod->second;
  auto at = std::find_if(answers.begin(), answers.end(), [&](const auto& one) { return one.first > line_; });
  return at == answers.end() ? answers.back().second : at->second;
}

std::optional<bool> RecordingReader::answer(std::string_view question, const std::string& path) const {
  auto of_file = facts_.answers.find({question, path});
  if (of_file == facts_.answers.end()) return std::nullopt;
  std::optional<bool> said;
  for (const auto& [moment, one] : of_file->second) {
    if (moment > line_) break;
    said = one;
  }
  return said;
}

bool RecordingReader::is_sound(std::string_view line) const {
  std::string_view rest;
  auto name = note_name(line, rest);
  if (ProcEntry entry; name == "proc") return parse_process(rest, facts_.version, entry);
  const auto* row = row_of(name);
  if (!row) return true;  // a comment
  Facts scratch;
  std::string storage;
  WireFields fields(rest, storage);
  row->take(fields, scratch);
  return fields.done();
}

}  // namespace stapkill
