#include "autopsy/audit_record.h"

#include "autopsy/audit_findings.h"
#include "autopsy/audit_laurel.h"
#include "autopsy/audit_signals.h"
#include "catch.h"

using namespace stapkill;

TEST_CASE("audit_record: auditd's raw form", "[autopsy][audit]") {
  auto record = audit_record(
      R"(type=SYSCALL msg=audit(1700000000.123:456): arch=c000003e syscall=62 success=yes exit=0 a0=7d0 a1=9 ppid=10 pid=20 auid=4294967295 uid=0 tty=(none) comm="bash" exe="/usr/bin/bash" key=(null))");
  REQUIRE(record);
  CHECK(record->type == "SYSCALL");
  CHECK(record->time == 1'700'000'000'123'000'000);
  CHECK(record->serial == 456);
  CHECK(record->raw("a1") == "9");
  CHECK(record->raw("a2").empty());
  CHECK(record->pid("pid") == 20);
  CHECK(record->id("uid") == 0);
  CHECK_FALSE(record->id("auid"));
  CHECK(audit_word(record->raw("tty")).empty());
  CHECK(audit_text(record->raw("comm")) == "bash");
  CHECK(audit_event_id(*record) == "1700000000.123:456");
}

TEST_CASE("audit_record: node, enriched, numbers, the kernel's log", "[autopsy][audit]") {
  auto record = audit_record(
      "node=web1 type=OBJ_PID msg=audit(1.002:3): opid=5 ouid=33 ocomm=6120622E\x1dOAUID=\"unset\" OUID=\"www\"\n");
  REQUIRE(record);
  CHECK(record->node == "web1");
  CHECK(audit_text(record->raw("ocomm")) == "a b.");
  CHECK(record->translated("OUID") == "www");
  CHECK(record->translated("OAUID").empty());
  CHECK(audit_record("type=UNKNOWN[1326] msg=audit(1.002:3): sig=31")->type == "SECCOMP");
  CHECK(audit_record("type=UNKNOWN[1334] msg=audit(1.002:3): prog-id=3")->type.empty());
  CHECK(audit_record("audit: type=1326 audit(1.002:3): sig=31")->type == "SECCOMP");
  CHECK(audit_record("type=1701 audit(1.002:3): sig=6")->type == "ANOM_ABEND");  // 3.10
  CHECK(journald_audit_record("ANOM_ABEND auid=1 sig=11")->raw("sig") == "11");
  CHECK(journald_audit_record("<audit-1701> sig=11")->type == "ANOM_ABEND");
  CHECK(journald_audit_record("AUDIT1701 sig=11")->type == "ANOM_ABEND");
  CHECK_FALSE(journald_audit_record("SERVICE started"));
}

TEST_CASE("audit_record: damaged lines", "[autopsy][audit]") {
  for (const char* line :
       {"", "type=", "type=SYSCALL", "type=SYSCALL msg=audit(", "type=SYSCALL msg=audit(1.1:2): ",
        "type=SYSCALL msg=audit(1.001:x):", "type=SYSCALL msg=audit(99999999999.001:2):", "node=", "node=x",
        "type=SYSCALL msg=audit(1.001:2)", "type=SYSCALL msg=audit(1.001:99999999999999999999999):"}) {
    INFO(line);
    CHECK_FALSE(audit_record(line));
  }
  auto record = audit_record("type=SYSCALL msg=audit(1.001:2): = == a a1 comm=\"x pid=3");
  REQUIRE(record);
  CHECK(record->pid("pid") == 0);  // inside of an open quote
  CHECK(audit_text("\"") == "\"");
  CHECK(audit_text("ABC") == "ABC");
  CHECK(audit_text("(null)").empty());
  CHECK(audit_text("beef") == "beef");  // the kernel's digits are large
}

