#include "cli/command.h"
#include "cli/explain_log.h"
#include "cli/explain_word.h"

namespace stapkill {
namespace {

constexpr Option kOptions[] = {
    {"log", 0, "FILE", false,
     msgid("explain the output of stap, staprun or kbuild, or a log with deaths, in FILE; - is standard input")},
    {"json", 0, "", false, msgid("as JSON")},
};

Result<int> run(const Arguments& arguments) {
  auto log = arguments.one("log");
  // The word may come after "--": it may begin with a dash.
  auto words = arguments.positional;
  words.insert(words.end(), arguments.command.begin(), arguments.command.end());
  if (words.size() > 1) return usage_error(phrase("unexpected word '{}'", words[1]));
  if (log && !words.empty()) {
    return usage_error(phrase("explain takes --log FILE or a word, not both: '{}'", words[0]));
  }
  if (log) return explain_log(*log, arguments);
  if (words.empty()) {
    return usage_error(
        phrase("explain expects an exit status (137), a signal (SIGKILL), a cause (oom-memcg), or --log FILE"));
  }
  TRY_ASSIGN(auto look, appearance_of(arguments));
  TRY_ASSIGN(auto explained, look_up(words[0]));
  print_out(arguments.has("json") ? explained_json(explained) : explained_text(explained, look));
  return kDone;
}

}  // namespace

constexpr Command kExplainCommand = {
    "explain",
    "WHAT [--json]\n       stapkill explain --log FILE [--json]",
    msgid("explain an exit status, a signal, a cause, or a saved log of stap"),
    msgid(
        "\nWHAT is an exit status from 0 to 255, a signal by name or number (SIGKILL, kill, 9, RTMIN+1), or a cause "
        "as\n"
        "verdicts name it (oom-memcg). A number from 1 to 64 is both a signal and an exit status: both are explained.\n"
        "Prints what it means, who or what causes it, how to tell the possibilities apart, and what to do next.\n"
        "\n--log reads the output of any run of stap, stap-prep, staprun or kbuild and explains each message that it\n"
        "knows: what it means and what to do now, the cause of the failure first. It ignores what loggers, terminals,\n"
        "mails and browsers add to lines, and knows Chinese messages too. It also knows the lines that say how a\n"
        "process ended (the kernel's, systemd's, the kubelet's, audit's, …) and what each proves; stapkill why weighs\n"
        "them. Exit status 0 when something was recognised, 1 when nothing was.\n"
        "\nNeeds no root and changes nothing.\n"),
    kOptions,
    1,
    run,
    "what",
    true,
};

}  // namespace stapkill
