#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sys/event_loop.h"

namespace stapkill {

/// How a child is started.
struct ChildOptions {
  std::vector<std::string> argv;  ///< argv[0]: a path or a name on PATH; passed on as it is
  std::vector<std::pair<std::string, std::string>> environment;  ///< added to stapkill's own
  bool only_environment = false;                                 ///< `environment` alone, nothing of stapkill's own
  std::string directory;                                         ///< "" for stapkill's own
  /// It can write only below this directory (ReadOnlyMounts), where stapkill has the privilege; "" for no limit.
  std::string only_writable;
  /// With only_writable: mount points (first) where it sees another directory (second).
  std::vector<std::pair<std::string, std::string>> covered;
  bool own_group = true;        ///< a terminal's ^C does not reach it: stapkill decides how it ends
  int parent_death_signal = 0;  ///< it gets this when stapkill dies, even by SIGKILL (prctl(2), PR_SET_PDEATHSIG)
  bool capture =
      true;  ///< its output goes to the callbacks; else it shares stapkill's streams and has SIGPIPE's default
  std::function<void()> before_exec;  ///< runs in the child; async-signal-safe only
  std::size_t most_output = 8 << 20;  ///< run_child: bytes of each stream that are kept
  std::function<void(int)> started;   ///< called with the pid before it can be reaped: /proc/PID is still its own
};

/// A child process on an event loop. Both its streams are drained as output comes. on_exit is called last and once,
/// after both streams and the child have ended. Destroying a Child that still runs kills it with SIGKILL: interrupt it
/// and wait first.
class Child {
 public:
  using OnOutput = std::function<void(std::string_view)>;
  /// The status as waitpid(2) gives it.
  using OnExit = std::function<void(int)>;

  static Result<std::unique_ptr<Child>> start(boost::asio::io_context& loop, const ChildOptions& options,
                                              OnOutput on_stdout, OnOutput on_stderr, OnExit on_exit);
  ~Child();

  int pid() const;
  bool running() const;
  /// Sends a signal while it runs; never to a pid that has been reaped.
  void signal(int number);
  /// Lets it keep running when this Child is destroyed.
  void release();
  /// Pauses or resumes reading its standard output; its output waits in the pipe.
  void pause_output(bool paused);

 private:
  struct State;
  explicit Child(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

/// How a process ended, by its wait(2) status: "exited with status 1", "was killed by SIGKILL".
Phrase status_words(int status);

/// Runs a child to its end and returns its status and what it wrote to stdout and to stderr (options.most_output of
/// each). For helpers outside a session. Ends it after `limit_seconds` (ErrorKind::timed_out), and with AtSignal::end
/// also at SIGINT, SIGTERM and SIGHUP (ErrorKind::interrupted; the child gets SIGINT and 5 s to end).
struct Finished {
  int status = 0;
  std::string out, err;
  bool cut = false;  ///< stdout was truncated
};
/// What happens to the child at SIGINT, SIGTERM and SIGHUP.
enum class AtSignal { go_on, end };
Result<Finished> run_child(const ChildOptions& options, int limit_seconds, AtSignal at_signal = AtSignal::go_on);

}  // namespace stapkill
