#include "sys/child.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/optional.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/process/v2/start_dir.hpp>
#include <boost/process/v2/stdio.hpp>
#include <chrono>
#include <optional>

#include "event/signals.h"
#include "sys/file.h"
#include "sys/read_only_mounts.h"

namespace stapkill {
namespace bp = boost::process::v2;
namespace asio = boost::asio;

namespace {

/// What the child does between fork and exec.
struct Setup {
  const ChildOptions* options;
  pid_t parent;
  std::vector<const char*> environment;  // ends with null
  std::optional<ReadOnlyMounts> mounts;

  template <typename Launcher>
  bp::error_code on_setup(Launcher& launcher, const bp::filesystem::path&, const char* const*) {
    launcher.env = environment.data();
    return {};
  }

  template <typename Launcher>
  bp::error_code on_exec_setup(Launcher&, const bp::filesystem::path&, const char* const*) {
    if (options->own_group) ::setpgid(0, 0);
    if (!options->capture) ::signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (options->parent_death_signal) {
      ::prctl(PR_SET_PDEATHSIG, options->parent_death_signal);
      if (::getppid() != parent) ::_exit(127);  // stapkill died before the request took hold
    }
    // The working directory is entered again: by its new mount.
    if (mounts && mounts->enter() && !options->directory.empty() && ::chdir(options->directory.c_str()) != 0)
      ::_exit(127);
    if (options->before_exec) options->before_exec();
    return {};
  }
};

std::vector<std::string> child_environment(const ChildOptions& options) {
  std::vector<std::string> variables;
  for (char** entry = environ; *entry; ++entry) {
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
  explicit State(asio::io_context& loop) : out(loop), err(loop), process(loop) {}

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
      self->finish();
    });
  }

  void wait() {
    process.async_wait([self = shared_from_this()](boost::system::error_code, int) {
      self->status = self->process.native_exit_code();
      self->reaped = true;
      self->finish();
    });
  }

  void finish() {
    if (!reaped || out.is_open() || err.is_open() || !on_exit) return;
    auto callback = std::move(on_exit);
    on_exit = nullptr;
    callback(status);
  }

  asio::readable_pipe out, err;
  bp::process process;
  std::array<char, 65536> out_buffer{}, err_buffer{};
  bool reading_out = false, reading_err = false, paused = false, reaped = false;
  int status = 0;
  OnOutput on_stdout, on_stderr;
  OnExit on_exit;
};

Result<std::unique_ptr<Child>> Child::start(asio::io_context& loop, const ChildOptions& options, OnOutput on_stdout,
                                            OnOutput on_stderr, OnExit on_exit) {
  const std::string& name = options.argv.at(0);
  std::string path = name.find('/') == std::string::npos ? find_program(name) : name;
  if (path.empty()) return fail("there is no program '" + name + "' on PATH");
  auto state = std::make_shared<State>(loop);
  state->on_stdout = std::move(on_stdout);
  state->on_stderr = std::move(on_stderr);
  state->on_exit = std::move(on_exit);
  // With argv[0] as it was given, as a shell does: programs of several names go by it.
  std::vector<const char*> words;
  for (const auto& word : options.argv) words.push_back(word.c_str());
  words.push_back(nullptr);
  const char** arguments = words.data();
  auto variables = child_environment(options);
  bp::process_start_dir directory(options.directory.empty() ? "." : options.directory);
  Setup setup{&options, ::getpid(), {}, {}};
  if (!options.only_writable.empty()) setup.mounts.emplace(options.only_writable);
  for (const auto& variable : variables) setup.environment.push_back(variable.c_str());
  setup.environment.push_back(nullptr);
  try {
    if (options.capture) {
      bp::process_stdio streams{nullptr, state->out, state->err};
      state->process = bp::process(loop, path, arguments, streams, directory, setup);
    } else {
      state->process = bp::process(loop, path, arguments, directory, setup);
    }
  } catch (const boost::system::system_error& error) {
    bool no_interpreter =
        error.code() == boost::system::errc::no_such_file_or_directory && ::access(path.c_str(), F_OK) == 0;
    return fail("cannot start " + path + ": " +
                (no_interpreter ? "the program that its first line or its header names to run it is not there"
                                : error.code().message()));
  }
  if (options.started) options.started(state->process.id());
  if (options.capture) {
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
  if (!state_->reaped) state_->process.terminate(ignored);
}

int Child::pid() const {
  return state_->process.id();
}

bool Child::running() const {
  return !state_->reaped;
}

void Child::signal(int number) {
  if (!state_->reaped) ::kill(state_->process.id(), number);
}

void Child::release() {
  if (!state_->reaped) state_->process.detach();
  state_->reaped = true;
}

void Child::pause_output(bool paused) {
  if (state_->paused == paused) return;
  state_->paused = paused;
  if (!paused && state_->out.is_open()) {
    state_->read(state_->out, state_->out_buffer, state_->on_stdout, state_->reading_out);
  }
}

namespace {

/// The beginning of what a child writes: one that never stops must not fill the memory until its time is over. False
/// where something was left out.
bool keep(std::string& all, std::string_view text, std::size_t most) {
  std::size_t room = most - std::min(most, all.size());
  all += text.substr(0, room);
  return text.size() <= room;
}

}  // namespace

Result<Finished> run_child(const ChildOptions& options, int limit_seconds, bool until_signal) {
  asio::io_context loop;
  Finished finished;
  bool done = false, interrupted = false;
  asio::signal_set signals(loop);
  asio::steady_timer patience(loop);
  auto child = Child::start(
      loop, options, [&](std::string_view text) { finished.cut |= !keep(finished.out, text, options.most_output); },
      [&](std::string_view text) { keep(finished.err, text, options.most_output); },
      [&](int status) {
        finished.status = status;
        done = true;
        boost::system::error_code ignored;
        signals.cancel(ignored);
        patience.cancel();
      });
  if (!child) return tl::unexpected(child.error());
  if (until_signal) {
    for (int number : {SIGINT, SIGTERM, SIGHUP}) signals.add(number);
    signals.async_wait([&](boost::system::error_code error, int) {
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
  if (interrupted) return fail("interrupted", {}, "interrupted");
  if (late) return fail(options.argv[0] + " did not end within " + std::to_string(limit_seconds) + " s", {}, "timeout");
  return finished;
}

std::string describe_status(int status) {
  if (WIFSIGNALED(status)) return "was killed by " + signal_name(WTERMSIG(status));
  return "exited with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace stapkill