TEST_CASE("audit_record: a task's name cannot end the kernel's fields", "[autopsy][audit]") {
  auto record =
      audit_record(R"(type=ANOM_ABEND msg=audit(1.001:2): auid=1 pid=7 comm="msg='pid=9" exe="/x" sig=11 res=1)");
  REQUIRE(record);
  CHECK(record->pid("pid") == 7);
  CHECK(record->raw("sig") == "11");
  CHECK(record->message.empty());
  record = audit_record(R"(type=USER_CMD msg=audit(1.001:2): pid=7 uid=1 msg='cmd="id" pid=9 res=success'UID="x")");
  CHECK(record->pid("pid") == 7);
  CHECK(record->said("res") == "success");
}

TEST_CASE("audit_call: by architecture and number", "[autopsy][audit]") {
  auto name = [](std::string_view arch, std::string_view number) {
    auto call = audit_call(arch, number);
    return call ? std::string(call->name) + "/" + std::to_string(call->signal_argument) : std::string();
  };
  CHECK(name("c000003e", "62") == "kill/1");
  CHECK(name("c000003e", "234") == "tgkill/2");
  CHECK(name("c000003e", "200") == "tkill/1");
  CHECK(name("c000003e", "129") == "rt_sigqueueinfo/1");
  CHECK(name("c000003e", "297") == "rt_tgsigqueueinfo/2");
  CHECK(name("c000003e", "424") == "pidfd_send_signal/1");
  CHECK(name("c000003e", "1073741886") == "kill/1");               // x32
  CHECK(name("c000003e", "1073742360") == "rt_tgsigqueueinfo/2");  // x32
  CHECK(name("c000003e", "37").empty());
  CHECK(name("40000003", "37") == "kill/1");
  CHECK(name("40000003", "62").empty());
  CHECK(name("40000003", "270") == "tgkill/2");
  CHECK(name("c00000b7", "129") == "kill/1");
  CHECK(name("c00000b7", "131") == "tgkill/2");
  CHECK(name("0xc000003e", "62") == "kill/1");
  CHECK(name("12345678", "62").empty());
  CHECK(name("", "").empty());
  CHECK(audit_call("tgkill")->thread_argument == 1);
  CHECK_FALSE(audit_call("read"));
}

TEST_CASE("first_audit_stamp", "[autopsy][audit]") {
  CHECK(first_audit_stamp("rest of a line 1.2\ntype=EOE msg=audit(5.007:1): ") == 5'007'000'000);
  CHECK(first_audit_stamp(R"(x"}
{"ID":"5.007:1","EOE":{}})") == 5'007'000'000);
  CHECK(first_audit_stamp("audit(x) audit(6.000:1)") == 6'000'000'000);
  CHECK_FALSE(first_audit_stamp("audit(audit("));
}

TEST_CASE("audit_quote leaves commands out", "[autopsy][audit]") {
  CHECK(audit_quote("pid=1 msg='cwd=\"/\" cmd=6D7973716C202D70736563726574 terminal=pts/0 res=success'") ==
        "pid=1 msg='cwd=\"/\" cmd=… terminal=pts/0 res=success'");
  CHECK(audit_quote("msg='cmd=\"id\" res=success'\x1dUID=\"x\"") == "msg='cmd=… res=success' UID=\"x\"");
  CHECK(audit_quote("x proctitle=666F6F") == "x proctitle=…");
  CHECK(audit_quote(std::string(9000, 'x')).size() == kLongestQuote);
}

TEST_CASE("laurel_records", "[autopsy][audit]") {
  auto records = laurel_records(
      R"({"ID":"1700000000.123:456","NODE":"web1","SYSCALL":{"arch":"0xc000003e","syscall":62,"success":"yes","exit":0,"pid":20,"uid":0,"comm":"my%20app","exe":"/usr/bin/x","ARGV":["0x7d0","0x9","0x0","0x1"],"SYSCALL":"kill","UID":"root"},"OBJ_PID":[{"opid":5,"ouid":33,"ocomm":"a"},{"opid":6}],"PROCTITLE":{"ARGV":["kill","-9"]},"PATH":[{"name":"x"}]})");
  REQUIRE(records.size() == 4);
  auto call = audit_record(records[0]);
  REQUIRE(call);
  CHECK(call->node == "web1");
  CHECK(call->raw("a1") == "0x9");
  CHECK(call->pid("pid") == 20);
  CHECK(audit_text(call->raw("comm")) == "my app");
  CHECK(call->translated("UID") == "root");
  CHECK(audit_record(records[2])->pid("opid") == 6);
  CHECK(audit_text(audit_record(records[3])->raw("proctitle")) == std::string("kill\0-9", 7));
  for (const char* line : {"", "{", "{}", "[]", R"({"ID":5})", R"({"ID":"x","SYSCALL":{}})",
                           R"({"ID":"1.001:2","SYSCALL":5,"OBJ_PID":[1,[]]})"}) {
    CHECK(laurel_records(line).empty());
  }
  // No value becomes another field.
  auto odd = laurel_records(R"({"ID":"1.001:2","SYSCALL":{"tty":"x pid=7 msg='a","a b=c":"d","pid":3}})");
  REQUIRE(odd.size() == 1);
  CHECK(audit_record(odd[0])->pid("pid") == 3);
  CHECK(audit_record(odd[0])->message.empty());
}
