#include "cli/why/living.h"

#include "catch.h"
#include "host/made_node.h"

using namespace stapkill;

namespace {

constexpr Time kBooted = Time{1'700'000'000} * 1'000'000'000;

struct Host : MadeNode {
  std::optional<Living> find(const DeathQuery& query) const {
    return find_living(query, {(*this / "").parent_path(), kBooted, 1});
  }
};

DeathQuery of_unit(std::string unit) {
  DeathQuery query;
  query.unit = std::move(unit);
  return query;
}

}  // namespace

TEST_CASE("why living: by pid, name, unit and container", "[why_living]") {
  Host host;
  std::string id(64, 'a');
  host.process(1, "0::/init.scope\n", "systemd");
  host.process(7, "0::/system.slice/nginx.service\n", "nginx");
  host.process(8, "0::/system.slice/nginx.service\n", "nginx", 7);
  host.process(9, MadeNode::v2(MadeNode::docker_v2(id)), "web");
  host.file("var/lib/docker/containers/" + id + "/config.v2.json", R"({"ID":")" + id + R"(","Name":"/front"})");
  DeathQuery query;
  query.pid = 7;
  auto found = host.find(query);
  REQUIRE(found.has_value());
  CHECK(found->place.unit == "nginx.service");
  CHECK(found->process.started == time_of_start(4242, kBooted));
  CHECK(found->others == 0);
  CHECK(host.find(of_unit("nginx"))->others == 1);
  CHECK(living_text(*host.find(of_unit("nginx"))).english().find(", and 1 more like it") != std::string::npos);
  query = {};
  query.container = "front";
  REQUIRE(host.find(query).has_value());
  CHECK(host.find(query)->process.pid == 9);
  query.container = "aaaa";
  CHECK(host.find(query)->place.name == "front");
  query = {};
  query.comm = "web";
  CHECK(host.find(query)->process.pid == 9);
  query.uid = 5;
  CHECK_FALSE(host.find(query).has_value());
}

TEST_CASE("why living: what names nothing finds nothing", "[why_living]") {
  Host host;
  host.process(7, "0::/\n", "nginx");
  CHECK_FALSE(host.find({}).has_value());
  CHECK_FALSE(host.find(of_unit("nginx")).has_value());
}

TEST_CASE("why living: stapkill is not its own answer, nor is the sudo above it", "[why_living]") {
  Host host;
  host.process(5, "0::/\n", "sudo");
  host.process(6, "0::/\n", "stapkill", 5);
  host.process(7, "0::/\n", "sleep");
  DeathQuery query;
  query.cmdline = " 60";
  auto found = find_living(query, {(host / "").parent_path(), kBooted, 6});
  REQUIRE(found.has_value());
  CHECK(found->process.pid == 7);
  CHECK(found->others == 0);
}
