#include "doctor/diagnose.h"

#include <chrono>
#include <thread>

#include "made_host.h"
#include "sys/in_time.h"

using namespace stapkill;

namespace {

CheckOutcome good(const Host&) {
  return passed("good");
}
CheckOutcome bad(const Host&) {
  return failed("bad", std::nullopt);
}
CheckOutcome doubtful(const Host&) {
  return warned("doubtful", std::nullopt);
}
CheckOutcome left_out(const Host&) {
  return skipped("left out");
}
CheckOutcome throwing(const Host&) {
  throw std::runtime_error("thrown");
}
CheckOutcome sleeping(const Host&) {
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  return passed("too late");
}
CheckOutcome endless_words(const Host&) {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "\xc3\xbc";
  return passed("x" + text, {{"file", text}});
}

Result<Diagnosis> judged(std::initializer_list<Check> rows, const DoctorOptions& options = {}) {
  MadeHost host;
  host.write("proc/sys/kernel/osrelease", "6.1.0-56-amd64\n");
  // A thread that keeps running looks at the table later.
  static std::vector<std::vector<Check>> tables;
  return diagnose(host.ask(), options, tables.emplace_back(rows));
}

std::string words(const Diagnosis& diagnosis) {
  std::string text;
  for (const auto& result : diagnosis.results) {
    text += (text.empty() ? "" : " ") + std::string(result.check->id) + ':' + word(result.finding);
    if (!result.finding.blocked_by.empty()) text += '<' + result.finding.blocked_by;
  }
  return text;
}

}  // namespace

TEST_CASE("diagnose: a check whose prerequisite failed is skipped", "[diagnose]") {
  auto diagnosis = judged({{"a.x", "", kStap, {}, 5, false, bad},
                           {"b.x", "", kStap, {"a.x"}, 5, false, good},
                           {"c.x", "", kNone, {"b.x"}, 5, false, good},
                           {"d.x", "", kNone, {"e.x"}, 5, false, good},
                           {"e.x", "", kNone, {}, 5, false, doubtful},
                           {"f.x", "", kNone, {"g.x", "h.x"}, 5, false, good},
                           {"g.x", "", kNone, {}, 5, false, left_out},
                           {"h.x", "", kNone, {}, 5, false, throwing},
                           {"i.x", "", kNone, {"no.such"}, 5, false, good}});
  REQUIRE(diagnosis.has_value());
  CHECK(words(*diagnosis) ==
        "a.x:fail b.x:skip<a.x c.x:skip<a.x d.x:pass e.x:warn f.x:skip<h.x g.x:skip h.x:error i.x:pass");
  CHECK(diagnosis->results[1].finding.message == "needs a.x");
  CHECK(diagnosis->count(Status::skip) == 4);
  CHECK_FALSE(diagnosis->asked_is_ready());
  CHECK_FALSE(diagnosis->partial);
}

TEST_CASE("diagnose: one that throws, one that does not end", "[diagnose]") {
  auto begun = std::chrono::steady_clock::now();
  auto diagnosis = judged({{"a.x", "", kStap, {}, 5, false, throwing},
                           {"b.x", "", kNone, {}, 1, true, sleeping},
                           {"c.x", "", kNone, {}, 5, false, good}});
  REQUIRE(diagnosis.has_value());
  CHECK(words(*diagnosis) == "a.x:error b.x:error c.x:pass");
  CHECK(diagnosis->results[0].finding.message == "the check itself failed: thrown");
  CHECK(diagnosis->results[1].finding.message == "did not end within 1 s");
  CHECK(diagnosis->results[1].duration_ms >= 1000);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(1450));
  CHECK(threads_left_behind());
  CHECK_FALSE(diagnosis->asked_is_ready());
  std::this_thread::sleep_for(std::chrono::seconds(1));  // it ends, with what it holds
}

