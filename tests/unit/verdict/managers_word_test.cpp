#include "verdict/managers_word.h"

#include <csignal>

#include "catch.h"

using namespace stapkill;

namespace {

ProcessPtr process(int pid, std::string comm) {
  auto made = std::make_shared<Process>();
  made->pid = pid;
  made->comm = std::move(comm);
  return made;
}

/// A verdict whose chain has signals of these numbers from that process.
Verdict verdict_of(const ProcessPtr& sender, std::initializer_list<int> numbers) {
  Verdict verdict;
  verdict.summary = "it was killed";
  for (int number : numbers) {
    auto& step = verdict.chain.emplace_back();
    step.process = sender;
    step.number = number;
    step.time = number;
  }
  return verdict;
}

struct Said {
  std::vector<std::string> lines;
  Surroundings around;

  explicit Said(std::vector<std::string> text) : lines(std::move(text)) { around.manager_said = &lines; }
  bool add(Verdict& verdict) { return add_managers_word(verdict, around); }
};

const auto kSystemd = process(1, "systemd");

}  // namespace

// The lines are as systemd 252 writes them.
TEST_CASE("manager's word: what systemd says of its own limits", "[managers_word]") {
  struct {
    const char* line;
    const char* setting;
  } const rows[] = {
      {"a.service: Service reached runtime time limit. Stopping.", "RuntimeMaxSec"},
      {"a.scope: Scope reached runtime time limit. Stopping.", "RuntimeMaxSec"},
      {"a.service: Watchdog timeout (limit 2s)!", "WatchdogSec"},
      {"a.service: start operation timed out. Terminating.", "TimeoutStartSec"},
      {"a.service: A process of this unit has been killed by the OOM killer.", "OOMPolicy"},
      {"systemd-oomd killed 3 process(es) in this unit.", "systemd-oomd"},
      {"a.service: Unit is bound to inactive unit b.service. Stopping, too.", "BindsTo"},
      {"a.service: Unit is not needed anymore. Stopping.", "StopWhenUnneeded"},
  };
  for (const auto& row : rows) {
    INFO(row.line);
    Said said({"Started a.service.", row.line, "Stopping a.service..."});
    auto verdict = verdict_of(kSystemd, {SIGTERM});
    CHECK(said.add(verdict));
    REQUIRE(verdict.chain.size() == 2);
    CHECK(verdict.chain[0].what == ChainStep::What::limit);
    CHECK(verdict.chain[0].through == row.setting);
    CHECK_FALSE(verdict.chain[0].process);
    CHECK(verdict.summary.english().ends_with("(" + std::string(row.setting) + ")"));
    REQUIRE(verdict.evidence.size() == 1);
    CHECK(verdict.evidence[0] == "systemd's journal: " + std::string(row.line));
  }
}

TEST_CASE("manager's word: a stop that took too long was asked for", "[managers_word]") {
  for (const char* line :
       {"a.service: State 'stop-sigterm' timed out. Killing.", "a.service: State 'final-sigterm' timed out. Killing.",
        "a.scope: Stopping timed out. Killing.", "a.service stop-sigterm timed out. Killing."}) {
    INFO(line);
    Said said({line});
    auto verdict = verdict_of(kSystemd, {SIGTERM, SIGKILL});
    CHECK_FALSE(said.add(verdict));
    REQUIRE(verdict.chain.size() == 3);
    CHECK(verdict.chain[0].number == SIGTERM);
    CHECK(verdict.chain[1].through == "TimeoutStopSec");
    auto earlier = verdict_of(kSystemd, {SIGTERM});
    CHECK_FALSE(said.add(earlier));
    CHECK(earlier.chain.size() == 1);
  }
}

TEST_CASE("manager's word: nothing is said of what others ended, or without a line", "[managers_word]") {
  Said said({"a.service: Watchdog timeout (limit 2s)!"}), silent({"Stopping a.service..."});
  for (const auto& other : {process(7, "systemd"), process(1, "init"), ProcessPtr()}) {
    auto verdict = verdict_of(other, {SIGTERM});
    CHECK_FALSE(said.add(verdict));
    CHECK(verdict.chain.size() == 1);
  }
  auto verdict = verdict_of(kSystemd, {SIGTERM});
  CHECK_FALSE(silent.add(verdict));
  silent.around.manager_said = nullptr;
  CHECK_FALSE(silent.add(verdict));
  CHECK(verdict.summary == "it was killed");
}
