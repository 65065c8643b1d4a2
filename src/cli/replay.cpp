#include "backend/replay.h"

#include <boost/asio/io_context.hpp>

#include "cli/command.h"
#include "cli/progress.h"
#include "cli/sinks.h"
#include "cli/target_options.h"
#include "cli/version.h"
#include "session/recording_view.h"
#include "session/session.h"
#include "sys/users.h"

namespace stapkill {
namespace {

constexpr Option kOptions[] = {
    {"format", 'f', "NAME", false, "text or jsonl", "text|jsonl"},
    {"output", 'o', "FILE", false, "write there instead of to standard output"},
    {"pid", 'p', "N", true, "look at this process, instead of those that were watched"},
    {"name", 'n', "REGEX", true, "look at processes whose name (comm) matches"},
    {"all", 'a', "", false, "look at every process"},
    {"children", 0, "", false, "also look at what these fork"},
};

/// Those of the command line, else those of the recorded session.
Result<TargetOptions> targets_of(const Arguments& arguments, const Recorded& recorded) {
  auto named = named_targets(arguments);
  if (!named) return named;
  bool some = !named->pids.empty() || !named->names.empty() || named->all;
  if (some) {
    named->wait = !named->pids.empty();  // it can appear anywhere in the recording
    return named;
  }
  auto targets = recorded_targets(recorded);
  if (targets && named->children) targets->children = true;
  return targets;
}

Result<int> run(const Arguments& arguments) {
  if (arguments.positional.empty()) return usage_error("replay wants the file of a recording");
  Progress progress(arguments.has("quiet"));
  auto recorded = Recorded::read(arguments.positional.front());
  if (!recorded) return tl::unexpected(recorded.error());
  auto asked = targets_of(arguments, **recorded);
  if (!asked) return tl::unexpected(asked.error());
  auto targets = Targets::make(std::move(*asked));
  if (!targets) return tl::unexpected(targets.error());
  set_user_names((*recorded)->facts().users);
  SessionOptions options;
  options.version = version();
  options.on_diagnostic = [&progress](const DiagnosticRecord& record) {
    progress.line(record.remedy.empty() ? record.message : record.message + "\n  " + record.remedy);
  };
  boost::asio::io_context loop;
  auto sinks = make_sinks(loop, arguments);
  if (!sinks) return tl::unexpected(sinks.error());
  Session session(loop, make_replay_backend(loop, *recorded), std::move(*targets), std::move(options),
                  std::move(*sinks), recorded_machine(*recorded));
  return session.run();
}

}  // namespace

const Command kReplayCommand = {
    "replay",
    "FILE [OPTION…]",
    "judge again what a watch has recorded, on any machine",
    "\nFILE is what stapkill watch --record-events wrote; - is standard input. All records are those of the machine "
    "and\n"
    "of the time at which it was recorded. Signals that the recorded session filtered out are told too.\n",
    kOptions,
    1,
    run,
    "file",
};

}  // namespace stapkill
