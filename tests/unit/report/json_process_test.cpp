// PROCESS in the stream: what is known of one, and what others put into it.
#include <unistd.h>

#include "base/time.h"
#include "report/json.h"
#include "report/json_lines.h"
#include "sys/users.h"

using namespace json_lines;

TEST_CASE("json: the container of a process, and what its path does not say is null", "[json]") {
  std::string id(64, 'c'), uid = "2c48a299-e1f2-4f4c-9d7a-0123456789ab";
  auto container_at = [](const std::string& cgroup) {
    auto record = make_signal();
    auto target = make_process(100, "sleep");
    target->cgroup = cgroup;
    record.target = target;
    return line_of(record)["target"]["container"];
  };
  CHECK(container_at("/system.slice/docker-" + id + ".scope") ==
        json({{"runtime", "docker"}, {"id", id}, {"pod_uid", nullptr}}));
  CHECK(container_at("/kubepods/burstable/pod" + uid + "/" + id) ==
        json({{"runtime", nullptr}, {"id", id}, {"pod_uid", uid}}));
  CHECK(container_at("/lxc/a\n\"\xff") ==
        json({{"runtime", "lxc"}, {"id", "a\n\"\xef\xbf\xbd"}, {"pod_uid", nullptr}}));
  CHECK(container_at("/docker/" + id.substr(1)).is_null());
}

TEST_CASE("json: an empty argv is not an unknown one", "[json]") {
  auto record = make_signal();
  auto sender = make_process(200, "x");
  sender->argv = std::vector<std::string>();
  record.sender = sender;
  CHECK(line_of(record)["sender"]["argv"] == json::array());
}

TEST_CASE("json: a uid without a name has user null", "[json]") {
  constexpr std::int64_t nobody_has = 4294000123;
  auto record = make_signal();
  auto sender = make_process(200, "x");
  sender->uid = nobody_has;
  sender->user.reset();
  record.sender = sender;
  auto line = line_of(record);
  CHECK(line["sender"]["uid"] == nobody_has);
  CHECK(line["sender"]["user"].is_null());
}

TEST_CASE("json: who logged in, and the terminal", "[json]") {
  auto sender = make_process(200, "x");
  sender->login = Login{1000, 3};
  sender->login_user = "alice";
  sender->tty = "pts/3";
  auto record = make_signal();
  record.sender = sender;
  auto line = line_of(record);
  CHECK(line["sender"]["loginuid"] == 1000);
  CHECK(line["sender"]["login"] == "alice");
  CHECK(line["sender"]["audit_session"] == 3);
  CHECK(line["sender"]["tty"] == "pts/3");
  auto target = make_process(100, "y");
  target->login = Login{-1, -1};
  target->tty = "";
  record.target = target;
  line = line_of(record);
  for (const char* name : {"loginuid", "login", "audit_session", "tty"}) {
    INFO(name);
    REQUIRE(line["target"].contains(name));
    CHECK(line["target"][name].is_null());
  }
}

TEST_CASE("json: the unit that a cgroup names", "[json]") {
  const std::pair<const char*, json> rows[] = {
      {"/system.slice/cron.service", "cron.service"},
      {"/system.slice/cron.service/sub", "cron.service"},
      {"/user.slice/user-0.slice/session-3.scope", "session-3.scope"},
      {"/user.slice/user-1.slice/user@1.service/app.slice/a.service", "a.service"},
      {"/", nullptr},
      {"", nullptr},
      {"/x.slice", nullptr},
      {"/.service", nullptr},
  };
  for (const auto& [cgroup, unit] : rows) {
    INFO(cgroup);
    auto record = make_signal();
    auto sender = make_process(200, "x");
    sender->cgroup = cgroup;
    record.sender = sender;
    CHECK(line_of(record)["sender"]["unit"] == unit);
  }
}

TEST_CASE("json: hostile bytes of processes cannot leave their string", "[json]") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  auto hostile = make_process(200, "a\"},\"x\":{\n");
  hostile->exe = "/tmp/\xff\xfe";
  hostile->cwd = "\x1b[2J\\";
  hostile->cgroup = all;
  hostile->argv = std::vector<std::string>{all, "", "\xed\xa0\x80", "\xe2\x80\xae"};
  auto record = make_signal();
  record.sender = hostile;
  record.ancestry = std::make_shared<std::vector<ProcessPtr>>(std::vector<ProcessPtr>{hostile});
  auto line = line_of(record);
  CHECK(line["sender"]["comm"] == "a\"},\"x\":{\n");
  CHECK(line["sender"]["exe"] == "/tmp/\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(line["sender"]["cwd"] == "\x1b[2J\\");
  CHECK(line["sender"]["argv"].size() == 4);
  CHECK(line["sender"]["argv"][1] == "");
  CHECK(line["sender"]["argv"][3] == "\xe2\x80\xae");
  CHECK(line["sender"]["cgroup"].get<std::string>().substr(0, 128) == all.substr(0, 128));
  CHECK(names_of(line) == names_of(line_of(make_signal())));
  CHECK(names_of(line["sender"]) == names_of(line["target"]));
  CHECK(line["ancestry"][0]["comm"] == line["sender"]["comm"]);
}

TEST_CASE("json: the same process twice gives the same object", "[json]") {
  auto record = make_signal();
  record.target = record.sender;
  record.target_tid = record.sender_tid;
  auto line = line_of(record);
  CHECK(line["sender"] == line["target"]);
  auto again = line_of(record);
  CHECK(again == line);
}

TEST_CASE("json: what is suspicious about a process", "[json]") {
  auto record = make_signal();
  CHECK_FALSE(line_of(record)["sender"].contains("flags"));  // as for most
  auto sender = make_process(200, "vGhyM0");
  sender->flags = {"temporary-exe", "of a recorded \"stream\n"};
  record.sender = sender;
  auto ancestor = make_process(150, "x");
  ancestor->flags = {"memfd-exe"};
  ancestor->ended = true;
  record.ancestry = std::make_shared<std::vector<ProcessPtr>>(std::vector<ProcessPtr>{ancestor});
  auto line = line_of(record);
  CHECK(line["sender"]["flags"] == json::array({"temporary-exe", "of a recorded \"stream\n"}));
  CHECK(line["ancestry"][0]["flags"] == json::array({"memfd-exe"}));
  CHECK(line["ancestry"][0]["ended"] == true);
  CHECK_FALSE(line["target"].contains("flags"));
}

TEST_CASE("json: what was rendered of a process is never another one's", "[json]") {
  // More processes than the renderer keeps texts for; each lives only as long as its record.
  ProcessJson kept;
  for (int round = 0; round < 3; ++round) {
    for (int pid = 1; pid <= 1000; ++pid) {
      auto record = make_signal();
      record.sender = make_process(pid, "p" + std::to_string(pid));
      std::string out;
      append_json(out, record, kept);
      auto line = json::parse(out);
      REQUIRE(line["sender"]["pid"] == pid);
      REQUIRE(line["sender"]["comm"] == "p" + std::to_string(pid));
    }
  }
}

TEST_CASE("json: a process and an ancestry that come again are rendered alike", "[json]") {
  ProcessJson kept;
  auto record = make_signal();
  std::string first, again;
  append_json(first, record, kept);
  append_json(again, record, kept);
  CHECK(first == again);
  // The thread is the record's, not the process's.
  record.sender_tid = 4711;
  std::string other;
  append_json(other, record, kept);
  CHECK(json::parse(other)["sender"]["tid"] == 4711);
}
