#include "backend/replay.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <set>

#include "cli/command.h"
#include "cli/filter_options.h"
#include "cli/progress.h"
#include "cli/replay_stream.h"
#include "cli/sinks.h"
#include "cli/target_options.h"
#include "cli/version.h"
#include "model/containers.h"
#include "session/recorded_machine.h"
#include "session/session.h"
#include "stream/record_stream.h"
#include "sys/byte_source.h"
#include "sys/users.h"

namespace stapkill {
namespace {

constexpr Option kOwnOptions[] = {
    {"format", 'f', "NAME", false, msgid("text, jsonl, json (one document), html or markdown"),
     "text|jsonl|json|html|markdown"},
    {"output", 'o', "FILE", false, msgid("write to FILE instead of standard output")},
};

constexpr auto kOptions = joined(kTargetOptions, kFilterOptions, kOwnOptions);

/// No runtime can answer for another time. A container is found by its name in the recording or the beginning of its
/// id, a pod by its name in the recording or its uid.
Result<void> take_ids(TargetOptions& targets, const RecordingReader::Facts& facts) {
  targets.container_ids = targets.containers;
  for (const auto& word : targets.containers) {
    for (const auto& one : facts.containers) {
      if (one.name == word) targets.container_ids.push_back(one.container.id);
    }
  }
  for (const auto& word : targets.pods) {
    std::set<std::string> uids;
    if (auto uid = pod_uid(word)) uids.insert(*uid);
    auto take = [&](const std::string& name, const std::string& uid) {
      if (!uid.empty() && (name == word || name.ends_with('/' + word))) uids.insert(uid);
    };
    for (const auto& one : facts.containers) take(one.pod, one.container.pod_uid);
    for (const auto& [uid, name] : facts.pods) take(name, uid);
    if (uids.empty())
      return usage_error(phrase("--pod: the recording names no pod '{}'; a pod's uid always works", word));
    targets.pod_uids.insert(targets.pod_uids.end(), uids.begin(), uids.end());
  }
  return {};
}

constexpr std::size_t kMostFiles = 256;
constexpr Time kAnyTime = 3'600'000'000'000;  // a recorded answer comes when it came

/// The targets of the command line, else those of the recorded session.
Result<TargetOptions> targets_of(const Arguments& arguments, const RecordingReader& recorded) {
  auto named = named_targets(arguments, Users(recorded.facts().users));
  if (!named) return named;
  if (names_somebody(*named)) {
    TRY(take_ids(*named, recorded.facts()));
    named->wait = !named->pids.empty();  // it can appear anywhere in the recording
    return named;
  }
  auto targets = recorded_targets(recorded);
  if (targets && named->children) targets->children = true;
  return targets;
}

Result<int> replay_recording(const Arguments& arguments, ByteSource& source, Progress& progress) {
  auto recorded = RecordingReader::read(source);
  if (!recorded) return tl::unexpected(recorded.error());
  TRY_ASSIGN(auto asked, targets_of(arguments, **recorded));
  TRY_ASSIGN(auto targets, Targets::make(std::move(asked)));
  TRY_ASSIGN(auto filter, record_filter(arguments, Users((*recorded)->facts().users)));
  SessionOptions options;
  static_cast<RecordFilter&>(options) = std::move(filter);
  options.version = version();
  options.known_containers = (*recorded)->facts().containers;
  options.begun = (*recorded)->now();
  options.due_is_input = (*recorded)->says_what_is_due();
  options.ask_limit = (*recorded)->facts().has_answers ? kAnyTime : 0;
  options.on_diagnostic = [&progress](const DiagnosticRecord& record) { progress.diagnostic(record); };
  boost::asio::io_context loop;
  TRY_ASSIGN(auto sinks, make_sinks(loop, arguments));
  Session session(loop, make_replay_backend(loop, *recorded), std::move(targets), std::move(options), std::move(sinks),
                  recorded_machine(*recorded));
  return session.run();
}

tl::unexpected<Error> not_replayable(const std::string& name, const Phrase& why) {
  return fail(phrase("{} is neither a stream of records nor a recording of events: {}", name, why),
              phrase("write a stream with stapkill watch --format jsonl or --record FILE, a recording with "
                     "--record-events FILE"),
              "replay.format");
}

/// What a file begins with, short.
std::string beginning(std::string_view head) {
  constexpr std::size_t most = 60;
  return std::string(head.substr(0, std::min(head.find('\n'), most)));
}

Result<std::vector<std::unique_ptr<ByteSource>>> open_all(const std::vector<std::string>& names) {
  if (std::count(names.begin(), names.end(), "-") > 1)
    return usage_error(phrase("standard input can be only one of the files"));
  std::vector<std::unique_ptr<ByteSource>> sources;
  for (const auto& name : names) {
    TRY_ASSIGN(auto source, ByteSource::open(name));
    sources.push_back(std::move(source));
  }
  return sources;
}

/// A stream, or an error that says what the file is.
Result<void> check_stream(ByteSource& source, bool several) {
  auto head = source.head();
  if (head.empty() && !source.fault().empty()) return fail(phrase("cannot read {}: {}", source.name(), source.fault()));
  if (head.empty()) return not_replayable(source.name(), phrase("it is empty"));
  if (several && RecordingReader::is_recording(head))
    return fail(phrase("{} is a recording of events, and only streams are put together", source.name()),
                phrase("make a stream of it: stapkill replay FILE --format jsonl"), "replay.format");
  constexpr std::string_view document = R"({"schema":")";
  if (head.starts_with(document))
    return not_replayable(source.name(), phrase("it is a document, as --format json writes it"));
  if (RecordStream::is_stream(head)) return {};
  return not_replayable(source.name(), phrase("it begins with \"{}\"", beginning(head)));
}

Result<int> run(const Arguments& arguments) {
  if (arguments.positional.empty()) return usage_error(phrase("replay expects the file of a stream or of a recording"));
  Progress progress(arguments.has("quiet"));
  TRY_ASSIGN(auto sources, open_all(arguments.positional));
  bool several = sources.size() > 1;
  if (!several && RecordingReader::is_recording(sources.front()->head()))
    return replay_recording(arguments, *sources.front(), progress);
  for (const auto& source : sources) TRY(check_stream(*source, several));
  return replay_streams(arguments, std::move(sources), progress);
}

}  // namespace

constexpr Command kReplayCommand = {
    "replay",
    "FILE… [OPTION…]",
    msgid("render a stream of records again, or judge a recording of a watch again, on any machine"),
    msgid("\nFILE is a stream of records, as stapkill watch --format jsonl and --record write it, or a recording of\n"
          "--record-events; - is standard input. Both may be compressed. Several streams are one report, in the order "
          "of\n"
          "their times. All records are about the recorded machine, at the time of the recording. Targets and filters "
          "choose\n"
          "among a stream's records. A recording is judged again: targets replace those of the recorded session, and "
          "signals\n"
          "that it filtered out are reported too.\n"),
    kOptions,
    kMostFiles,
    run,
    "file",
};

}  // namespace stapkill
