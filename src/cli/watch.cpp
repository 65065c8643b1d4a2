#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <charconv>
#include <csignal>
#include <cstdlib>

#include "base/text.h"
#include "cli/backend_choice.h"
#include "cli/command.h"
#include "cli/container_targets.h"
#include "cli/filter_options.h"
#include "cli/progress.h"
#include "cli/status.h"
#include "cli/target_options.h"
#include "cli/version.h"
#include "session/live_machine.h"
#include "session/recorded_machine.h"
#include "session/session.h"
#include "sys/users.h"

namespace stapkill {
namespace {

constexpr Option kWaitOption[] = {
    {"wait", 0, "", false, msgid("allow --pid, --container and --pod to name what does not exist yet")},
};

constexpr Option kOwnOptions[] = {
    {"count", 'c', "N", false, msgid("end after N signals")},
    {"duration", 'd', "SECONDS", false, msgid("end after this time; counted from when the probes are armed")},
    {"until-death", 0, "", false, msgid("end when a target has died; exit 1 when --duration ends first")},
    {"backend", 0, "NAME", false,
     has_backend(kBpf) ? msgid("auto, stap or bpf; auto, the default, is stap if its toolchain is ready, else bpf")
                       : msgid("auto or stap (auto takes stap: this build has no bpf)"),
     has_backend(kBpf) ? "auto|stap|bpf" : "auto|stap"},
    {"buffer-size", 0, "SIZE", false,
     msgid("size of the event buffer in bytes, such as 512K or 16M; for bpf 8M by default, for stap per CPU")},
    {"format", 'f', "NAME", false, msgid("text, jsonl, json (one document), html or markdown"),
     "text|jsonl|json|html|markdown"},
    {"output", 'o', "FILE", false, msgid("write to FILE instead of standard output")},
    {"record", 0, "FILE", false, msgid("also write jsonl to FILE")},
    {"record-events", 0, "FILE", false,
     msgid("also record the backend's events, for a bug report; stapkill replay reads FILE")},
    {"stacks", 0, "on|off|fetch", false,
     msgid("on, the default, shows the calls of who sent a fatal signal and of what faulted, where the backend can see "
           "them; fetch also gets missing debug information from debuginfod's servers: give it time with --ask-limit"),
     "on|off|fetch"},
    {"trace-exec", 0, "", false, msgid("also print every process's fork, exec and exit")},
    {"stap-arg", 0, "ARG", true, msgid("pass this argument to stap (the module is then compiled again)")},
    {"retune", 0, "", false,
     msgid("if SystemTap gives up at a limit, start again once with the option that raises it")},
    {"keep", 0, "", false, msgid("keep the script and stap's output of a compilation, and say where")},
    {"ask-limit", 0, "SECONDS", false,
     msgid("how long docker, crictl and journalctl may take to answer; 2 by default")},
    {"prepare", 0, "", false, msgid("only compile the probes into the cache, so that watching starts at once later")},
    {"kernel", 0, "RELEASE", false, msgid("with --prepare: for this kernel instead of the running one")},
};

constexpr std::int64_t kLongestAnswer = 3600;  // seconds

constexpr auto kOptions = joined(kTargetOptions, kWaitOption, kFilterOptions, kOwnOptions);

Result<TargetOptions> target_options(const Arguments& arguments) {
  auto named = named_targets(arguments, Users::of_this_machine());
  if (!named) return named;
  TargetOptions& targets = *named;
  targets.command = arguments.command;
  if (arguments.has_command && targets.command.empty()) return usage_error(phrase("there is no command after '--'"));
  if (!names_somebody(targets)) {
    return usage_error(
        phrase("nothing to watch: name a target with --pid, --name, --unit, --container, --pod, --all or -- COMMAND"));
  }
  if (targets.wait && targets.pids.empty() && targets.containers.empty() && targets.pods.empty())
    return usage_error(phrase("--wait works only with --pid, --container or --pod"));
  return named;
}

Result<std::optional<double>> seconds(const Arguments& arguments) {
  auto word = arguments.one("duration");
  if (!word) return std::nullopt;
  const std::string& text = *word;
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bool sensible = error == std::errc() && end == text.data() + text.size() && value > 0 && value < 1e8;
  if (!sensible) return usage_error(phrase("--duration expects seconds above 0, not '{}'", *word));
  return value;
}

Result<void> read_stacks(const Arguments& arguments, SessionOptions& options) {
  auto word = arguments.one("stacks").value_or("on");
  if (word != "on" && word != "off" && word != "fetch")
    return usage_error(phrase("--stacks expects on, off or fetch, not '{}'", word));
  options.stacks = word != "off";
  if (word == "fetch") {
    TRY_ASSIGN(options.debug_servers, find_debug_servers());
  }
  return {};
}

Result<SessionOptions> session_options(const Arguments& arguments) {
  SessionOptions options;
  TRY_ASSIGN(auto filter, record_filter(arguments, Users::of_this_machine()));
  static_cast<RecordFilter&>(options) = std::move(filter);
  TRY_ASSIGN(auto count, arguments.number("count", 1));
  if (count) options.count = static_cast<std::uint64_t>(*count);
  TRY_ASSIGN(auto duration, seconds(arguments));
  options.duration = duration;
  bool to_stdout = arguments.one("output").value_or("-") == "-";
  options.records_on_stdout = to_stdout && arguments.one("format").value_or("text") != "text";
  options.until_death = arguments.has("until-death");
  options.trace_exec = arguments.has("trace-exec");
  TRY(read_stacks(arguments, options));
  options.version = version();
  return options;
}

Result<int> prepare(const Arguments& arguments, const StapOptions& options, Progress& progress) {
  TRY_ASSIGN(auto plan, plan_module(arguments.one("kernel").value_or(running_kernel()), options.stap_arguments));
  if (auto cached = cached_module(plan)) {
    progress.line(phrase("the probes for kernel {} are in the cache: {}", plan.kernel.release, cached->file.string()));
    return kDone;
  }
  auto module = compile_module(plan, options.keep, options.tool_line, [&](int pass, int seconds) {
    progress.show(phrase("compiling the probes for kernel {}: {}", plan.kernel.release, describe_pass(pass)), seconds);
  });
  progress.show("");
  if (!module) return tl::unexpected(module.error());
  progress.line(phrase("compiled the probes for kernel {}: {}", plan.kernel.release, module->file.string()));
  return kDone;
}

Result<int> run(const Arguments& arguments) {
  Progress progress(arguments.has("quiet"));
  TRY_ASSIGN(auto wish, backend_wish(arguments, progress));
  if (arguments.has("prepare")) return prepare(arguments, wish.stap, progress);
  if (arguments.has("kernel")) return usage_error(phrase("--kernel works only with --prepare"));
  TRY_ASSIGN(auto asked, target_options(arguments));
  TRY_ASSIGN(auto options, session_options(arguments));
  Node node = Node::own();
  TRY_ASSIGN(auto limit, arguments.number("ask-limit", 1));
  if (limit) node.limit = std::chrono::seconds(std::min(*limit, kLongestAnswer));
  options.ask_limit = std::chrono::nanoseconds(node.limit).count();
  auto known = find_containers(node, asked, [&](const Phrase& line) { progress.line(line); });
  if (!known) return tl::unexpected(known.error());
  options.known_containers = std::move(*known);
  TRY_ASSIGN(auto targets, Targets::make(std::move(asked)));
  options.on_diagnostic = [&progress](const DiagnosticRecord& record) { progress.diagnostic(record); };
  boost::asio::io_context loop;
  TRY_ASSIGN(auto sinks, make_watch_sinks(loop, arguments, progress));
  TRY_ASSIGN(auto backend, make_backend(loop, std::move(wish), progress));
  auto machine = live_machine();
  if (auto path = arguments.one("record-events")) {
    auto recording = RecordingWriter::open(loop, *path);
    if (!recording) return tl::unexpected(recording.error());
    options.begun =
        begin_recording(**recording, (backend)->name(), *machine, targets.options(), options.known_containers);
    machine = log_machine(std::move(machine), *recording);
    options.recording = std::move(*recording);
  }
  Session session(loop, std::move(backend), std::move(targets), std::move(options), std::move(sinks),
                  std::move(machine));
  return session.run();
}

}  // namespace

constexpr Command kWatchCommand = {
    "watch",
    "TARGET… [OPTION…] | [OPTION…] -- COMMAND ARG…",
    msgid("watch processes and report who signals or kills them"),
    msgid("\nWatches every process that matches any target. Runs until ^C, --count, --duration or --until-death; with\n"
          "-- COMMAND until that command has ended.\n"),
    kOptions,
    0,
    run,
    {},
    true,
};

}  // namespace stapkill
