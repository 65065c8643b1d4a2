#include "verdict/causes.h"

#include <cctype>
#include <set>
#include <string>

#include "base/signals.h"
#include "catch.h"

using namespace stapkill;

TEST_CASE("text_of: a row for each cause, none of its texts empty", "[causes]") {
  CHECK(cause_texts().size() == all_causes().size());
  std::set<std::string_view> phrases;
  for (Cause cause : all_causes()) {
    INFO(name_of(cause));
    const auto& text = text_of(cause);
    CHECK(text.cause == cause);
    CHECK_FALSE(text.because.empty());
    CHECK(phrases.insert(text.because).second);
    // It ends a sentence of somebody else's.
    CHECK_FALSE(std::isupper(static_cast<unsigned char>(text.because.front())));
    CHECK(text.because.back() != '.');
    for (auto sentence : {text.sender, text.recognised_by}) {
      CHECK(sentence.size() > 10);
      CHECK(std::isupper(static_cast<unsigned char>(sentence.front())));
      CHECK((sentence.back() == '.' || sentence.back() == ')'));
    }
  }
}

TEST_CASE("text_of: something to do for each cause", "[causes]") {
  for (const auto& text : cause_texts()) {
    INFO(name_of(text.cause));
    auto steps = text.next.all();
    REQUIRE_FALSE(steps.empty());
    bool command = false;
    for (const auto& step : steps) {
      CHECK_FALSE(step.text.empty());
      CHECK(step.text.back() != '.');
      CHECK(step.command.size() <= 76);
      command |= !step.command.empty();
    }
    CHECK((command || text.cause == Cause::sigqueue));
  }
}

TEST_CASE("text_of: every text is printable ASCII", "[causes]") {
  auto plain = [](std::string_view text) {
    for (unsigned char c : text) {
      if (c < ' ' || c > '~') return false;
    }
    return true;
  };
  for (const auto& text : cause_texts()) {
    INFO(name_of(text.cause));
    for (auto words : {text.because, text.sender, text.recognised_by}) CHECK(plain(words));
    for (const auto& step : text.next.all()) CHECK((plain(step.text) && plain(step.command)));
  }
}

TEST_CASE("text_of: signals are real ones, and none for an exit", "[causes]") {
  for (const auto& text : cause_texts()) {
    INFO(name_of(text.cause));
    CHECK(text.signals.empty() == (text.cause == Cause::exit || text.cause == Cause::unknown));
    for (int number : text.signals) CHECK(parse_signal(signal_name(number)) == number);
  }
  CHECK(text_of(Cause::oom_memcg).signals.front() == 9);
  CHECK(text_of(Cause::seccomp).signals.front() == 31);
}

TEST_CASE("parse_cause: the names of the contract, in any case", "[causes]") {
  for (Cause cause : all_causes()) CHECK(parse_cause(name_of(cause)) == cause);
  CHECK(parse_cause("OOM-Memcg") == Cause::oom_memcg);
  for (const char* word : {"", "oom", "oom-memcg ", "oom_memcg", "9", "SIGKILL"}) CHECK_FALSE(parse_cause(word));
}
