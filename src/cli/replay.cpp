#include "backend/replay.h"

#include <boost/asio/io_context.hpp>
#include <set>

#include "cli/command.h"
#include "cli/progress.h"
#include "cli/sinks.h"
#include "cli/target_options.h"
#include "cli/version.h"
#include "model/containers.h"
#include "session/recorded_machine.h"
#include "session/session.h"
#include "sys/users.h"

namespace stapkill {
namespace {

constexpr Option kOwnOptions[] = {
    {"format", 'f', "NAME", false, "text, jsonl, html or markdown", "text|jsonl|html|markdown"},
    {"output", 'o', "FILE", false, "write to FILE instead of standard output"},
};

constexpr auto kOptions = joined(kTargetOptions, kOwnOptions);

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
    if (uids.empty()) return usage_error("--pod: the recording names no pod '" + word + "'; a pod's uid always works");
    targets.pod_uids.insert(targets.pod_uids.end(), uids.begin(), uids.end());
  }
  return {};
}

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

Result<int> run(const Arguments& arguments) {
  if (arguments.positional.empty()) return usage_error("replay expects the file of a recording");
  Progress progress(arguments.has("quiet"));
  auto recorded = RecordingReader::read(arguments.positional.front());
  if (!recorded) return tl::unexpected(recorded.error());
  TRY_ASSIGN(auto asked, targets_of(arguments, **recorded));
  TRY_ASSIGN(auto targets, Targets::make(std::move(asked)));
  SessionOptions options;
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

}  // namespace

const Command kReplayCommand = {
    "replay",
    "FILE [OPTION…]",
    "judge a recording of a watch again, on any machine",
    "\nFILE is a recording of stapkill watch --record-events; - is standard input. All records are about the recorded\n"
    "machine, at the time of the recording. Signals that the recorded session filtered out are reported too. Targets\n"
    "given here replace those of the recorded session.\n",
    kOptions,
    1,
    run,
    "file",
};

}  // namespace stapkill
