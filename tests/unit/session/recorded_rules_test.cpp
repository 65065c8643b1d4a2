// Every rule has recordings that it judges, and one that differs in a single word and that it must not judge.
#include <set>

#include "session/recordings.h"
#include "verdict/rules.h"

using namespace recordings;

namespace {

/// A word of the fatal signal's line, or of its circumstances' line (docs/wire.md).
enum class Word { code, call, context, pdeath, level, usage, ptrace, cpu_time, cpu_hard, stack };

struct Place {
  char line;
  std::size_t at;
};

Place place_of(Word word) {
  switch (word) {
    case Word::code:
      return {'S', 5};
    case Word::call:
      return {'S', 8};
    case Word::context:
      return {'S', 9};
    case Word::pdeath:
      return {'C', 7};
    case Word::level:
      return {'C', 9};
    case Word::usage:
      return {'C', 10};
    case Word::ptrace:
      return {'C', 12};
    case Word::cpu_time:
      return {'C', 16};
    case Word::cpu_hard:
      return {'C', 18};
    case Word::stack:
      return {'C', 24};
  }
  return {};
}

struct Change {
  Word word;
  std::string_view value;
};

/// A recording in which words are changed, and the rule that then decides.
struct Derived {
  std::string_view recording;
  std::vector<Change> changes;
  std::string_view rule;
};

constexpr std::string_view kNoStack = "-", kOtherStack = "do_send_sig_info,something_else";

/// The rules for "without the stack" are for bpf before 5.17, which reports all else as usual.
const Derived kWithoutStack[] = {
    {"oom_of_a_cgroup", {{Word::stack, kNoStack}}, "marked-in-full-memcg"},
    {"oom_of_a_whole_group", {{Word::stack, kNoStack}}, "marked-in-full-memcg"},
    {"oom_of_the_machine", {{Word::stack, kNoStack}}, "marked-with-room-in-memcg"},
    {"sysrq_calls_the_oom_killer", {{Word::stack, kNoStack}}, "marked-after-sysrq"},
    {"terminal_whose_leader_ends", {{Word::stack, kNoStack}}, "not-shown"},
    {"tracer_that_exits", {{Word::stack, kNoStack}}, "exiting-tracer"},
    {"hard_limit_of_cpu_time", {{Word::stack, kNoStack}}, "cpu-time-at-hard-limit"},
    {"cgroup_kill_by_a_shell", {{Word::stack, kNoStack}}, "not-shown"},
    {"namespace_whose_init_exits", {{Word::stack, kNoStack}}, "not-shown"},
    {"sysrq_terminates_all", {{Word::stack, kNoStack}}, "not-shown"},
};

/// By rule: a change that removes one of its facts.
const std::pair<std::string_view, Derived> kWithoutFact[] = {
    {"own-call", {"self_by_abort", {{Word::call, "-1"}}, "not-shown"}},
    {"kill-call", {"kill_by_shell_builtin", {{Word::call, "39"}}, "not-shown"}},
    {"tkill-call", {"tgkill_of_a_thread", {{Word::context, "0"}}, "not-shown"}},
    {"sigqueue-call", {"sigqueue_to_a_process", {{Word::call, "62"}}, "kill-call"}},
    {"pidfd-call", {"pidfd_of_sigkill", {{Word::call, "62"}}, "kill-call"}},
    {"bpf-helper", {"bpf_program_to_a_process", {{Word::stack, kOtherStack}}, "not-shown"}},
    {"sysrq-signal", {"sysrq_terminates_all", {{Word::stack, kOtherStack}}, "not-shown"}},
    {"sysrq-oom", {"sysrq_calls_the_oom_killer", {{Word::stack, "oom_kill_process,out_of_memory"}}, "oom-in-machine"}},
    {"oom-in-memcg", {"oom_of_a_cgroup", {{Word::stack, "oom_kill_process,out_of_memory"}}, "oom-in-machine"}},
    {"oom-in-machine", {"oom_of_the_machine", {{Word::stack, "out_of_memory,__alloc_pages_slowpath"}}, "not-shown"}},
    {"cgroup-kill-file", {"cgroup_kill_by_a_shell", {{Word::stack, kOtherStack}}, "not-shown"}},
    {"namespace-init", {"namespace_whose_init_exits", {{Word::stack, kOtherStack}}, "not-shown"}},
    {"tracer-exitkill", {"tracer_that_exits", {{Word::context, "1"}}, "not-shown"}},
    {"terminal-hangup", {"terminal_that_is_closed", {{Word::stack, kOtherStack}}, "not-shown"}},
    {"orphaned-group", {"orphaned_while_stopped", {{Word::context, "1"}}, "not-shown"}},
    {"terminal-key", {"terminal_interrupt", {{Word::stack, kOtherStack}}, "not-shown"}},
    {"parent-ended", {"parent_that_exits", {{Word::pdeath, "0"}}, "not-shown"}},
    {"tracers-kill", {"killed_by_its_tracer", {{Word::stack, kOtherStack}}, "not-shown"}},
    {"posix-timer", {"timer_of_timer_create", {{Word::stack, kOtherStack}}, "not-shown"}},
    {"interval-timer", {"timer_of_alarm", {{Word::stack, kOtherStack}}, "not-shown"}},
    {"cpu-hard-limit", {"hard_limit_of_cpu_time", {{Word::cpu_time, "1000000000"}}, "not-shown"}},
    {"cpu-soft-limit", {"limit_of_cpu_time", {{Word::cpu_time, "500000000"}}, "not-shown"}},
    {"file-size-limit", {"limit_of_a_file_by_write", {{Word::code, "128"}}, "not-shown"}},
    {"pipe-without-reader", {"sigpipe_of_a_pipe", {{Word::code, "128"}}, "not-shown"}},
    {"seccomp-signal", {"seccomp_kills_the_process", {{Word::code, "128"}}, "not-shown"}},
    {"exec-failed", {"failed_exec", {{Word::stack, kOtherStack}}, "cpu-fault"}},
    {"cpu-fault", {"fault_of_a_null_pointer", {{Word::code, "0"}}, "not-shown"}},
    {"marked-after-sysrq", {"oom_of_the_machine", {{Word::stack, kNoStack}}, "marked-with-room-in-memcg"}},
    {"marked-in-full-memcg",
     {"oom_of_a_cgroup", {{Word::stack, kNoStack}, {Word::usage, "8000"}}, "marked-with-room-in-memcg"}},
    {"marked-with-room-in-memcg", {"oom_of_the_machine", {{Word::stack, kOtherStack}}, "not-shown"}},
    {"exiting-tracer", {"tracer_that_exits", {{Word::stack, kNoStack}, {Word::ptrace, "1"}}, "not-shown"}},
    {"cpu-time-at-hard-limit",
     {"hard_limit_of_cpu_time", {{Word::stack, kNoStack}, {Word::cpu_hard, "3"}}, "not-shown"}},
};

Lines changed(const Fatal& fatal, const std::vector<Change>& changes) {
  auto lines = fatal.lines;
  for (const auto& change : changes) {
    auto place = place_of(change.word);
    auto& line = lines.at(place.line == 'C' ? fatal.first : fatal.signal);
    REQUIRE(line[0] == place.line);
    auto fields = split(line, ' ');
    CHECK(fields.at(place.at) != change.value);
    fields.at(place.at) = change.value;
    line = join(fields, ' ');
  }
  return lines;
}

json verdict_of(const Derived& derived) {
  static const auto all = all_fatal();
  auto fatal = std::find_if(all.begin(), all.end(), [&](const Fatal& one) { return one.name == derived.recording; });
  INFO(derived.recording);
  REQUIRE(fatal != all.end());
  auto found = verdicts(replay(changed(*fatal, derived.changes)));
  for (const auto& one : found) {
    if (std::to_string(one["pid"].get<int>()) == fatal->victim) return one;
  }
  return {};
}

}  // namespace