TEST_CASE("diagnose: only and skip", "[diagnose]") {
  std::initializer_list<Check> rows = {{"a.x", "", kStap, {}, 5, false, bad},
                                       {"b.x", "", kStap, {"a.x"}, 5, false, good},
                                       {"c.x", "", kNone, {}, 5, false, good}};
  auto diagnosis = judged(rows, {.only = {"b.x"}});
  CHECK(words(*diagnosis) == "b.x:skip<a.x");
  CHECK(diagnosis->partial);
  CHECK_FALSE(diagnosis->asked_is_ready());
  diagnosis = judged(rows, {.skip = {"a.x"}});
  CHECK(words(*diagnosis) == "b.x:pass c.x:pass");
  CHECK(diagnosis->partial);
  CHECK(diagnosis->asked_is_ready());
  diagnosis = judged(rows, {.only = {"a.x", "c.x"}, .skip = {"a.x"}});
  CHECK(words(*diagnosis) == "c.x:pass");
  CHECK(diagnosis->asked_is_ready());
}

TEST_CASE("diagnose: what stands in the way of a backend", "[diagnose]") {
  auto stands = [](unsigned required_by, CheckOutcome finding, bool strict = false) {
    Check check{"a.x", "", required_by, {}, 5, false, good};
    return stands_in_the_way({&check, true, std::move(finding), 0}, kStap, strict);
  };
  CheckOutcome error{Status::error, "", {}, {}, {}}, blocked{Status::skip, "", {}, {}, "b.x"};
  CHECK(stands(kStap, failed("", {})));
  CHECK(stands(kStap | kBpf, failed("", {})));
  CHECK(stands(kStap, error));
  CHECK(stands(kStap, blocked));
  CHECK_FALSE(stands(kStap, skipped("")));
  CHECK_FALSE(stands(kStap, warned("", {})));
  CHECK_FALSE(stands(kStap, passed("")));
  CHECK_FALSE(stands(kBpf, failed("", {})));
  CHECK_FALSE(stands(kNone, failed("", {})));
  // Strict: all that is not right, except what only another backend needs.
  CHECK(stands(kStap, warned("", {}), true));
  CHECK(stands(kNone, warned("", {}), true));
  CHECK(stands(kNone, failed("", {}), true));
  CHECK(stands(kNone, error, true));
  CHECK_FALSE(stands(kBpf, warned("", {}), true));
  CHECK_FALSE(stands(kBpf, failed("", {}), true));
  CHECK_FALSE(stands(kNone, blocked, true));
  CHECK_FALSE(stands(kNone, skipped(""), true));
}

TEST_CASE("diagnose: readiness by backend", "[diagnose]") {
  std::initializer_list<Check> rows = {{"a.x", "", kStap, {}, 5, false, good}, {"b.x", "", kBpf, {}, 5, false, bad}};
  for (unsigned backend : {unsigned{kStap}, unsigned{kBpf}, unsigned{kNone}}) {
    auto diagnosis = judged(rows, {.backend = backend});
    INFO(backend);
    CHECK(diagnosis->ready == kStap);
    CHECK(diagnosis->asked_is_ready() == (backend != kBpf));
    CHECK(diagnosis->results[0].required == (backend != kBpf));
    CHECK(diagnosis->results[1].required == (backend != kStap));
  }
  CHECK(judged(rows, {.strict = true})->asked_is_ready());
  CHECK(((judged({{"a.x", "", kStap, {}, 5, false, bad}})->ready & kBpf) != 0) == has_backend(kBpf));
  CHECK_FALSE(judged({{"a.x", "", kNone, {}, 5, false, doubtful}}, {.strict = true})->asked_is_ready());
}

TEST_CASE("diagnose: other programs' words are truncated to what a person can read", "[diagnose]") {
  auto diagnosis = judged({{"a.x", "", kNone, {}, 5, false, endless_words}});
  const auto& finding = diagnosis->results[0].finding;
  CHECK(finding.message.english().size() < 2010);
  CHECK(finding.message.english().ends_with("\xc3\xbc [...]"));
  CHECK(finding.evidence[0].value.english().size() < 65550);
  CHECK(finding.evidence[0].value.english().ends_with("\xc3\xbc [...]"));
}

