#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <system_error>
#include <vector>

#include "base/phrase.h"
#include "cli/command.h"
#include "sys/in_time.h"

namespace {

/// `pkill -f PATTERN` looks for its pattern in every command line: that of the watcher, which holds it too, shows the
/// command alone from now on (prctl(2), PR_SET_MM, would need a privilege).
void hide_arguments(int argc, char** argv) {
  for (int at = 2; at < argc; ++at) std::memset(argv[at], 0, std::strlen(argv[at]));
}

int run(int argc, char** argv) {
  // A closed pipe is an error of write(2), after which the module can still be unloaded.
  std::signal(SIGPIPE, SIG_IGN);
  // Ignored, as some programs leave it, it would take the exit statuses of children away.
  std::signal(SIGCHLD, SIG_DFL);
  try {
    std::vector<std::string> words(argv + 1, argv + argc);
    hide_arguments(argc, argv);
    int status = stapkill::run_command_line(words);
    // A disk that is full shows only now; a pipe whose reader had enough is no failure.
    int error = stapkill::output_failure();
    if (error != 0 && error != EPIPE) {
      auto text = stapkill::tr("cannot write to standard output: {}", std::strerror(error));
      std::fprintf(stderr, "stapkill: %s\n", text.c_str());
      return stapkill::kCouldNot;
    }
    return status;
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::broken_pipe) return stapkill::kDone;
    std::fprintf(stderr, "stapkill: %s\n", error.what());
    return stapkill::kCouldNot;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "stapkill: %s\n", stapkill::tr("a fault of its own: {}", error.what()).c_str());
    return stapkill::kOwnFault;
  }
}

}  // namespace

int main(int argc, char** argv) {
  int status = run(argc, argv);
  // A thread that waits for a file system that hangs may go on when that answers: nothing may be destroyed under it.
  if (stapkill::threads_left_behind()) std::_Exit(status);
  return status;
}
