#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <charconv>

#include "cli/backend_choice.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/version.h"
#include "host/containers.h"
#include "session/blind_spots.h"
#include "session/history_renderer.h"
#include "session/hook.h"
#include "session/journal_reports.h"
#include "session/kept_death.h"
#include "session/live_machine.h"
#include "session/service_status.h"
#include "session/session.h"
#include "sys/clock.h"
#include "sys/journal_entry.h"
#include "sys/oom_score.h"
#include "sys/privileges.h"
#include "sys/unix_datagram.h"

namespace stapkill {
namespace {

constexpr Option kOptions[] = {
    {"store", 0, "DIR", false, msgid("keep the history in DIR; /var/lib/stapkill by default")},
    {"max-size", 0, "SIZE", false, msgid("the most that all files take, such as 64M or 1G; 256M by default")},
    {"max-age", 0, "DAYS", false, msgid("remove what is older than so many days")},
    {"backend", 0, "NAME", false, msgid("auto (the default: bpf where it can watch, else stap), stap or bpf"),
     "auto|stap|bpf"},
    {"buffer-size", 0, "SIZE", false, msgid("size of the event buffer in bytes, as for watch")},
    {"redact", 0, "REGEX", true, msgid("also replace what matches in command lines by [redacted]")},
    {"no-redact", 0, "", false, msgid("store command lines as they are, with passwords and tokens")},
    {"no-journal", 0, "", false, msgid("write no entries to systemd's journal")},
    {"exec", 0, "PROGRAM", false, msgid("run PROGRAM for each death that is not clean, its record on standard input"),
     "file"},
    {"duration", 0, "SECONDS", false, msgid("stop after so many seconds")},
};

constexpr Time kHookLimit = 10'000'000'000;  // ns

constexpr std::uint64_t kLeastSize = std::uint64_t{8} << 20, kMostSize = std::uint64_t{1} << 40;

Result<HistoryLimits> limits_of(const Arguments& arguments) {
  HistoryLimits limits;
  if (auto size = arguments.one("max-size")) {
    TRY_ASSIGN(limits.bytes, parse_size("--max-size", *size, kLeastSize, kMostSize));
  }
  TRY_ASSIGN(auto days, arguments.number("max-age", 1));
  if (days) limits.days = static_cast<int>(std::min<std::int64_t>(*days, 36500));
  return limits;
}

Result<std::vector<std::unique_ptr<Sink>>> sinks_of(boost::asio::io_context& loop, const Arguments& arguments,
                                                    Machine& machine, Progress& progress, OnStored on_stored) {
  TRY_ASSIGN(auto limits, limits_of(arguments));
  TRY_ASSIGN(auto redaction, Redaction::make(arguments.all("redact"), !arguments.has("no-redact")));
  std::string store = arguments.one("store").value_or("/var/lib/stapkill");
  auto history = History::open(store, limits, wall_of_boot(boot_now()));
  if (!history) {
    auto error = history.error();
    if (::geteuid() != 0) error.remedy = phrase("run it with sudo");
    return tl::unexpected(std::move(error));
  }
  ContainerNames names{[&machine](const std::string& id) { return machine.container_name(id); },
                       [&machine](const std::string& uid) { return machine.pod_name(uid); }};
  progress.note(phrase("recording into {}", store));
  auto sink = std::make_unique<Sink>();
  sink->renderer = make_history_renderer(
      std::move(*history), std::move(redaction), std::move(names),
      [&progress](const Error& error) {
        progress.line(phrase("cannot store: {}; kept in memory, trying again", error.message));
      },
      std::move(on_stored));
  sink->output = Output::standard(loop);
  std::vector<std::unique_ptr<Sink>> sinks;
  sinks.push_back(std::move(sink));
  return sinks;
}

/// All that hear of the recorder's work beside its history.
struct Listeners {
  Listeners(boost::asio::io_context& loop) : status(loop, ServiceManager::of_environment()) {}

