#include "autopsy/inquest/death_words.h"

#include "autopsy/inquest/made_findings.h"
#include "autopsy/inquest/party_words.h"
#include "catch.h"

using namespace stapkill;
using K = Finding::Kind;

TEST_CASE("inquest: a container whose process has only a pid is named as the container") {
  auto end = with_status(in_container(found(K::container_end), 'a'), 3);
  end.subject.comm.clear();
  end.subject.container_name = "web";
  end.subject.pod = "shop/web-0";
  CHECK(has(summary_of(of({end}).deaths[0]), "container web of pod shop/web-0 (pid 500) exited"));
}

TEST_CASE("inquest: findings in words", "[autopsy]") {
  auto call = call_of_kill();
  CHECK(finding_words(call) == "audit: kill(700) sent SIGKILL to nginx(500) by kill(2)");
  call.place = "audit event 1.2:3";
  CHECK(quoted(call) == "audit (audit event 1.2:3): kill(700) sent SIGKILL to nginx(500) by kill(2)");
  call.failed = true;
  CHECK(has(finding_words(call), ", which failed"));
  auto stop = in_unit(found(K::unit_result, 0, 0), "web.service");
  stop.source = "audit";
  stop.quote = "type=SERVICE_STOP msg=audit(1.2:3): pid=1";
  stop.reason = "the service failed";
  CHECK(finding_words(stop) == "audit: web.service: the service failed");
  auto claim = found(K::claim);
  claim.quote = R"("ExitCode":137,"OOMKilled":true)";
  claim.reason = "OOMKilled, by dockerd";
  CHECK(has(finding_words(claim), "OOMKilled, by dockerd"));
  auto file = found(K::core);
  file.quote = "";
  file.place = "/var/lib/systemd/coredump/core.x";
  CHECK(has(finding_words(file), file.place));
  // What is open about a signal is not about an exit.
  CHECK(meaning_of(with_status(found(K::container_end), 1)).size() == 1);
  CHECK(meaning_of(with_status(found(K::container_end), 137)).size() == 2);
}

TEST_CASE("inquest: where stamps are equal, the log's own order is kept", "[autopsy]") {
  auto limit = in_unit(found(K::unit_limit), "nginx.service");
  limit.quote = "first";
  auto end = with_signal(in_unit(found(K::unit_process), "nginx.service"), SIGKILL);
  end.quote = "second";
  auto both = of({limit, end});
  auto line = time_line(both.deaths[0]);
  REQUIRE(line.size() == 2);
  CHECK(line[0]->quote == "first");
}

TEST_CASE("inquest: a line that has two findings is shown once, one that comes again, again") {
  auto end = ended_by(SIGKILL);
  auto claim = found(K::claim, 0.1);
  claim.place = end.place;
  claim.quote = end.quote;
  CHECK(time_line(of({end, claim}).deaths[0]).size() == 1);
  claim.time += kSecond;
  CHECK(time_line(of({end, claim}).deaths[0]).size() == 2);
}

TEST_CASE("inquest: a process without a name is named for its container, a scope for its cgroup", "[autopsy]") {
  Party party;
  party.pid = 9;
  CHECK(words_for(party) == "pid 9");
  party.container_name = "cart";
  CHECK(words_for(party) == "container cart (pid 9)");
  Party scope;
  scope.unit = "user@1000.service";
  scope.cgroup = "/user.slice/user@1000.service/app.slice/a.scope";
  CHECK(words_for(scope) == "cgroup /user.slice/user@1000.service/app.slice/a.scope");
  scope.cgroup = "/user.slice/user@1000.service";
  CHECK(words_for(scope) == "user@1000.service");
}
