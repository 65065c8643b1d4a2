#include "stream/hosts.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("hosts: the same name and boot is one, also in another file", "[stream]") {
  Hosts hosts;
  HostsOfStream one(hosts, "one.jsonl"), two(hosts, "two.jsonl");
  auto first = one.session("db1", "boot-a"), later = two.session("db1", "boot-a");
  CHECK(first.host == later.host);
  CHECK(first.session != later.session);
  CHECK(first.host->label.empty());  // there is no other
  CHECK(one.origin("").session == first.session);
  CHECK(one.origin("db1").session == first.session);
}

TEST_CASE("hosts: names that are the same get a number", "[stream]") {
  Hosts hosts;
  HostsOfStream one(hosts, "one.jsonl"), two(hosts, "two.jsonl");
  auto first = one.session("db1", "boot-a").host, second = two.session("db1", "boot-b").host;
  CHECK(first != second);
  CHECK(first->label == "db1");
  CHECK(second->label == "db1 (2)");
  CHECK(second->name == "db1");
}

TEST_CASE("hosts: a name that is only blanks can be seen", "[stream]") {
  Hosts hosts;
  HostsOfStream one(hosts, "one.jsonl"), two(hosts, "two.jsonl");
  auto first = one.session("  ", "boot-a").host;
  two.session("db1", "boot-b");
  CHECK(first->label == "?");
  CHECK(first->name == "  ");
}

TEST_CASE("hosts: a stream that begins without a session is of the host that it names later", "[stream]") {
  Hosts hosts;
  HostsOfStream one(hosts, "one.jsonl");
  auto before = one.origin("");
  CHECK(before.host->name == "one.jsonl");
  auto after = one.session("db1", "boot-a");
  CHECK(before.host == after.host);
  CHECK(before.session != after.session);
  CHECK(before.host->name == "db1");
  CHECK(before.host->label.empty());
  HostsOfStream two(hosts, "two.jsonl");
  CHECK(two.origin("").host->label == "two.jsonl");
  CHECK(before.host->label == "db1");
  CHECK(two.session("db1", "boot-a").host == after.host);  // that one is known already
}

TEST_CASE("hosts: a stream that was put together of several", "[stream]") {
  Hosts hosts;
  HostsOfStream one(hosts, "merged.jsonl");
  auto db = one.session("db1", "boot-a"), web = one.session("web1", "boot-b");
  CHECK(one.origin("db1").host == db.host);
  CHECK(one.origin("db1").session == db.session);
  CHECK(one.origin("web1").session == web.session);
  CHECK(one.origin("part.jsonl").host->label == "part.jsonl");
}

TEST_CASE("hosts: a session that does not say its host is of the one before", "[stream]") {
  Hosts hosts;
  HostsOfStream one(hosts, "one.jsonl");
  auto first = one.session("db1", "boot-a"), second = one.session("", "");
  CHECK(second.host == first.host);
  CHECK(one.session("web1", "boot-b").host != first.host);
  CHECK(first.host->label == "db1");
}

TEST_CASE("hosts: there is an end to them", "[stream]") {
  Hosts hosts;
  HostsOfStream one(hosts, "many.jsonl");
  for (std::size_t at = 0; at < Hosts::kMost + 50; ++at) one.session("h" + std::to_string(at), "b");
  CHECK(hosts.host("h0", "b") != hosts.host("another", "b"));
  CHECK(hosts.host("another", "b") == hosts.host("one more", "b"));
  CHECK(one.origin("nobody").host);
}
