#include "autopsy/records/pods.h"

#include "autopsy/records/shown.h"
#include "catch.h"
#include "temporary.h"

using namespace stapkill;
using shown::Texts;

TEST_CASE("pods: the time of a log's last line", "[autopsy_pods]") {
  auto at = [](std::string_view text) { return shown::time(last_line_time(text)); };
  // CRI's form, kubernetes 1.28.
  CHECK(at("2026-11-30T18:21:20Z stdout F one\n2026-11-30T18:21:21.123456789Z stderr P two\n") ==
        "2026-11-30T18:21:21");
  // docker's json-file.
  CHECK(at("{\"log\":\"say \\\"time\\\":\\\"2020-01-01T00:00:00Z\\\"\\n\",\"stream\":\"stdout\","
           "\"time\":\"2026-11-30T18:21:21.1Z\"}\n") == "2026-11-30T18:21:21");
  // A line that is still written, or cut, does not count.
  CHECK(at("2026-11-30T18:21:20Z stdout F one\n2026-11-30T18:2") == "2026-11-30T18:21:20");
  for (const char* text : {"", "\n", "x", "x\n", "{\"time\":\"\n", "0001-01-01T00:00:00Z stdout F x\n"})
    CHECK(at(text) == "-");
}

TEST_CASE("pods: a note for each start, without what it wrote", "[autopsy_pods]") {
  Temporary root;
  const std::string pod = "var/log/pods/shop_cart-0_2c48a299-e1f2-4f4c-9d7a-0123456789ab/";
  root.write(pod + "web/0.log", "2026-11-30T18:21:20Z stdout F password=secret\n");
  root.write(pod + "web/3.log", std::string(100'000, 'x') + "\n2026-11-30T18:31:20Z stdout F secret\n");
  root.write(pod + "web/3.log.20261130-183000", "2026-11-30T18:21:20Z stdout F x\n");
  root.write("var/log/pods/damaged/web/0.log", "2026-11-30T18:21:20Z stdout F x\n");
  Reading reading;
  read_pod_logs(shown::scope(root.path()), reading);
  REQUIRE(shown::lines(reading.findings) ==
          Texts{"note 2026-11-30T18:21:20 web: the last line of its first start's log",
                "note 2026-11-30T18:31:20 web: the last line of its log after 3 restart"});
  CHECK(reading.findings[0].subject.pod == "shop/cart-0");
  for (const auto& one : reading.findings) CHECK((one.reason + one.quote).find("secret") == std::string::npos);
  CHECK(reading.notes[0].detail == "2 logs");
}
