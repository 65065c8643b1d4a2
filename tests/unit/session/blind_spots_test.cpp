#include "session/blind_spots.h"

#include "catch.h"

using namespace stapkill;

namespace {

Sight all() {
  return {"bpf", {"tp_btf/sched_process_exit", "fentry/security_unix_stream_connect"}, true, true, true, true};
}

}  // namespace

TEST_CASE("blind spots: none where everything is seen", "[blind_spots]") {
  CHECK(blind_spots(all()).empty());
  auto stap = all();
  stap.backend = "stap";
  stap.probes.clear();
  CHECK(blind_spots(stap).empty());
}

TEST_CASE("blind spots: each thing that is missing is one line", "[blind_spots]") {
  auto without = [](auto change) {
    auto sight = all();
    change(sight);
    auto lines = blind_spots(sight);
    return lines.size() == 1 && lines[0].find('\n') == std::string::npos ? lines[0] : "";
  };
  CHECK(without([](Sight& sight) { sight.root = false; }).find("root") != std::string::npos);
  CHECK(without([](Sight& sight) { sight.probes.pop_back(); }).find("connections") != std::string::npos);
  CHECK(without([](Sight& sight) { sight.logins = false; }).find("logins") != std::string::npos);
  CHECK(without([](Sight& sight) { sight.journal = false; }).find("journalctl") != std::string::npos);
  CHECK(without([](Sight& sight) { sight.stacks = false; }).find("libdw") != std::string::npos);
}