TEST_CASE("recordings: every rule judges one", "[recordings]") {
  std::set<std::string> judged;
  for (const auto& deaths : expected()) {
    for (const auto& death : deaths) judged.insert(death["rule"]);
  }
  for (const auto& one : kWithoutStack) judged.emplace(one.rule);
  for (const auto& rule : stapkill::rules()) {
    INFO(rule.name);
    CHECK(judged.count(std::string(rule.name)) == 1);
  }
}

TEST_CASE("recordings: without the kernel's stack nothing that needs it is certain", "[recordings]") {
  for (const auto& one : kWithoutStack) {
    auto found = verdict_of(one);
    INFO(one.recording << ' ' << found.dump());
    CHECK(found["rule"] == one.rule);
    CHECK(found["confidence"] == (one.rule == "not-shown" ? "unknown" : "likely"));
  }
}

TEST_CASE("recordings: every rule leaves one alone that lacks one of its facts", "[recordings]") {
  std::set<std::string_view> left;
  for (const auto& [rule, one] : kWithoutFact) {
    auto found = verdict_of(one);
    INFO(rule << ": " << one.recording << ' ' << found.dump());
    CHECK(found["rule"] == one.rule);
    CHECK(found["rule"] != rule);
    left.insert(rule);
  }
  // The last one is what is said where no rule fits: every other recording is one that it leaves alone.
  left.insert("not-shown");
  for (const auto& rule : stapkill::rules()) {
    INFO(rule.name);
    CHECK(left.count(rule.name) == 1);
  }
}
