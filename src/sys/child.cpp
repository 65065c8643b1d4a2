#include "sys/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include "base/signals.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/read_only_mounts.h"
#include "sys/spawn.h"
#include "sys/stop_signals.h"

namespace stapkill {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// Never 0, 1 or 2, which may be closed in stapkill.
Fd above_streams(int fd) {
  if (fd < 0 || fd > STDERR_FILENO) return Fd(fd);
  Fd low(fd);
  return Fd(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

/// A child's three streams, and the ends that stapkill reads.
struct Streams {
  Fd in, out, err, read_out, read_err;

  static Result<Streams> make() {
    int out[2] = {-1, -1}, err[2] = {-1, -1};
    bool failed = ::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0;
    int error = errno;
    Streams made{above_streams(::open("/dev/null", O_RDONLY | O_CLOEXEC)), above_streams(out[1]), above_streams(err[1]),
                 above_streams(out[0]), above_streams(err[0])};
    if (failed) return fail(phrase("cannot make a pipe: {}", std::strerror(error)));
    return made;
  }

  /// In the child. Without /dev/null its input is closed.
  int take_place() const {
    if (in.get() < 0) ::close(STDIN_FILENO);
    for (auto [from, to] : {std::pair(in.get(), STDIN_FILENO), {out.get(), STDOUT_FILENO}, {err.get(), STDERR_FILENO}})
      if (from >= 0 && ::dup2(from, to) < 0) return errno;
    return 0;
  }
};

/// Between fork and exec: async-signal-safe.
int set_up(const ChildOptions& options, const Streams& streams, const ReadOnlyMounts* mounts, pid_t parent) {
  if (options.capture) {
    if (int error = streams.take_place()) return error;
  }
  if (!options.directory.empty() && ::chdir(options.directory.c_str()) != 0) return errno;
  if (options.own_group) ::setpgid(0, 0);
  if (!options.capture) ::signal(SIGPIPE, SIG_DFL);
  if (options.parent_death_signal) {
    ::prctl(PR_SET_PDEATHSIG, options.parent_death_signal);
    if (::getppid() != parent) ::_exit(127);  // stapkill died before the request took hold
  }
  // Enter the working directory again, through its new mount.
  if (mounts && mounts->enter() && !options.directory.empty() && ::chdir(options.directory.c_str()) != 0) return errno;
  if (options.before_exec) options.before_exec();
  return 0;
}

std::vector<std::string> child_environment(const ChildOptions& options) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry && !options.only_environment; ++entry) {
    std::string_view text = *entry;
    auto name = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& [key, value] : options.environment) replaced = replaced || key == name;
    if (!replaced) variables.emplace_back(text);
  }
  for (const auto& [key, value] : options.environment) variables.push_back(fmt::format("{}={}", key, value));
  return variables;
}

}  // namespace

struct Child::State : std::enable_shared_from_this<Child::State> {
  explicit State(asio::io_context& loop) : out(loop), err(loop), end(loop), look_again(loop) {}

  ~State() {
    // A process that hangs in the kernel does not die of SIGKILL: do not wait for it.
    for (int i = 0; i < 100 && !reaped && ::waitpid(pid, nullptr, WNOHANG) == 0; ++i) {
      ::kill(pid, SIGKILL);
      std::this_thread::sleep_for(i < 20 ? 1ms : 20ms);
    }
  }

  void read(asio::readable_pipe& pipe, std::array<char, 65536>& buffer, OnOutput& callback, bool& reading) {
    if (reading || (&pipe == &out && paused)) return;
    reading = true;
    pipe.async_read_some(asio::buffer(buffer), [self = shared_from_this(), &pipe, &buffer, &callback, &reading](
                                                   boost::system::error_code error, std::size_t got) {
      reading = false;
      if (got && callback) callback(std::string_view(buffer.data(), got));
      if (!error) return self->read(pipe, buffer, callback, reading);
      boost::system::error_code ignored;
      pipe.close(ignored);
      self->pause = 0ms;
      self->look_again.cancel();
      self->finish();
    });
  }

  void wait() {
    boost::system::error_code error = asio::error::bad_descriptor;
    if (Fd fd(descriptor_of(pid)); fd) {
      end.assign(fd.get(), error);
      if (!error) fd.release();
    }
    error ? look_later() : wait_for_end();
  }

  void wait_for_end() {
    end.async_wait(asio::posix::descriptor_base::wait_read, [self = shared_from_this()](auto error) {
      if (!error && !self->reap()) self->wait_for_end();
    });
  }

  /// Without pidfd_open(2), polls: often once its streams have ended, because nobody waits for it before. SIGCHLD would
  /// interrupt other threads.
  void look_later() {
    bool streams = out.is_open() || err.is_open();
    pause = streams ? 100ms : std::clamp(2 * pause, 1ms, 20ms);
    look_again.expires_after(pause);
    look_again.async_wait([self = shared_from_this()](auto) {  // also at once when cancelled
      if (!self->reap()) self->look_later();
    });
  }

  /// Whether it has ended, or is not our child any more.
  bool reap() {
    if (reaped) return true;
    pid_t ended = ::waitpid(pid, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) return false;
    reaped = true;
    finish();
    return true;
  }

  void stop_waiting() {
    reaped = true;
    boost::system::error_code ignored;
    end.close(ignored);
    look_again.cancel();
  }

  void finish() {
    if (!reaped || out.is_open() || err.is_open() || !on_exit) return;
    auto callback = std::move(on_exit);
    on_exit = nullptr;
    callback(status);
  }

