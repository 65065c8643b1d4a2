#include "cli/status.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <utility>

#include "cli/command.h"
#include "cli/sinks.h"
#include "report/status_line.h"
#include "sys/clock.h"

namespace stapkill {
namespace {

/// A command of the user's writes to the terminal when it likes: no line could be kept out of its way.
bool wants_status_line(const Arguments& arguments, bool terminal) {
  const char* kind = std::getenv("TERM");
  bool dumb = kind && std::string_view(kind) == "dumb";
  bool text = arguments.one("format").value_or("text") == "text";
  bool to_stdout = arguments.one("output").value_or("-") == "-";
  return terminal && !dumb && text && to_stdout && !arguments.has("quiet") && !arguments.has_command;
}

int columns_now() {
  winsize size{};
  return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

Result<void> add_status_line(const Arguments& arguments, Sink& main, Progress& progress) {
  TRY_ASSIGN(auto look, appearance_of(arguments));
  if (!wants_status_line(arguments, look.terminal)) return {};
  TRY_ASSIGN(auto style, text_style_of(arguments));
  StatusLook status{style, [&progress] { return progress.is_shown() ? 0 : columns_now(); }, boot_now};
  auto line = std::make_unique<StatusLine>(std::move(main.renderer), std::move(status));
  if (::isatty(STDERR_FILENO) == 1) {
    progress.before_writing([&line = *line, &output = *main.output, alive = line->alive()] {
      if (alive.expired()) return;
      std::string text;
      line.hide(text);
      output.write(text);
      output.flush();
    });
  }
  main.renderer = std::move(line);
  return {};
}

}  // namespace

Result<std::vector<std::unique_ptr<Sink>>> make_watch_sinks(boost::asio::io_context& loop, const Arguments& arguments,
                                                            Progress& progress) {
  TRY_ASSIGN(auto sinks, make_sinks(loop, arguments));
  TRY(add_status_line(arguments, *sinks.front(), progress));
  return sinks;
}

}  // namespace stapkill
