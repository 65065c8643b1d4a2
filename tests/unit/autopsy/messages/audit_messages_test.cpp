#include <map>

#include "autopsy/messages/readers.h"
#include "catch.h"
#include "lines.h"

using namespace stapkill;

namespace {

using Kind = Finding::Kind;

std::vector<Finding> read(const std::vector<std::string>& lines, std::string_view program) {
  auto reader = audit_messages_reader();
  return findings_of(*reader, lines, program);
}

const std::string kAbend = R"(auid=1000 uid=1000 gid=1000 ses=1 pid=77 comm="app" exe="/a" sig=11 res=1)";

}  // namespace

TEST_CASE("audit messages: in the kernel's log", "[autopsy][audit]") {
  auto found = read({"audit: type=1701 audit(1700000000.123:45): " + kAbend}, "kernel");
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == Kind::abnormal_end);
  CHECK(found[0].time == 1'700'000'000'123'000'000);  // its own stamp
  CHECK(found[0].source == "kernel-log");
  CHECK(found[0].place == "/var/log/kern.log:7, audit event 1700000000.123:45");
  // An event of three records, where no auditd runs.
  found = read({"audit: type=1300 audit(1700000000.123:46): arch=c000003e syscall=62 success=yes exit=0 a0=1e a1=9 "
                "ppid=1 pid=20 "
                "auid=1000 uid=0 comm=\"kill\" exe=\"/bin/kill\" key=(null)",
                "audit: type=1318 audit(1700000000.123:46): opid=30 oauid=-1 ouid=0 oses=-1 ocomm=\"b\"",
                "audit: type=1327 audit(1700000000.123:46): proctitle=6B696C6C002D39003330"},
               "kernel");
  REQUIRE(found.size() == 1);
  CHECK(found[0].kind == Kind::signal_call);
  CHECK(found[0].subject.pid == 30);
  CHECK(read({"audit: initializing netlink subsys (disabled)", "audit: backlog limit exceeded"}, "kernel").empty());
}

TEST_CASE("audit messages: by journald and by auditd's plug-in", "[autopsy][audit]") {
  auto found = read({"ANOM_ABEND " + kAbend}, "audit");
  REQUIRE(found.size() == 1);
  CHECK(found[0].time == kStart);
  CHECK(found[0].subject.pid == 77);
  CHECK(read({"node=web1 type=ANOM_ABEND msg=audit(1700000000.123:45): " + kAbend}, "audispd").size() == 1);
  // Without a serial records cannot be joined.
  CHECK(read({"SYSCALL arch=c000003e syscall=62 success=yes a1=9 pid=20", "OBJ_PID opid=30 ocomm=\"b\""}, "audit")
            .empty());
  CHECK(read({"ANOM_ABEND " + kAbend}, "kernel").empty());
  CHECK(read({"audit: type=1701 audit(1700000000.123:45): " + kAbend}, "logger").empty());
}

TEST_CASE("audit messages: the journal has a record twice", "[autopsy][audit]") {
  auto reader = audit_messages_reader();
  std::vector<Finding> findings;
  LogEntry entry;
  entry.time = kStart;
  std::map<std::string, std::string, std::less<>> fields;
  entry.field = [&fields](std::string_view name) -> std::string_view {
    auto at = fields.find(name);
    return at == fields.end() ? std::string_view() : at->second;
  };
  auto journald = [&](const std::string& serial) {
    static std::string message;
    message = "ANOM_ABEND " + kAbend;
    fields = {{"_TRANSPORT", "audit"}, {"_AUDIT_ID", serial}};
    entry.program = "audit";
    entry.message = message;
    return reader->take(entry, findings);
  };
  auto kernel = [&](const std::string& serial) {
    static std::string message;
    message = "audit: type=1701 audit(1700000000.123:" + serial + "): " + kAbend;
    fields = {{"_TRANSPORT", "kernel"}};
    entry.program = "kernel";
    entry.message = message;
    return reader->take(entry, findings);
  };
  CHECK(journald("45"));
  CHECK(kernel("45"));
  CHECK(findings.size() == 1);
  // The same words of another event are no repetition.
  CHECK(kernel("46"));
  CHECK(journald("46"));
  CHECK(journald("47"));
  CHECK(findings.size() == 3);
  fields = {{"_TRANSPORT", "syslog"}};
  CHECK_FALSE(reader->take(entry, findings));
}
