#include "autopsy/inquest/reason_words.h"

#include "catch.h"

using namespace stapkill;

namespace {

/// The message of a text that is one message, with its values in English.
std::vector<std::string> message_and_values(const Phrase& phrase) {
  std::vector<std::string> all;
  phrase.parts([](std::string_view) {},
               [&](std::string_view message, const std::vector<Phrase>& values) {
                 all.emplace_back(message);
                 for (const auto& value : values) all.push_back(value.english());
               });
  return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("reason words: a reason of ours is a message with its values", "[reason_words]") {
  CHECK(message_and_values(reason_words("its pod was deleted")) == Texts{"its pod was deleted"});
  CHECK(message_and_values(reason_words("it had not stopped within 10s of signal 15")) ==
        Texts{"it had not stopped within {} of {}", "10s", "signal 15"});
  CHECK(message_and_values(reason_words("it had not sent its keep-alive in time (WatchdogSec=3s)")) ==
        Texts{"it had not sent its keep-alive in time (WatchdogSec={})", "3s"});
  CHECK(message_and_values(reason_words("SIGSEGV at 0x0 in libc.so.6+0x2a1b0")) ==
        Texts{"SIG{} at {} in {}", "SEGV", "0x0", "libc.so.6+0x2a1b0"});
}

TEST_CASE("reason words: a value can be a reason, too", "[reason_words]") {
  auto words = reason_words("SIGABRT, sent by itself (its core is truncated)");
  CHECK(message_and_values(words) == Texts{"{} (its core is truncated)", "SIGABRT, sent by itself"});
  words.parts([](std::string_view) {},
              [](std::string_view, const std::vector<Phrase>& values) { CHECK(values.at(0).has_message()); });
}

TEST_CASE("reason words: the English is the reason, whatever it is", "[reason_words]") {
  for (const auto* reason :
       {"", "{}", "failed liveness probe, will be restarted", "SIG", "SIG at  in ", "grace period, s:",
        "grace period, s: 30", "little memory was left; badness 700, VmRSS 5 MiB", "a (its core is truncated)x",
        "evicted: the node ran out of a resource\xff", "seccomp filter: end the process, system call 59 (execve)"})
    CHECK(reason_words(reason) == reason);
  CHECK_FALSE(reason_words("failed liveness probe, will be restarted").has_message());
}
