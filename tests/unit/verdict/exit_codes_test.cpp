#include "verdict/exit_codes.h"

#include <algorithm>
#include <string>

#include "catch.h"

using namespace stapkill;

namespace {

/// Whose words a status can be.
std::string who(int status) {
  std::string all;
  for (const auto* meaning : meanings_of(status))
    all += std::string(meaning->who) + ' ' + std::string(meaning->name) + '\n';
  return all;
}

bool says(int status, std::string_view word) {
  return who(status).find(word) != std::string::npos;
}

bool advises(int status, std::string_view word) {
  auto steps = how_to_tell(status).all();
  return std::any_of(steps.begin(), steps.end(), [&](const Step& step) {
    return step.command.find(word) != std::string_view::npos || step.text.find(word) != std::string_view::npos;
  });
}

}  // namespace

TEST_CASE("meanings_of: something for each status, nothing beyond", "[exit_codes]") {
  for (int status = 0; status <= 255; ++status) {
    INFO(status);
    REQUIRE_FALSE(meanings_of(status).empty());
    CHECK_FALSE(how_to_tell(status).all().empty());
    for (const auto* row : meanings_of(status)) {
      CHECK_FALSE(row->who.empty());
      CHECK(row->meaning.size() > 10);
      CHECK((row->meaning.back() == '.' || row->meaning.back() == ')'));
      for (unsigned char c : row->meaning) CHECK((c >= ' ' && c <= '~'));
    }
    for (const auto& step : how_to_tell(status).all()) CHECK(step.command.size() <= 76);
  }
  for (int status : {-1, 256, 1000}) CHECK(meanings_of(status).empty());
}

TEST_CASE("meanings_of: what is known by name", "[exit_codes]") {
  CHECK(says(64, "EX_USAGE"));
  CHECK(says(78, "EX_CONFIG"));
  CHECK_FALSE(says(79, "EX_"));
  CHECK(says(203, "EXEC"));
  CHECK(says(245, "BPF"));
  for (int status : {223, 234, 244, 246}) CHECK_FALSE(says(status, "systemd"));
  for (int status : {124, 125, 126, 127, 137}) CHECK(says(status, "timeout"));
  for (int status : {125, 126, 127}) CHECK(says(status, "docker run"));
  for (int status : {126, 127}) CHECK(says(status, "a shell"));
  for (int status : {123, 124, 125, 126, 127}) CHECK(says(status, "xargs"));
  CHECK(says(137, "ContainerStatusUnknown"));
  CHECK(says(128, "git"));
  CHECK(says(255, "ssh"));
}

TEST_CASE("signal_in_status: 128+n for the signals that there are", "[exit_codes]") {
  CHECK(signal_in_status(137) == 9);
  CHECK(signal_in_status(129) == 1);
  CHECK(signal_in_status(192) == 64);
  for (int status : {0, 9, 128, 193, 255}) CHECK_FALSE(signal_in_status(status));
}

TEST_CASE("caution: 128+n is only said to be a signal", "[exit_codes]") {
  for (int status = 129; status <= 192; ++status) CHECK(caution(status).find("only when") != std::string_view::npos);
  CHECK(caution(1).empty());
  CHECK_FALSE(caution(203).empty());
}

TEST_CASE("container_meaning: OOMKilled is explained with any status", "[exit_codes]") {
  CHECK(container_meaning(137, "OOMKilled").starts_with("The out-of-memory killer was at work"));
  for (int status : {0, 1, 143}) {
    INFO(status);
    CHECK(container_meaning(status, "OOMKilled").find("another process than the main one") != std::string_view::npos);
  }
  CHECK(container_meaning(0, "Completed").find("memory") == std::string_view::npos);
}

TEST_CASE("how_to_tell: 137 asks everyone who may know", "[exit_codes]") {
  for (const char* word : {"stapkill watch", "OOMKilled", "kubectl", "journalctl -k", "memory.events", "systemctl"})
    CHECK(advises(137, word));
  CHECK(advises(143, "stapkill watch"));
  CHECK(advises(203, "systemctl status"));
  CHECK(advises(127, "command -v"));
  CHECK(advises(255, "ssh -v"));
}