struct Idle : Smoke {
  Fact<Ran> build_empty(const std::string&, Shims) override { return unknown<Ran>(); }
  Fact<Ran> build_watch(const std::string&, Shims) override { return unknown<Ran>(); }
  Fact<Ran> run_watch() override { return unknown<Ran>(); }
  bool cached(const std::string&) override { return false; }
  bool interrupted() const override { return false; }
};

TEST_CASE("diagnose: only slow checks show progress", "[diagnose]") {
  std::vector<std::string> shown;
  DoctorOptions options;
  options.smoke = std::make_shared<Idle>();  // of a captured host nothing is tried, and nothing shown
  options.progress = [&](const Phrase& text) { shown.push_back(text); };
  (void)judged({{"a.x", "quick", kNone, {}, 5, false, good}, {"b.x", "slow", kNone, {}, 5, true, good}}, options);
  CHECK(shown == std::vector<std::string>{"checking: slow", ""});
}

TEST_CASE("diagnose: which kernel is judged", "[diagnose]") {
  MadeHost host;
  CHECK_FALSE(diagnose(host.ask(), {}).has_value());
  auto named = diagnose(host.ask(), {.release = "5.10"});
  REQUIRE(named.has_value());
  CHECK(named->release == "5.10");
  CHECK(named->kernel.release.empty());
  host.write("proc/sys/kernel/osrelease", "6.1\n").write("etc/os-release", "ID=debian\nPRETTY_NAME=\"Debian 12\"\n");
  host.program("usr/bin/stap")
      .write("var/lib/dpkg/status", "Package: systemtap\nStatus: install ok installed\nVersion: 1:4.8-2\n\n");
  auto found = diagnose(host.ask(), {});
  REQUIRE(found.has_value());
  CHECK(found->release == "6.1");
  CHECK(found->distribution.name == "Debian 12");
  CHECK(found->systemtap == "4.8");
  CHECK(found->results.size() == checks().size());
}

TEST_CASE("diagnose: interrupted", "[diagnose]") {
  struct Interrupted : Idle {
    bool interrupted() const override { return true; }
  };
  DoctorOptions options;
  options.smoke = std::make_shared<Interrupted>();
  auto diagnosis = judged({{"a.x", "", kNone, {}, 5, false, good}}, options);
  REQUIRE_FALSE(diagnosis.has_value());
  CHECK(diagnosis.error().kind == ErrorKind::interrupted);
}

TEST_CASE("diagnose: the table", "[diagnose]") {
  std::set<std::string_view> ids;
  for (const auto& check : checks()) {
    INFO(check.id);
    CHECK(ids.insert(check.id).second);
    CHECK(find_check(check.id) == &check);
    CHECK_FALSE(check.title.empty());
    CHECK(check.limit_seconds > 0);
    CHECK(check.category().size() < check.id.size());
    for (auto ground : check.after) CHECK((ground.empty() || find_check(ground)));
  }
  // Those that docs/doctor.md lists.
  for (const char* id : {"stap.present",     "stap.version",
                         "stap.runtime",     "stap.staprun",
                         "user.privilege",   "kernel.release",
                         "kernel.config",    "kernel.modules",
                         "kernel.build",     "kernel.build.others",
                         "kernel.debuginfo", "kernel.debuginfo.match",
                         "kernel.symbols",   "toolchain.compiler",
                         "kernel.lockdown",  "kernel.signing",
                         "env.container",    "fs.tracefs",
                         "fs.space",         "bpf.syscall",
                         "bpf.btf",          "bpf.pids",
                         "smoke.build",      "smoke.run"}) {
    INFO(id);
    CHECK(ids.erase(id) == 1);
  }
  CHECK(ids.empty());
  CHECK_FALSE(find_check(""));
  CHECK_FALSE(find_check("stap"));
}
