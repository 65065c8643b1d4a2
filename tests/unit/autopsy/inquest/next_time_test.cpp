#include "autopsy/inquest/next_time.h"

#include <algorithm>

#include "autopsy/inquest/made_findings.h"
#include "catch.h"

using namespace stapkill;

namespace {

bool advises(const std::vector<Remedy>& all, const std::string& command) {
  return std::any_of(all.begin(), all.end(), [&](const Remedy& one) {
    return std::any_of(one.commands.begin(), one.commands.end(),
                       [&](const std::string& line) { return line.find(command) != std::string::npos; });
  });
}

const Distribution kDebian{"debian", {}, "12", "bookworm", "Debian", "apt-get"};

}  // namespace

TEST_CASE("next time: audit for a sender that nothing names, by the distribution's package") {
  auto evidence = evidence_of({ended_by(SIGKILL)});
  auto deaths = judged(evidence);
  auto all = next_time(&deaths.at(0), evidence, kDebian);
  CHECK(advises(all, "apt-get install auditd"));
  CHECK(advises(all, "auditctl -a always,exit"));
  CHECK(advises(all, "systemctl enable --now stapkill"));
  CHECK_FALSE(advises(all, "coredump"));
  Distribution el{"rocky", {"rhel"}, "9.4", "", "Rocky", "dnf"};
  CHECK(advises(next_time(&deaths.at(0), evidence, el), "dnf install audit"));
}

TEST_CASE("next time: a core for a signal that dumps one, root for what is not permitted") {
  auto evidence = evidence_of({ended_by(SIGABRT)});
  evidence.notes.push_back({SourceNote::State::not_permitted, "audit", "/var/log/audit", "", 0, 0});
  auto deaths = judged(evidence);
  auto all = next_time(&deaths.at(0), evidence, kDebian);
  CHECK(advises(all, "apt-get install systemd-coredump"));
  CHECK(advises(all, "sudo stapkill why"));
}

TEST_CASE("next time: a certain verdict asks for no audit") {
  auto evidence = evidence_of({oom_kill()});
  auto deaths = judged(evidence);
  CHECK_FALSE(advises(next_time(&deaths.at(0), evidence, kDebian), "auditctl"));
}
