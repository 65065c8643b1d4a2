#include <boost/algorithm/string/split.hpp>
#include <chrono>
#include <thread>

#include "cli/command.h"
#include "cli/progress.h"
#include "cli/version.h"
#include "doctor/faces.h"
#include "doctor/smoke.h"

namespace stapkill {
namespace {

constexpr Option kOptions[] = {
    {"backend", 0, "NAME", false, msgid("the backend that must be ready: stap (the default), bpf, or auto (either)"),
     "auto|stap|bpf"},
    {"deep", 0, "", false, msgid("also load the probes, see a signal with them, and unload them")},
    {"json", 0, "", false, msgid("as JSON")},
    {"short", 0, "", false, msgid("print one line when all is well, else only what is not")},
    {"fix-script", 0, "", false, msgid("print a shell script that fixes the failures; run nothing")},
    {"list-checks", 0, "", false, msgid("list the checks (also with --json) and end")},
    {"only", 0, "ID[,ID]", true, msgid("run only these checks, and judge by them")},
    {"skip", 0, "ID[,ID]", true, msgid("leave these checks out")},
    {"strict", 0, "", false, msgid("warnings count as failures")},
    {"wait", 0, "SECONDS", false, msgid("check again until all is ready, at most for this time")},
    {"kernel", 0, "RELEASE", false, msgid("judge this installed kernel instead of the running one")},
    {"no-shims", 0, "", false, msgid("judge SystemTap as it is, without stapkill's workarounds")},
    {"root", 0, "DIR", false, msgid("judge the host whose files lie below DIR")},
    {"facts", 0, "FILE", false, msgid("judge the host that FILE was written on")},
    {"save-facts", 0, "FILE", false, msgid("write all facts that were read to FILE")},
    {"with-hostname", 0, "", false, msgid("with --save-facts: include the host's name")},
};

Result<std::set<std::string>> check_ids(const Arguments& arguments, std::string_view option) {
  std::set<std::string> ids;
  for (const auto& list : arguments.all(option)) {
    std::vector<std::string> words;
    boost::split(words, list, [](char c) { return c == ','; });
    for (const auto& word : words) {
      if (!find_check(word)) {
        return usage_error(phrase("--{}: there is no check '{}'", option, word), phrase("--list-checks lists them"));
      }
      ids.insert(word);
    }
  }
  return ids;
}

Result<unsigned> backend_of(const Arguments& arguments) {
  auto word = arguments.one("backend").value_or("stap");
  if (word == "auto") return kNone;
  for (const auto& backend : kBackends) {
    if (word == backend.name) return backend.bit;
  }
  return usage_error(phrase("--backend expects stap, bpf or auto, not '{}'", word));
}

Result<std::shared_ptr<Facts>> facts_of(const Arguments& arguments) {
  if (auto file = arguments.one("facts")) return Facts::load(*file);
  if (auto root = arguments.one("root")) return Facts::below(*root);
  return Facts::live();
}

/// Options that exclude each other.
Result<void> only_one_of(const Arguments& arguments, std::initializer_list<std::string_view> names) {
  std::string_view first;
  for (auto name : names) {
    if (!arguments.has(name)) continue;
    if (!first.empty()) return usage_error(phrase("--{} and --{} exclude each other", first, name));
    first = name;
  }
  return {};
}

Result<void> check_usage(const Arguments& arguments) {
  if (auto one = only_one_of(arguments, {"json", "short", "fix-script"}); !one) return one;
  if (auto one = only_one_of(arguments, {"root", "facts"}); !one) return one;
  for (std::string_view captured : {"root", "facts"}) {
    for (std::string_view live : {"deep", "wait"}) {
      if (auto one = only_one_of(arguments, {captured, live}); !one) return one;
    }
  }
  if (auto one = only_one_of(arguments, {"facts", "save-facts"}); !one) return one;
  if (auto one = only_one_of(arguments, {"root", "with-hostname"}); !one) return one;
  if (arguments.has("with-hostname") && !arguments.has("save-facts")) {
    return usage_error(phrase("--with-hostname works only with --save-facts"));
  }
  return {};
}

Result<DoctorOptions> doctor_options(const Arguments& arguments, Progress& progress) {
  DoctorOptions options;
  auto only = check_ids(arguments, "only"), skip = check_ids(arguments, "skip");
  for (const auto* ids : {&only, &skip}) {
    if (!*ids) return tl::unexpected(ids->error());
  }
  options.only = std::move(*only);
  options.skip = std::move(*skip);
  TRY_ASSIGN(auto backend, backend_of(arguments));
  options.backend = backend;
  options.release = arguments.one("kernel").value_or("");
  const auto& release = options.release;
  if (arguments.has("kernel") &&
      (release.empty() || release == "." || release == ".." || release.find('/') != std::string::npos))
    return usage_error(phrase("--kernel expects a release, as in /lib/modules, not '{}'", release));
  options.strict = arguments.has("strict");
  options.shims = arguments.has("no-shims") ? Shims::leave_out : Shims::apply;
  options.deep = arguments.has("deep");
  options.progress = [&progress](const Phrase& text) { progress.show(text); };
  return options;
}

/// Once, or until all is ready or the time is over. Each round reads everything again.
Result<Diagnosis> diagnose_until_ready(std::int64_t seconds, const DoctorOptions& options,
                                       std::shared_ptr<Facts>& facts) {
  constexpr std::int64_t kLongest = 1000000000;  // a clock counts nanoseconds
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::min(seconds, kLongest));
  for (;;) {
    auto diagnosis = diagnose(facts, options);
    if (!diagnosis || diagnosis->asked_is_ready() || std::chrono::steady_clock::now() >= end) return diagnosis;
    options.progress(phrase("not ready yet"));
    std::this_thread::sleep_for(std::chrono::seconds(1));
    facts = Facts::live();
  }
}

Result<int> run(const Arguments& arguments) {
  TRY(check_usage(arguments));
  if (arguments.has("list-checks")) {
    print_out(arguments.has("json") ? list_checks_json() : list_checks());
    return kDone;
  }
  TRY_ASSIGN(auto look, appearance_of(arguments));
  Progress progress(arguments.has("quiet"));
  TRY_ASSIGN(auto options, doctor_options(arguments, progress));
  TRY_ASSIGN(auto wait, arguments.number("wait", 1));
  TRY_ASSIGN(auto facts, facts_of(arguments));
  if ((facts)->live_host()) options.smoke = make_smoke();
  auto diagnosis = diagnose_until_ready(wait.value_or(0), options, facts);
  progress.show("");
  if (!diagnosis) return tl::unexpected(diagnosis.error());
  if (auto path = arguments.one("save-facts")) {
    if (auto saved = (facts)->save(*path, version(), arguments.has("with-hostname")); !saved) {
      return tl::unexpected(saved.error());
    }
  }
  TextStyle style{.color = look.color, .utf8 = look.utf8, .width = look.width, .verbose = arguments.has("verbose")};
  print_out(arguments.has("json")         ? diagnosis_json(*diagnosis)
            : arguments.has("short")      ? diagnosis_short(*diagnosis, style)
            : arguments.has("fix-script") ? diagnosis_script(*diagnosis, version())
                                          : diagnosis_text(*diagnosis, style));
  return diagnosis->asked_is_ready() ? kDone : kCouldNot;
}

}  // namespace

constexpr Command kDoctorCommand = {
    "doctor",
    "[OPTION…]",
    msgid("say whether this host can trace, and how to fix it if not"),
    msgid(
        "\nChecks what watching needs, from the kernel's options to a compilation of the probes, and prints for each\n"
        "failure the commands that fix it on this distribution. Changes nothing except that it puts the compiled\n"
        "probes into the cache. Exit status 0 when the backend can watch, 1 when not.\n"),
    kOptions,
    0,
    run,
};

}  // namespace stapkill
