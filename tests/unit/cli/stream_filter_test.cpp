#include "cli/stream_filter.h"

#include "catch.h"
#include "cli/filter_options.h"
#include "cli/target_options.h"

using namespace stapkill;
using nlohmann::json;

namespace {

constexpr auto kAll = joined(kTargetOptions, kFilterOptions);
const std::string kId(64, 'a'), kOtherId(64, 'b');

Result<StreamFilter> filter_of(const std::vector<std::string>& words) {
  auto arguments = parse_arguments(kAll, words);
  REQUIRE(arguments.has_value());
  return StreamFilter::make(*arguments);
}

json process(int pid, const std::string& comm, const std::string& id = kId) {
  return {{"pid", pid},  {"comm", comm},   {"start", "2026-11-30T10:00:00Z"}, {"cgroup", "/docker/" + id},
          {"uid", 1000}, {"user", "alice"}};
}

json death(const json& process, const std::string& kind = "signal") {
  return {
      {"type", "death"}, {"process", process}, {"exit", {{"kind", kind}, {kind == "signal" ? "signal" : "status", 9}}}};
}

json signal(const json& target, const json& sender, int number = 9) {
  return {{"type", "signal"}, {"target", target}, {"sender", sender}, {"signal", {{"number", number}}}};
}

/// One filter and what it says of records.
struct Filtered {
  StreamFilter filter;
  RecordReader reader;

  explicit Filtered(const std::vector<std::string>& words) : filter(*filter_of(words)) {}

  bool passes(const json& value, std::size_t stream = 0) {
    StreamRecord record{value.dump(), value.value("type", ""), 0, "", false, reader.read(value)};
    return filter.passes(record, stream);
  }
  json summary(std::size_t stream = 0) {
    json value = {{"type", "summary"}, {"signals", 90}, {"deaths", 80}, {"lost", 7}, {"later", 1}};
    StreamRecord record{value.dump(), "summary", 0, "", false, reader.read(value)};
    CHECK(filter.passes(record, stream));
    return json::parse(record.json);
  }
};

}  // namespace

TEST_CASE("stream filter: without targets and filters all passes, and stays as it is", "[stream]") {
  Filtered filtered({});
  CHECK(filtered.passes(death(process(1, "a"))));
  CHECK(filtered.passes({{"type", "weather"}}));
  CHECK(filtered.summary()["signals"] == 90);
}

TEST_CASE("stream filter: a process that matched is asked for until it ends", "[stream]") {
  Filtered filtered({"--name", "^nginx$"});
  auto sender = process(9, "sh");
  CHECK_FALSE(filtered.passes(signal(process(4, "other"), sender)));
  CHECK(filtered.passes(signal(process(4, "nginx"), sender)));
  CHECK(filtered.passes(signal(process(4, "renamed"), sender)));
  CHECK_FALSE(filtered.passes(signal(process(4, "renamed"), sender), 1));  // another host's
  CHECK(filtered.passes(death(process(4, "renamed"))));
  CHECK_FALSE(filtered.passes(death(process(4, "renamed"))));
  auto summary = filtered.summary();
  CHECK(summary["signals"] == 2);
  CHECK(summary["deaths"] == 1);
  CHECK(summary["lost"] == 7);
  CHECK(summary["later"] == 1);
}

TEST_CASE("stream filter: users by their names of then", "[stream]") {
  CHECK(Filtered({"--uid", "alice"}).passes(death(process(4, "a"))));
  CHECK(Filtered({"--uid", "1000"}).passes(death(process(4, "a"))));
  CHECK(Filtered({"--uid", "bob", "--uid", "alice"}).passes(death(process(4, "a"))));
  CHECK_FALSE(Filtered({"--uid", "bob"}).passes(death(process(4, "a"))));
  auto one = signal(process(4, "a"), process(5, "b"));
  CHECK(Filtered({"--sender-uid", "alice"}).passes(one));
  CHECK_FALSE(Filtered({"--sender-uid", "bob"}).passes(one));
  CHECK(Filtered({"--sender-uid", "bob"}).passes(death(process(4, "a"))));
  CHECK_FALSE(Filtered({"--sender-uid", "bob", "--uid", "alice"}).passes(one));
}

TEST_CASE("stream filter: a container by its id, or by the name that a record says", "[stream]") {
  CHECK(Filtered({"--container", "aaaaaaaaaaaa"}).passes(death(process(4, "a"))));
  CHECK_FALSE(Filtered({"--container", "aaaaaaaaaaaa"}).passes(death(process(4, "a", kOtherId))));
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--container", "web"}, {"--pod", "shop/web-0"}, {"--pod", "web-0"}}) {
    Filtered filtered(words);
    const std::string uid = "11111111-2222-3333-4444-555555555555";
    json container = {
        {"type", "container"}, {"container", {{"id", kId}, {"pod_uid", uid}}}, {"name", "web"}, {"pod", "shop/web-0"}};
    auto inside = process(4, "a");
    inside["cgroup"] = "/kubepods/pod" + uid + "/" + kId;
    CHECK_FALSE(filtered.passes(death(inside)));
    CHECK(filtered.passes(container));
    CHECK(filtered.passes(death(inside)));
    container["container"] = {{"id", kOtherId}, {"pod_uid", nullptr}};
    container["name"] = container["pod"] = "db";
    CHECK_FALSE(filtered.passes(container));
  }
}

TEST_CASE("stream filter: signals, senders and deaths", "[stream]") {
  auto one = signal(process(4, "a"), process(5, "b"), 15);
  CHECK(Filtered({"--signal", "TERM,KILL"}).passes(one));
  CHECK_FALSE(Filtered({"--signal", "KILL"}).passes(one));
  CHECK(Filtered({"--sender-pid", "5"}).passes(one));
  CHECK_FALSE(Filtered({"--sender-pid", "4"}).passes(one));
  CHECK(Filtered({"--deaths", "killed"}).passes(death(process(4, "a"))));
  CHECK_FALSE(Filtered({"--deaths", "killed"}).passes(death(process(4, "a"), "exit")));
  CHECK(Filtered({"--deaths", "abnormal"}).passes(death(process(4, "a"), "exit")));
}

TEST_CASE("stream filter: a session begins the counts again", "[stream]") {
  Filtered filtered({"--all"});
  CHECK(filtered.passes(death(process(4, "a"))));
  CHECK(filtered.passes({{"type", "session"}}));
  CHECK(filtered.passes(death(process(5, "a"))));
  CHECK(filtered.summary()["deaths"] == 1);
}

TEST_CASE("stream filter: wrong words", "[stream]") {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--children"}, {"--name", "("}, {"--signal", "NOPE"}, {"--deaths", "some"}}) {
    auto made = filter_of(words);
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().kind == ErrorKind::usage);
  }
}
