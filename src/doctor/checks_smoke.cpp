// The proof: real probes, compiled and loaded.
#include <sys/wait.h>

#include "doctor/check.h"
#include "sys/child.h"

namespace stapkill {
namespace {

bool worked(const Fact<Ran>& ran) {
  return WIFEXITED(ran->status) && WEXITSTATUS(ran->status) == 0;
}

std::string last_words(const std::string& text) {
  auto end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "nothing was said";
  auto begin = text.rfind('\n', end);
  return text.substr(begin == std::string::npos ? 0 : begin + 1,
                     end - (begin == std::string::npos ? 0 : begin + 1) + 1);
}

Fact<Ran> outcome(const Host& host, const std::string& name, const std::function<Fact<Ran>(Smoke&)>& find_out) {
  return host.facts.outcome(name + ' ' + host.release + (host.shims ? "" : " without shims"), [&] {
    return host.smoke ? find_out(*host.smoke) : Fact<Ran>{std::nullopt, "nothing is built or loaded here"};
  });
}

Finding not_built(const Host& host, const std::string& what, const Ran& ran) {
  auto remedy = host.remedy("smoke");
  return failed(what + " does not compile: " + last_words(ran.err), std::move(remedy),
                {{"stap -p4", describe_status(ran.status)}, {"said", ran.err}});
}

}  // namespace

Finding check_smoke_build(const Host& host) {
  bool cached = host.shims && host.smoke && host.facts.live_host() && host.smoke->cached(host.release);
  if (!cached) {
    auto empty =
        outcome(host, "build empty", [&](Smoke& smoke) { return smoke.build_empty(host.release, host.shims); });
    if (empty && !worked(empty)) return not_built(host, "an empty probe", *empty);
  }
  if (host.smoke && host.smoke->interrupted()) return skipped("interrupted");
  auto watch = outcome(host, "build watch", [&](Smoke& smoke) { return smoke.build_watch(host.release, host.shims); });
  if (!watch) return skipped("not tried: " + watch.why, {{"stap -p4", watch.why}});
  if (!worked(watch)) return not_built(host, "an empty probe compiles, but the watch module", *watch);
  return passed(last_words(watch->out), {{"stap -p4", last_words(watch->out)}});
}

Finding check_smoke_run(const Host& host) {
  if (!host.running) return skipped("kernel " + host.release + " does not run");
  auto run = outcome(host, "run watch", [&](Smoke& smoke) {
    return host.deep ? smoke.run_watch() : Fact<Ran>{std::nullopt, "--deep loads them and tries"};
  });
  if (!run) return skipped("not tried: " + run.why, {{"staprun", run.why}});
  if (!worked(run)) {
    return failed("the probes do not work: " + last_words(run->err), host.remedy("smoke"),
                  {{"staprun", describe_status(run->status)}, {"said", run->err}});
  }
  return passed(last_words(run->out), {{"staprun", last_words(run->out)}});
}

}  // namespace stapkill
