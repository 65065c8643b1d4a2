#include "autopsy/records/core_names.h"

#include "catch.h"

using namespace stapkill;

namespace {
constexpr std::string_view kBoot = "0123456789abcdef0123456789abcdef";
std::string named(std::string_view rest) {
  return "core." + std::string(rest);
}
}  // namespace

TEST_CASE("names of systemd-coredump's files", "[autopsy][core]") {
  // systemd 252 (Debian 12)
  auto name = coredump_name(named("nginx.33.0123456789abcdef0123456789abcdef.4711.1700000000000000.zst"));
  REQUIRE(name);
  CHECK(name->compression == "zst");
  CHECK(name->origin.comm == "nginx");
  CHECK(name->origin.uid == 33);
  CHECK(name->origin.boot_id == kBoot);
  CHECK(name->origin.pid == 4711);
  CHECK(name->origin.time == 1'700'000'000'500'000'000);
  CHECK(name->origin.doubt == 500'000'000);
  // systemd 219 (EL 7), a comm with a dot and a blank
  name = coredump_name(named("a\\x2eb\\x20c.0.0123456789abcdef0123456789abcdef.12.1700000000000000.xz"));
  REQUIRE(name);
  CHECK(name->origin.comm == "a.b c");
  CHECK(coredump_name(named("x.0.0123456789abcdef0123456789abcdef.12.1700000000000000"))->compression.empty());
}

TEST_CASE("other names are none of systemd-coredump's", "[autopsy][core]") {
  for (std::string_view name :
       {"core", "core.12", "", "core.a.b.c.d.e", ".#core.x.0.0123456789abcdef0123456789abcdef.1.1",
        "core.x.0.0123456789abcdef0123456789abcdeX.12.1700000000000000",
        "core.x.0.0123456789abcdef0123456789abcdef.0.1700000000000000",
        "core.x.0.0123456789abcdef0123456789abcdef.99999999999.1700000000000000"})
    CHECK_FALSE(coredump_name(name));
  auto far = coredump_name(named("x.0.0123456789abcdef0123456789abcdef.1.9223372036854775807"));
  REQUIRE(far);
  CHECK(far->origin.time > 0);
  CHECK(coredump_name(named("\\x\\x2.0.0123456789abcdef0123456789abcdef.1.1"))->origin.comm == "\\x\\x2");
}

TEST_CASE("core_pattern gives what its names tell", "[autopsy][core]") {
  auto pattern = CorePattern::parse("/var/cores/core.%e.%P.%s.%t.%u.%h%%x\n");
  REQUIRE(pattern);
  CHECK(pattern->directory() == "/var/cores");
  auto origin = pattern->match("core.my.prog.4711.11.1700000000.33.web1%x");
  REQUIRE(origin);
  CHECK(origin->pid == 4711);
  CHECK(origin->signal == 11);
  CHECK(origin->uid == 33);
  CHECK(origin->time == 1'700'000'000'500'000'000);
  CHECK_FALSE(pattern->match("core.my.prog"));
  // %p is of the process's own pid namespace.
  auto local = CorePattern::parse("/core.%p");
  REQUIRE(local);
  CHECK(local->directory() == "/");
  CHECK(local->match("core.77")->pid == 0);
  auto usual = CorePattern::parse("/tmp/core");
  CHECK(usual->match("core"));
  CHECK(usual->match("core.12"));
  CHECK_FALSE(usual->match("core.x"));
}

TEST_CASE("a pattern that puts cores elsewhere is none", "[autopsy][core]") {
  for (std::string_view pattern :
       {"core", "|/usr/lib/systemd/systemd-coredump %P", "@/run/x", "", "/cores/%e/core", "/cores/"})
    CHECK_FALSE(CorePattern::parse(pattern));
  auto cut = CorePattern::parse("/cores/a%");
  REQUIRE(cut);
  CHECK(cut->match("a"));
}