  ServiceStatus status;
  UnixDatagram journal_socket{std::string(kJournalSocket)};
  std::optional<JournalReports> journal;
  std::optional<Hook> hook;
  int own_pid = 0;

  void take(const StoredDeath& stored, const DeathRecord& record) {
    status.kept();
    auto death = kept_death(stored, record, own_pid);
    if (journal) {
      journal->catch_up(stored.time);
      journal->take(death);
    }
    if (hook && death.is_news()) hook->run(stored.record);
  }

  void end() {
    status.stopping();
    if (journal) journal->catch_up(wall_now());
  }
};

Result<void> set_up(Listeners& listeners, boost::asio::io_context& loop, const Arguments& arguments,
                    Progress& progress) {
  if (!arguments.has("no-journal"))
    listeners.journal.emplace([&](const std::string& entry) { return listeners.journal_socket.send(entry); });
  if (auto word = arguments.one("exec")) {
    TRY_ASSIGN(auto program, Hook::find(*word));
    listeners.hook.emplace(loop, program, kHookLimit,
                           [&progress](const Phrase& trouble) { progress.line("--exec: " + trouble); });
  }
  return {};
}

/// The probes are live: says what it does not see, gives up what it needs no more, and is ready.
void begin(Listeners& listeners, const Backend& backend, Progress& progress) {
  for (const auto& line : blind_spots(sight_here(backend.name(), backend.probes())))
    progress.note(phrase("not everything is seen: {}", line));
  be_taken_last();
  // staprun needs root's rights to load and to unload its module, also when the probes are started again.
  if (backend.name() == "bpf") {
    if (auto done = keep_recorder_privileges({.network = listeners.hook.has_value()}); !done)
      progress.line(phrase("{}; it goes on with what it has", done.error().message));
  }
  listeners.status.armed(wall_now());
}

Result<int> run(const Arguments& arguments) {
  Progress progress(arguments.has("quiet"));
  ::umask(077);
  TRY_ASSIGN(auto wish, backend_wish(arguments, progress));
  wish.prefers_bpf = true;
  SessionOptions options;
  TRY_ASSIGN(auto seconds, arguments.number("duration", 1));
  if (seconds) options.duration = static_cast<double>(*seconds);
  options.version = version();
  options.stacks = true;
  options.history = true;
  // A process whose end was lost is one of many here; the loss itself is in the history.
  options.on_diagnostic = [&progress](const DiagnosticRecord& record) {
    if (record.id != "target.missing") progress.diagnostic(record);
  };
  TargetOptions everything;
  everything.all = true;
  TRY_ASSIGN(auto targets, Targets::make(std::move(everything)));
  boost::asio::io_context loop;
  auto machine = live_machine();
  Listeners listeners(loop);
  listeners.own_pid = machine->own_pid();
  TRY(set_up(listeners, loop, arguments, progress));
  const Backend* watched = nullptr;
  options.on_armed = [&] { begin(listeners, *watched, progress); };
  options.on_stopping = [&] { listeners.end(); };
  auto on_stored = [&](const StoredDeath& stored, const DeathRecord& record) { listeners.take(stored, record); };
  TRY_ASSIGN(auto sinks, sinks_of(loop, arguments, *machine, progress, on_stored));
  TRY_ASSIGN(auto backend, make_backend(loop, std::move(wish), progress));
  watched = backend.get();
  Session session(loop, std::move(backend), std::move(targets), std::move(options), std::move(sinks),
                  std::move(machine));
  return session.run();
}

}  // namespace

constexpr Command kRecordCommand = {
    "record",
    "[OPTION…]",
    msgid("keep a bounded history of deaths, which stapkill why reads"),
    msgid("\nWatches every process of the host until it is stopped. Keeps deaths by a signal, with a status other than "
          "0, at\n"
          "somebody's wish, and of what lived for a minute; other ends for some minutes. What was not seen is kept as "
          "such. Values\n"
          "that look like passwords and tokens are replaced before anything is stored. Only root can read the "
          "history.\n"),
    kOptions,
    0,
    run,
};

}  // namespace stapkill
