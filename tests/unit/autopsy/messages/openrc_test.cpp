#include "autopsy/messages/parts.h"
#include "catch.h"

using namespace stapkill;

TEST_CASE("openrc: supervise-daemon's words for the end of its child", "[autopsy][openrc]") {
  auto reader = openrc_messages_reader();
  std::vector<Finding> findings;
  auto take = [&](std::string_view message, std::string_view program = "supervise-daemon") {
    LogEntry entry;
    entry.program = program;
    entry.message = message;
    return reader->take(entry, findings);
  };
  // OpenRC 0.54 (Alpine 3.20)
  CHECK(take("/usr/bin/node, pid 2210, terminated by signal 9"));
  CHECK(take("/usr/bin/a, pid 1, b, pid 2211, exited with return code 3"));
  CHECK(take("stopping /usr/bin/node, pid 2210"));
  CHECK_FALSE(take("Supervisor command line: supervise-daemon shop --start /usr/bin/node"));
  CHECK_FALSE(take("/usr/bin/node, pid 99999999999, terminated by signal"));
  CHECK_FALSE(take("/usr/bin/node, pid 2210, terminated by signal 9", "logger"));
  REQUIRE(findings.size() == 3);
  CHECK(findings[0].subject.pid == 2210);
  CHECK(findings[0].signal == 9);
  CHECK(findings[1].subject.pid == 2211);
  CHECK(findings[1].status == 3);
  CHECK(findings[2].kind == Finding::Kind::unit_stop);
}
