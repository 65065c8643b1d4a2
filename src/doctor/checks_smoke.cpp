// Trials: real probes, compiled and loaded.
#include <re2/re2.h>
#include <sys/wait.h>

#include <algorithm>

#include "base/signals.h"
#include "doctor/check.h"
#include "sys/child.h"

namespace stapkill {
namespace {

bool worked(const Fact<Ran>& ran) {
  return WIFEXITED(ran->status) && WEXITSTATUS(ran->status) == 0;
}

Phrase last_words(const std::string& text) {
  auto end = text.find_last_not_of('\n');
  if (end == std::string::npos) return phrase("no message");
  auto begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

/// The first line in which stap, gcc or kbuild says what is wrong; later errors often follow from it. The last line
/// only says that stap failed, or is a distribution's tip (Debian: "Tip: /usr/share/doc/…"). Without such a line, the
/// last one that is not a tip.
Phrase first_error(const std::string& text) {
  // "x.c:40:15: error: …", "semantic error: …", "ERROR: modpost: …", "ld: …: undefined reference to …"; not "Error 1"
  // of make, nor "-Werror=…" among a compiler's options.
  static const RE2 error(R"((?i:\berror):|undefined (?:reference|symbol))"), warning(R"(^\s*WARNING:)");
  for (std::size_t at = 0; at < text.size();) {
    auto end = std::min(text.find('\n', at), text.size());
    auto line = text.substr(at, end - at);
    if (RE2::PartialMatch(line, error) && !RE2::PartialMatch(line, warning)) {
      line.erase(0, line.find_first_not_of(" \t"));
      return line;
    }
    at = end + 1;
  }
  std::string rest = text;
  for (auto tip = rest.rfind("Tip: "); tip != std::string::npos && (tip == 0 || rest[tip - 1] == '\n');
       tip = rest.rfind("Tip: "))
    rest.resize(tip);
  return last_words(rest);
}

Fact<Ran> outcome(const Host& host, const std::string& name, const std::function<Fact<Ran>(Smoke&)>& find_out) {
  auto found =
      host.facts.outcome(name + ' ' + host.release + (host.shims == Shims::apply ? "" : " without shims"), [&] {
        return host.smoke ? find_out(*host.smoke) : Fact<Ran>{std::nullopt, phrase_from(kNothingIsTried)};
      });
  if (!found && host.captured()) return {std::nullopt, phrase("nothing of a captured host is run")};
  return found;
}

CheckOutcome not_built(const Host& host, Phrase message, const Ran& ran) {
  return failed(std::move(message), host.remedy("smoke"),
                {{"stap -p4", describe_status(ran.status)}, {phrase("said"), ran.err}});
}

/// What a trial that worked says of itself (smoke.cpp). Facts keep its English.
Phrase trial_words(const std::string& out) {
  auto line = last_words(out);
  static const RE2 before(R"(compiled before by (.*?): (/.*))"), compiled(R"(compiled by (.*?): (/.*))"),
      loaded(R"(loaded, saw a signal of its own, unloaded \((.*)\))");
  auto english = line.english();
  std::string toolchain, file;
  if (RE2::FullMatch(english, before, &toolchain, &file)) return phrase("compiled before by {}: {}", toolchain, file);
  if (RE2::FullMatch(english, compiled, &toolchain, &file)) return phrase("compiled by {}: {}", toolchain, file);
  if (RE2::FullMatch(english, loaded, &toolchain))
    return phrase("loaded, saw a signal of its own, unloaded ({})", toolchain);
  return line;
}

}  // namespace

CheckOutcome check_smoke_build(const Host& host) {
  bool cached = host.shims == Shims::apply && host.smoke && host.facts.live_host() && host.smoke->cached(host.release);
  if (!cached) {
    auto empty =
        outcome(host, "build empty", [&](Smoke& smoke) { return smoke.build_empty(host.release, host.shims); });
    if (empty && !worked(empty))
      return not_built(host, phrase("an empty probe does not compile: {}", first_error(empty->err)), *empty);
  }
  if (host.smoke && host.smoke->interrupted()) return skipped(phrase("interrupted"));
  auto watch = outcome(host, "build watch", [&](Smoke& smoke) { return smoke.build_watch(host.release, host.shims); });
  if (!watch) return skipped(phrase("not tried: {}", why_of(watch)), {{"stap -p4", why_of(watch)}});
  if (!worked(watch)) {
    auto message =
        phrase("an empty probe compiles, but the watch module does not compile: {}", first_error(watch->err));
    return not_built(host, message, *watch);
  }
  auto words = trial_words(watch->out);
  return passed(words, {{"stap -p4", words}});
}

CheckOutcome check_smoke_run(const Host& host) {
  if (!host.running) return skipped(phrase("kernel {} is not running", host.release));
  auto run = outcome(host, "run watch", [&](Smoke& smoke) {
    return host.deep ? smoke.run_watch() : Fact<Ran>{std::nullopt, phrase_from(kDeepTries)};
  });
  if (!run) return skipped(phrase("not tried: {}", why_of(run)), {{"staprun", why_of(run)}});
  if (!worked(run)) {
    return failed(phrase("the probes do not work: {}", last_words(run->err)), host.remedy("smoke"),
                  {{"staprun", describe_status(run->status)}, {phrase("said"), run->err}});
  }
  auto words = trial_words(run->out);
  return passed(words, {{"staprun", words}});
}

}  // namespace stapkill
