#include "autopsy/inquest/unit_descriptions.h"

#include "catch.h"
#include "temporary.h"

using namespace stapkill;
using K = Finding::Kind;

namespace {

Finding job(K kind, const std::string& reason, const std::string& unit = "") {
  Finding finding;
  finding.kind = kind;
  finding.through = "systemd";
  finding.reason = reason;
  finding.subject.unit = unit;
  return finding;
}

std::string named(const HostFiles& files, const Finding& finding) {
  std::vector<Finding> one = {finding};
  name_units(files, one);
  return one[0].subject.unit;
}

}  // namespace

TEST_CASE("inquest: the unit files name a job's unit by its description", "[autopsy]") {
  Temporary root;
  root.write("usr/lib/systemd/system/shop.service", "[Unit]\nDescription=Web shop\n[Service]\nExecStart=/bin/shop\n");
  root.write("etc/systemd/system/shop.service", "[Unit]\nDescription=The shop\n");
  root.write("usr/lib/systemd/system/a.service", "[Unit]\nDescription=Twice\n");
  root.write("usr/lib/systemd/system/b.service", "[Unit]\nDescription=Twice\n");
  root.write("usr/lib/systemd/system/inst@.service", "[Unit]\nDescription=Instance\n");
  root.write("usr/lib/systemd/system/host.service", "[Unit]\nDescription=Work of %H\n");
  HostFiles files(root.path().string());
  CHECK(named(files, job(K::unit_stop, "a stop job began: The shop")) == "shop.service");
  CHECK(named(files, job(K::unit_result, "stopped: The shop")) == "shop.service");
  CHECK(named(files, job(K::unit_stop, "a stop job began: Web shop")) == "");  // /etc's file is the one in force
  CHECK(named(files, job(K::unit_stop, "a stop job began: Twice")) == "");
  CHECK(named(files, job(K::unit_stop, "a stop job began: Instance")) == "");
  CHECK(named(files, job(K::unit_stop, "a stop job began: Work of web1")) == "");
  CHECK(named(files, job(K::unit_stop, "a stop job began: The shop", "other.service")) == "other.service");
  auto users = job(K::unit_stop, "a stop job began: The shop");
  users.through = "systemd --user";
  CHECK(named(files, users) == "");
  CHECK(named(HostFiles("/nowhere"), job(K::unit_stop, "a stop job began: The shop")) == "");
}

TEST_CASE("inquest: a stop job before a restart of a unit ends nothing", "[autopsy]") {
  Temporary root;
  root.write("etc/systemd/system/shop.service", "[Unit]\nDescription=The shop\n");
  HostFiles files(root.path().string());
  std::vector<Finding> all = {job(K::unit_start, "a restart is scheduled (Restart=)", "shop.service"),
                              job(K::unit_stop, "a stop job began: The shop"),
                              job(K::unit_start, "a start job began: The shop"),
                              job(K::unit_stop, "a stop job began: The shop")};
  name_units(files, all);
  CHECK(all[1].kind == K::unit_start);
  CHECK(all[3].kind == K::unit_stop);
}
