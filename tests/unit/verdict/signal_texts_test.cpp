#include "verdict/signal_texts.h"

#include <algorithm>
#include <csignal>

#include "base/signals.h"
#include "catch.h"
#include "verdict/causes.h"

using namespace stapkill;

namespace {

bool has(const std::vector<Cause>& causes, Cause cause) {
  return std::find(causes.begin(), causes.end(), cause) != causes.end();
}

}  // namespace

TEST_CASE("signal_text: every signal from 1 to 64, no other", "[signal_texts]") {
  for (int number = 1; number <= 64; ++number) {
    INFO(number);
    const auto* text = signal_text(number);
    REQUIRE(text);
    CHECK((text->number == number || number >= 32));
    for (auto words : {text->meaning, text->sender}) {
      CHECK(words.size() > 10);
      CHECK((words.back() == '.' || words.back() == ')'));
      for (unsigned char c : words) CHECK((c >= ' ' && c <= '~'));
    }
  }
  for (int number : {-1, 0, 65, 137}) CHECK_FALSE(signal_text(number));
}

TEST_CASE("signal_text: the default actions of signal(7)", "[signal_texts]") {
  for (int number : {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS})
    CHECK(signal_text(number)->action == DefaultAction::core);
  for (int number : {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU}) CHECK(signal_text(number)->action == DefaultAction::stop);
  for (int number : {SIGCHLD, SIGURG, SIGWINCH}) CHECK(signal_text(number)->action == DefaultAction::ignore);
  CHECK(signal_text(SIGCONT)->action == DefaultAction::resume);
  for (int number : {SIGHUP, SIGINT, SIGKILL, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGVTALRM,
                     SIGPROF, SIGIO, SIGPWR, 32, 33, 34, 64})
    CHECK(signal_text(number)->action == DefaultAction::terminate);
  for (int number = 1; number <= 64; ++number)
    CHECK(harmless_by_default(number) == (signal_text(number)->action == DefaultAction::ignore || number == SIGCONT));
}

TEST_CASE("can_be_caught: all but two", "[signal_texts]") {
  for (int number = 1; number <= 64; ++number) CHECK(can_be_caught(number) == (number != 9 && number != 19));
}

TEST_CASE("causes_behind: agrees with what the causes say of their signals", "[signal_texts]") {
  for (const auto& cause : cause_texts()) {
    for (int number : cause.signals) {
      INFO(name_of(cause.cause) << " " << number);
      CHECK(has(causes_behind(number), cause.cause));
    }
  }
}

TEST_CASE("causes_behind: each once, never one that is no signal, none where nobody dies", "[signal_texts]") {
  for (int number = 1; number <= 64; ++number) {
    INFO(number);
    auto causes = causes_behind(number);
    CHECK(causes.empty() != ends_process(*signal_text(number)));
    CHECK_FALSE(has(causes, Cause::exit));
    CHECK_FALSE(has(causes, Cause::unknown));
    std::sort(causes.begin(), causes.end());
    CHECK(std::adjacent_find(causes.begin(), causes.end()) == causes.end());
  }
  for (int number : {SIGKILL, SIGTERM, SIGHUP, SIGSEGV}) CHECK(has(causes_behind(number), Cause::timer));
  CHECK(causes_behind(SIGKILL).front() == Cause::oom_memcg);
  CHECK_FALSE(has(causes_behind(SIGTERM), Cause::oom_memcg));
  CHECK(causes_behind(0).empty());
}
