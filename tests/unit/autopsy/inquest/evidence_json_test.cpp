#include "autopsy/inquest/evidence_json.h"

#include "autopsy/inquest/made_findings.h"
#include "catch.h"

using namespace stapkill;

TEST_CASE("saved evidence is read back as it was") {
  auto call = call_of_kill();
  call.subject.uid = 33;
  call.actor.loginuid = 1000;
  call.status = 3;
  call.boot_id = std::string(32, 'b');
  call.since_boot = 5 * kSecond;
  auto evidence = with_kernel_log({oom_kill(), call});
  evidence.findings[0].oom->largest = {{500, "nginx", 1 << 20, -500}};
  auto text = evidence_lines(evidence, "0.0");
  CHECK(looks_like_evidence(text));
  auto reading = read_evidence(text, "file");
  REQUIRE(reading.findings.size() == 2);
  CHECK(reading.findings[0].oom == evidence.findings[0].oom);
  CHECK(reading.findings[1].actor == evidence.findings[1].actor);
  CHECK(reading.findings[1].subject == evidence.findings[1].subject);
  CHECK(reading.findings[1].since_boot == call.since_boot);
  CHECK(reading.findings[1].boot_id == call.boot_id);
  CHECK(reading.findings[1].through == "kill(2)");
  REQUIRE(reading.notes.size() == 1);
  CHECK(reading.notes[0].until == evidence.notes[0].until);
}

TEST_CASE("saved evidence: bytes that are no UTF-8, damaged and made-up lines") {
  auto odd = oom_kill();
  odd.subject.comm = "a\xff\"\nb";
  auto text = evidence_lines(evidence_of({odd}), "0.0");
  CHECK(read_evidence(text, "file").findings.size() == 1);
  auto reading = read_evidence(
      text + "{\"finding\":\"oom-kill\",\"time\":\"x\",\"signal\":-4,\"subject\":[]}\nno json\n[]\n", "file");
  REQUIRE(reading.findings.size() == 2);
  CHECK(reading.findings[1].signal == 0);
  REQUIRE(reading.notes.size() == 1);
  CHECK(reading.notes[0].detail == "2 lines are damaged, and left out");
  CHECK_FALSE(looks_like_evidence("{\"schema\":\"stapkill/1\"}\n"));
}
