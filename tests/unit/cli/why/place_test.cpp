#include "cli/why/place.h"

#include "catch.h"

using namespace stapkill;

namespace {

Place place(std::string comm, std::optional<std::string> unit = {}, std::optional<std::string> exe = {}) {
  return {std::move(comm), std::move(exe), std::move(unit), {}, {}, {}};
}

std::vector<std::string> words_of(const Place& of) {
  std::vector<std::string> words;
  for (const auto& one : same_things(of)) words.push_back(one.words);
  return words;
}

}  // namespace

TEST_CASE("why place: other runs of a service, the best first", "[why_place]") {
  CHECK(words_of(place("nginx", "nginx.service", "/usr/sbin/nginx")) ==
        std::vector<std::string>{"nginx of nginx.service", "nginx of /usr/sbin/nginx", "of nginx.service"});
}

TEST_CASE("why place: a session holds anything", "[why_place]") {
  CHECK(words_of(place("vim", "session-3.scope")) == std::vector<std::string>{"vim of session-3.scope"});
  CHECK(words_of(place("vim", "user@1000.service")) == std::vector<std::string>{"vim of user@1000.service"});
  CHECK(common_ground(place("vim", "session-3.scope"), place("sh", "session-3.scope")).empty());
}

TEST_CASE("why place: a container's id and scope are new with each run", "[why_place]") {
  Place web{"web", "/web", "docker-aaaa.scope", "aaaa", "front", "shop/cart-0"};
  auto all = same_things(web);
  REQUIRE(!all.empty());
  CHECK(all[0].query.container == "front");
  CHECK(all[0].query.comm == "web");
  for (const auto& one : all) CHECK_FALSE(one.query.unit.has_value());
}

TEST_CASE("why place: what two have in common", "[why_place]") {
  auto nginx = place("nginx", "nginx.service");
  CHECK(common_ground(nginx, place("nginx", "nginx.service")) == "the same unit, nginx.service");
  CHECK(common_ground(nginx, place("sh", "nginx.service")) == "the same unit, nginx.service");
  CHECK(common_ground(nginx, place("nginx", "other.service")).empty());
  CHECK(common_ground(place("a", {}, "/bin/a"), place("a", {}, "/bin/a")) == "the same program, /bin/a");
  CHECK(common_ground(place("a", {}, "/bin/a"), place("b", {}, "/bin/a")).empty());
  CHECK(common_ground(place("a"), place("a")).empty());
}

TEST_CASE("why place: fits as the history would find it", "[why_place]") {
  Place web{"web", "/web", "nginx.service", "aaaabbbb", "front", "shop/cart-0"};
  auto fits_with = [&](auto set) {
    DeathQuery query;
    set(query);
    return fits(query, web);
  };
  CHECK(fits_with([](DeathQuery&) {}));
  CHECK(fits_with([](DeathQuery& q) { q.unit = "nginx"; }));
  CHECK(fits_with([](DeathQuery& q) { q.unit = "nginx.service"; }));
  CHECK_FALSE(fits_with([](DeathQuery& q) { q.unit = "ngin"; }));
  CHECK(fits_with([](DeathQuery& q) { q.container = "aaaa"; }));
  CHECK_FALSE(fits_with([](DeathQuery& q) { q.container = "aaa"; }));
  CHECK(fits_with([](DeathQuery& q) { q.container = "front"; }));
  CHECK(fits_with([](DeathQuery& q) { q.pod = "cart-0"; }));
  CHECK(fits_with([](DeathQuery& q) { q.pod = "shop/cart-0"; }));
  CHECK_FALSE(fits_with([](DeathQuery& q) { q.pod = "art-0"; }));
  CHECK_FALSE(fits_with([](DeathQuery& q) { q.comm = "we"; }));
  CHECK_FALSE(fits_with([](DeathQuery& q) { q.exe = "/bin/web"; }));
}