  asio::readable_pipe out, err;
  asio::posix::stream_descriptor end;  // descriptor_of
  asio::steady_timer look_again;
  std::chrono::milliseconds pause{0};
  pid_t pid = -1;
  std::array<char, 65536> out_buffer{}, err_buffer{};
  bool reading_out = false, reading_err = false, paused = false, reaped = true;
  int status = 0;
  OnOutput on_stdout, on_stderr;
  OnExit on_exit;
};

Result<std::unique_ptr<Child>> Child::start(asio::io_context& loop, const ChildOptions& options, OnOutput on_stdout,
                                            OnOutput on_stderr, OnExit on_exit) {
  const std::string& name = options.argv.at(0);
  std::string path = name.find('/') == std::string::npos ? find_program(name) : name;
  if (path.empty()) return fail(phrase("there is no program '{}' on PATH", name));
  auto state = std::make_shared<State>(loop);
  state->on_stdout = std::move(on_stdout);
  state->on_stderr = std::move(on_stderr);
  state->on_exit = std::move(on_exit);
  // argv[0] stays as given, as in a shell: programs with several names depend on it.
  Image image{path, {}, {}};
  for (const auto& word : options.argv) image.argv.push_back(word.c_str());
  image.argv.push_back(nullptr);
  auto variables = child_environment(options);
  for (const auto& variable : variables) image.environment.push_back(variable.c_str());
  image.environment.push_back(nullptr);
  Streams streams;
  if (options.capture) {
    TRY_ASSIGN(auto made, Streams::make());
    streams = std::move(made);
  }
  std::optional<ReadOnlyMounts> mounts;
  if (!options.only_writable.empty()) mounts.emplace(options.only_writable);
  for (const auto& [place, directory] : options.covered) {
    if (mounts) mounts->cover(place, directory);
  }
  pid_t pid =
      spawn(image, [&, parent = ::getpid()] { return set_up(options, streams, mounts ? &*mounts : nullptr, parent); });
  if (pid < 0) {
    auto no_interpreter_words = phrase("the program that its first line or its header names to run it is not there");
    bool no_interpreter = pid == -ENOENT && ::access(path.c_str(), F_OK) == 0;
    return fail(
        phrase("cannot start {}: {}", path, no_interpreter ? no_interpreter_words : Phrase(std::strerror(-pid))));
  }
  state->pid = pid;
  state->reaped = false;
  if (options.started) options.started(pid);
  if (options.capture) {
    state->out.assign(streams.read_out.release());
    state->err.assign(streams.read_err.release());
    state->read(state->out, state->out_buffer, state->on_stdout, state->reading_out);
    state->read(state->err, state->err_buffer, state->on_stderr, state->reading_err);
  }
  state->wait();
  return std::unique_ptr<Child>(new Child(std::move(state)));
}

Child::~Child() {
  state_->on_stdout = nullptr;
  state_->on_stderr = nullptr;
  state_->on_exit = nullptr;
  boost::system::error_code ignored;
  state_->out.close(ignored);
  state_->err.close(ignored);
  signal(SIGKILL);
}

int Child::pid() const {
  return state_->pid;
}

bool Child::running() const {
  return !state_->reaped;
}

void Child::signal(int number) {
  if (!state_->reaped) ::kill(state_->pid, number);
}

void Child::release() {
  if (!state_->reaped) state_->stop_waiting();
}

void Child::pause_output(bool paused) {
  if (state_->paused == paused) return;
  state_->paused = paused;
  if (!paused && state_->out.is_open()) {
    state_->read(state_->out, state_->out_buffer, state_->on_stdout, state_->reading_out);
  }
}

namespace {

/// Keeps the beginning of a child's output: endless output must not fill the memory before the time limit. False when
/// something was dropped.
bool keep(std::string& all, std::string_view text, std::size_t most) {
  std::size_t room = most - std::min(most, all.size());
  all += text.substr(0, room);
  return text.size() <= room;
}

}  // namespace

Phrase status_words(int status) {
  if (WIFSIGNALED(status)) return phrase("was killed by {}", signal_name(WTERMSIG(status)));
  return phrase("exited with status {}", WEXITSTATUS(status));
}

Result<Finished> run_child(const ChildOptions& options, int limit_seconds, AtSignal at_signal) {
  asio::io_context loop;
  Finished finished;
  bool done = false, interrupted = false;
  std::optional<StopSignals> signals;
  asio::steady_timer patience(loop);
  auto child = Child::start(
      loop, options, [&](std::string_view text) { finished.cut |= !keep(finished.out, text, options.most_output); },
      [&](std::string_view text) { keep(finished.err, text, options.most_output); },
      [&](int status) {
        finished.status = status;
        done = true;
        boost::system::error_code ignored;
        if (signals) signals->cancel(ignored);
        patience.cancel();
      });
  if (!child) return tl::unexpected(child.error());
  if (at_signal == AtSignal::end) {
    signals.emplace(loop);
    signals->async_wait([&](boost::system::error_code error, int) {
      interrupted = !error;
      if (!interrupted) return;
      (*child)->signal(SIGINT);
      patience.expires_after(std::chrono::seconds(5));
      patience.async_wait([&](boost::system::error_code cancelled) {
        if (!cancelled) loop.stop();
      });
    });
  }
  loop.run_for(std::chrono::seconds(limit_seconds));
  bool late = !done;
  if (late) {
    (*child)->signal(SIGTERM);
    loop.restart();
    loop.run_for(std::chrono::seconds(2));
  }
  if (interrupted) return fail(phrase("interrupted"), {}, "interrupted", ErrorKind::interrupted);
  if (late)
    return fail(phrase("{} did not end within {} s", options.argv[0], limit_seconds), {}, "timeout",
                ErrorKind::timed_out);
  return finished;
}

}  // namespace stapkill
