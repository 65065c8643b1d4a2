#include "backend/bpf/backlog.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("bpf backlog: records leave in the order in which they came", "[bpf]") {
  Backlog backlog;
  CHECK(backlog.empty());
  backlog.add("one");
  backlog.add("");
  CHECK(backlog.front() == "one");
  backlog.drop_front();
  CHECK(backlog.front().empty());
  backlog.add("three");
  backlog.drop_front();
  CHECK(backlog.front() == "three");
  backlog.drop_front();
  CHECK(backlog.empty());
  backlog.add("again");
  CHECK(backlog.front() == "again");
}

TEST_CASE("bpf backlog: more than one chunk, and a record larger than one", "[bpf]") {
  Backlog backlog;
  auto record = [](int number) {
    return std::string(static_cast<std::size_t>(number * 37 % 9000), 'x') + std::to_string(number);
  };
  std::size_t bytes = 0;
  for (int number = 0; number < 2000; ++number) {
    backlog.add(record(number));
    bytes += record(number).size() + 4;
  }
  backlog.add(std::string(3 << 20, 'y'));
  CHECK(backlog.bytes() == bytes + 4 + (3 << 20));
  bool same = true;
  for (int number = 0; number < 2000; ++number) {
    same = same && backlog.front() == record(number);
    backlog.drop_front();
  }
  CHECK(same);
  CHECK(backlog.front() == std::string(3 << 20, 'y'));
  backlog.drop_front();
  CHECK(backlog.empty());
}
