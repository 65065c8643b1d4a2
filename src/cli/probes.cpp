#include <algorithm>
#include <cstdio>

#include "cli/command.h"
#include "cli/probes_faces.h"
#include "cli/progress.h"
#include "host/distribution.h"

namespace stapkill {
namespace {

constexpr Option kOptions[] = {
    {"json", 0, "", false, msgid("as JSON")},
    {"timeout", 0, "SECONDS", false, msgid("wait this long for stap; 600 by default")},
    {"kernel", 0, "RELEASE", false, msgid("list those of this installed kernel instead of the running one")},
};

constexpr std::int64_t kTimeout = 600, kLongest = 86400;

/// For a probe point that ends in .return, .call or .exported, the same with .inline; "" for others.
std::string inlined(const std::string& point) {
  auto parts = parse_probe_point(point)->components;
  const auto& last = parts.back();
  if (parts.size() < 2 || !last.argument.empty()) return {};
  if (last.name != "return" && last.name != "call" && last.name != "exported") return {};
  return point.substr(0, point.size() - last.name.size()) + "inline";
}

/// Finds out why nothing matches; asks stap once or twice more.
Result<void> find_out_why(const ProbeLister& lister, ProbesAnswer& answer) {
  if (auto other = inlined(answer.listed); !other.empty()) {
    auto listing = lister.list(other);
    if (!listing) return tl::unexpected(listing.error());
    if (!listing->probes.empty()) {
      answer.why =
          NoMatch{.id = "inlined", .cause = phrase("it is inlined everywhere, so it has no call and no return")};
      answer.why->instead = {other};
      return {};
    }
  }
  TRY_ASSIGN(auto complaint, lister.complaint(answer.listed));
  answer.why = explain_no_match(*parse_probe_point(answer.listed), complaint, lister.of_running_kernel() ? "/proc" : "",
                                {lister.release(), lister.machine()});
  if (answer.why->need.empty()) return {};
  answer.remedy = remedy_for(answer.why->need, distribution(*Facts::live()), {{"release", lister.release()}});
  answer.remedy.text = phrase("install the debuginfo of kernel {}; {}", lister.release(), answer.remedy.text);
  return {};
}

/// Lists the pattern; if nothing matches, its second reading.
Result<ProbesAnswer> look_for(const ProbeLister& lister, ProbePattern pattern, Progress& progress) {
  ProbesAnswer answer;
  answer.pattern = std::move(pattern);
  for (const auto& point : {answer.pattern.first, answer.pattern.second}) {
    if (point.empty() || !answer.listing.probes.empty()) continue;
    answer.listed = point;
    progress.show(phrase("asking stap for {}", point));
    TRY_ASSIGN(auto listing, lister.list(point));
    answer.listing = std::move(listing);
  }
  if (!answer.listing.probes.empty()) return answer;
  TRY(find_out_why(lister, answer));
  return answer;
}

Result<std::string> one_word(const Arguments& arguments) {
  // The word may come after "--": it may begin with a dash.
  auto words = arguments.positional;
  words.insert(words.end(), arguments.command.begin(), arguments.command.end());
  if (words.empty())
    return usage_error(
        phrase("probes expects a pattern: {}", "syscall.kill, 'kernel.function(\"do_exit\")', /bin/PROGRAM"));
  if (words.size() > 1) return usage_error(phrase("unexpected word '{}'", words[1]));
  return words[0];
}

Result<int> run(const Arguments& arguments) {
  TRY_ASSIGN(auto look, appearance_of(arguments));
  TRY_ASSIGN(auto word, one_word(arguments));
  TRY_ASSIGN(auto pattern, read_probe_pattern(word));
  TRY_ASSIGN(auto limit, arguments.number("timeout", 1));
  auto release = arguments.one("kernel").value_or("");
  if (arguments.has("kernel") && (release.empty() || release[0] == '.' || release.find('/') != std::string::npos))
    return usage_error(phrase("--kernel expects a release, as in /lib/modules, not '{}'", release));
  Progress progress(arguments.has("quiet"));
  TRY_ASSIGN(auto lister, ProbeLister::make(release, static_cast<int>(std::min(limit.value_or(kTimeout), kLongest))));
  auto answer = look_for(lister, std::move(pattern), progress);
  progress.show("");
  if (!answer) return tl::unexpected(answer.error());
  print_out(arguments.has("json") ? probes_json(*answer) : probes_text(*answer, look));
  if (answer->why) {
    auto text = "stapkill probes: " + no_match_text(*answer, look.utf8);
    std::fwrite(text.data(), 1, text.size(), stderr);
    return kCouldNot;
  }
  if (!answer->listing.complete) progress.line(phrase("there are more probe points than shown; narrow the pattern"));
  return kDone;
}

}  // namespace

constexpr Command kProbesCommand = {
    "probes",
    "PATTERN [--json]",
    msgid("list probe points with their variables and places, as stap -L does"),
    msgid(
        "\nPATTERN is a probe point; its names may have wildcards (quote it for the shell):\n"
        "  syscall.*  nd_syscall.kill  signal.*               aliases of SystemTap's tapsets; need no debuginfo\n"
        "  'kernel.trace(\"sched:*\")'                          tracepoints; the first look at them takes a minute\n"
        "  'kernel.function(\"do_exit\")'  'module(\"ext4\").function(\"*\")'           need the kernel's debuginfo\n"
        "  'process(\"/bin/x\").function(\"*\")'  'process(\"/bin/x\").statement(\"*@x.c:*\")'     need -g for "
        "variables\n"
        "Short forms: PATH for all functions of a program or library (with a slash in it), PATH:FUNCTION, and a bare\n"
        "name, which is a kernel function if there is no probe point of that name.\n"
        "If nothing matches, it says why and which names are near. Exit status 0 when something was listed, 1 when\n"
        "nothing was.\n"),
    kOptions,
    1,
    run,
    {},
    true,
};

}  // namespace stapkill
