#include "event/json.h"

#include <unistd.h>

#include <nlohmann/json.hpp>
#include <set>

#include "catch.h"
#include "event/time.h"
#include "sys/users.h"

using namespace stapkill;
using nlohmann::json;

namespace {

constexpr Time kTime = 1795202550'123456789;
constexpr auto kTimeText = "2026-11-20T19:22:30.123456789Z";

/// The one line of a record, as a reader sees it: exactly one newline, at its end.
json line_of(const Record& record) {
  std::string out;
  append_json(out, record);
  REQUIRE(out.size() > 1);
  REQUIRE(out.find('\n') == out.size() - 1);
  return json::parse(out);
}

std::set<std::string> names_of(const json& object) {
  std::set<std::string> names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}

/// Has every name; may have more (CONTRACT 3: a reader ignores what it does not know).
void check_has(const json& object, const std::set<std::string>& names) {
  for (const auto& name : names) {
    INFO(name << " in " << object.dump());
    CHECK(object.contains(name));
  }
}

const std::set<std::string> kProcessNames = {"pid", "tid",  "comm",  "exe",    "argv",      "cwd",
                                             "uid", "user", "start", "cgroup", "container", "unit"};

std::shared_ptr<Process> make_process(int pid, std::string comm) {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->start = 250;
  process->uid = 0;
  process->comm = std::move(comm);
  process->exe = "/usr/bin/" + process->comm;
  process->cwd = "/srv";
  process->cgroup = "/system.slice/app.service";
  process->argv = std::vector<std::string>{process->comm, "60"};
  process->argv_bytes = 9;
  return process;
}

SignalRecord make_signal() {
  SignalRecord record;
  record.time = kTime;
  record.seq = 7;
  record.number = 9;
  record.by = By::process;
  record.sender = make_process(200, "kill");
  record.target = make_process(100, "sleep");
  record.sender_tid = 201;
  record.target_tid = 100;
  record.syscall = Syscall{"kill", 0};
  record.ancestry = std::make_shared<std::vector<ProcessPtr>>(
      std::vector<ProcessPtr>{make_process(150, "bash"), make_process(1, "init")});
  return record;
}

}  // namespace

TEST_CASE("json: session", "[json]") {
  SessionRecord record;
  record.time = kTime;
  record.version = "0.1.0";
  record.hostname = "h";
  record.kernel = "6.1.0";
  record.arch = "x86_64";
  record.boot_id = "b";
  record.backend = "stap";
  record.probes = {"kernel.trace(\"signal:signal_generate\")", "x"};
  record.targets = {{"pid", {"1", "2"}}, {"all", {}}, {"name", {"^a$"}}};
  auto line = line_of(record);
  CHECK(line["type"] == "session");
  CHECK(line["schema"] == "stapkill/1");
  CHECK(line["version"] == "0.1.0");
  CHECK(line["host"] == json({{"hostname", "h"}, {"kernel", "6.1.0"}, {"arch", "x86_64"}, {"boot_id", "b"}}));
  CHECK(line["backend"] == "stap");
  CHECK(line["probes"] == json({"kernel.trace(\"signal:signal_generate\")", "x"}));
  CHECK(line["targets"] == json({{"pid", {"1", "2"}}, {"all", json::array()}, {"name", {"^a$"}}}));
  CHECK(line["time"] == kTimeText);
}

TEST_CASE("json: session without probes and targets", "[json]") {
  auto line = line_of(SessionRecord());
  CHECK(line["probes"] == json::array());
  CHECK(line["targets"] == json::object());
}

TEST_CASE("json: armed", "[json]") {
  ArmedRecord record;
  record.time = kTime;
  record.arm_ms = 12.34;
  auto line = line_of(record);
  CHECK(line["type"] == "armed");
  CHECK(line["time"] == kTimeText);
  CHECK(line["arm_ms"].dump() == "12.3");
}

TEST_CASE("json: signal with all that can be known", "[json]") {
  set_boot_time(1000'000'000'000);
  auto line = line_of(make_signal());
  check_has(line, {"type", "time", "seq", "signal", "by", "sender", "target", "syscall", "ancestry"});
  CHECK(line["type"] == "signal");
  CHECK(line["time"] == kTimeText);
  CHECK(line["seq"] == 7);
  CHECK(line["signal"] ==
        json({{"number", 9}, {"name", "SIGKILL"}, {"code", 0}, {"code_name", "SI_USER"}, {"result", "delivered"}}));
  CHECK(line["by"] == "process");
  CHECK(line["syscall"] == json({{"name", "kill"}, {"ret", 0}}));
  check_has(line["sender"], kProcessNames);
  CHECK(line["sender"]["pid"] == 200);
  CHECK(line["sender"]["tid"] == 201);
  CHECK(line["sender"]["comm"] == "kill");
  CHECK(line["sender"]["exe"] == "/usr/bin/kill");
  CHECK(line["sender"]["argv"] == json({"kill", "60"}));
  CHECK(line["sender"]["cwd"] == "/srv");
  CHECK(line["sender"]["uid"] == 0);
  CHECK(line["sender"]["user"] == "root");
  CHECK(line["sender"]["start"] == "1970-01-01T00:16:42.500000000Z");
  CHECK(line["sender"]["cgroup"] == "/system.slice/app.service");
  CHECK(line["sender"]["container"].is_null());
  CHECK(line["sender"]["unit"] == "app.service");
  check_has(line["target"], kProcessNames);
  CHECK(line["target"]["pid"] == 100);
  CHECK(line["target"]["tid"] == 100);
  REQUIRE(line["ancestry"].size() == 2);
  for (const auto& ancestor : line["ancestry"]) check_has(ancestor, kProcessNames);
  CHECK(line["ancestry"][0]["pid"] == 150);
  CHECK(line["ancestry"][0]["tid"] == 150);
  CHECK(line["ancestry"][1]["pid"] == 1);
  set_boot_time(0);
}

TEST_CASE("json: what is not known is null, and its name is there", "[json]") {
  auto record = make_signal();
  auto unknown = std::make_shared<Process>();
  unknown->pid = 5;
  record.sender = unknown;
  record.sender_tid = 0;
  record.syscall.reset();
  record.by = By::kernel;
  record.ancestry = std::make_shared<std::vector<ProcessPtr>>();
  auto line = line_of(record);
  CHECK(line["by"] == "kernel");
  CHECK(line["syscall"].is_null());
  CHECK(line.contains("syscall"));
  CHECK(line["ancestry"] == json::array());
  check_has(line["sender"], kProcessNames);
  for (const char* name : {"exe", "argv", "cwd", "uid", "user", "cgroup", "container", "unit"}) {
    INFO(name);
    CHECK(line["sender"][name].is_null());
  }
  CHECK(line["sender"]["tid"] == 5);  // a process whose thread is not known stands for its leader
}

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

TEST_CASE("json: a system call whose return was not seen has ret null", "[json]") {
  auto record = make_signal();
  record.syscall = Syscall{"tgkill", std::nullopt};
  auto line = line_of(record);
  CHECK(line["syscall"]["name"] == "tgkill");
  CHECK(line["syscall"].contains("ret"));
  CHECK(line["syscall"]["ret"].is_null());
  record.syscall->ret = -1;
  CHECK(line_of(record)["syscall"]["ret"] == -1);
}

TEST_CASE("json: the results of signal_generate", "[json]") {
  auto record = make_signal();
  const char* names[] = {"delivered", "ignored", "already_pending", "overflow", "info_lost"};
  for (int i = 0; i < 5; ++i) {
    record.result = static_cast<SignalResult>(i);
    CHECK(line_of(record)["signal"]["result"] == names[i]);
  }
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
  if (user_name(nobody_has)) return;
  auto record = make_signal();
  auto sender = make_process(200, "x");
  sender->uid = nobody_has;
  record.sender = sender;
  auto line = line_of(record);
  CHECK(line["sender"]["uid"] == nobody_has);
  CHECK(line["sender"]["user"].is_null());
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

TEST_CASE("json: death by a signal", "[json]") {
  DeathRecord record;
  record.time = kTime;
  record.process = make_process(100, "sleep");
  record.wait_status = 9;
  record.verdict.cause = Cause::kill;
  record.verdict.by = By::process;
  record.verdict.killer = make_process(200, "kill");
  record.verdict.signal_seq = 3;
  record.verdict.confidence = Confidence::certain;
  record.verdict.summary = "sleep(100) was killed.";
  record.verdict.evidence = {"a", "b\n"};
  record.ancestry = std::make_shared<std::vector<ProcessPtr>>(std::vector<ProcessPtr>{make_process(1, "init")});
  auto line = line_of(record);
  CHECK(line["type"] == "death");
  CHECK(line["time"] == kTimeText);
  check_has(line["process"], kProcessNames);
  CHECK(line["process"]["pid"] == 100);
  CHECK(line["exit"] == json({{"kind", "signal"},
                              {"signal", 9},
                              {"signal_name", "SIGKILL"},
                              {"status", nullptr},
                              {"core_dumped", false},
                              {"shell_code", 137}}));
  CHECK(line["verdict"]["cause"] == "kill");
  CHECK(line["verdict"]["by"] == "process");
  check_has(line["verdict"]["killer"], kProcessNames);
  CHECK(line["verdict"]["killer"]["pid"] == 200);
  CHECK(line["verdict"]["signal_seq"] == 3);
  CHECK(line["verdict"]["confidence"] == "certain");
  CHECK(line["verdict"]["summary"] == "sleep(100) was killed.");
  CHECK(line["verdict"]["evidence"] == json({"a", "b\n"}));
  CHECK(line["ancestry"].size() == 1);
}

TEST_CASE("json: death with a core", "[json]") {
  DeathRecord record;
  record.process = make_process(100, "x");
  record.wait_status = 11 | 0x80;
  auto exit = line_of(record)["exit"];
  CHECK(exit["kind"] == "signal");
  CHECK(exit["signal"] == 11);
  CHECK(exit["signal_name"] == "SIGSEGV");
  CHECK(exit["core_dumped"] == true);
  CHECK(exit["shell_code"] == 139);
}

TEST_CASE("json: death by exit", "[json]") {
  DeathRecord record;
  record.process = make_process(100, "x");
  record.wait_status = 137 << 8;
  record.verdict.cause = Cause::exit;
  record.verdict.by = By::self;
  record.verdict.confidence = Confidence::certain;
  auto line = line_of(record);
  CHECK(line["exit"] == json({{"kind", "exit"},
                              {"signal", nullptr},
                              {"signal_name", nullptr},
                              {"status", 137},
                              {"core_dumped", false},
                              {"shell_code", 137}}));
  CHECK(line["verdict"]["cause"] == "exit");
  CHECK(line["verdict"]["by"] == "self");
  CHECK(line["verdict"].contains("killer"));
  CHECK(line["verdict"]["killer"].is_null());
  CHECK(line["verdict"].contains("signal_seq"));
  CHECK(line["verdict"]["signal_seq"].is_null());
  CHECK(line["verdict"]["evidence"] == json::array());
  CHECK(line["ancestry"] == json::array());
}

TEST_CASE("json: the names of causes, parties and confidence", "[json]") {
  CHECK(name_of(Cause::exit) == "exit");
  CHECK(name_of(Cause::kill) == "kill");
  CHECK(name_of(Cause::tkill) == "tkill");
  CHECK(name_of(Cause::sigqueue) == "sigqueue");
  CHECK(name_of(Cause::pidfd) == "pidfd");
  CHECK(name_of(Cause::self) == "self");
  CHECK(name_of(Cause::unknown) == "unknown");
  CHECK(name_of(By::process) == "process");
  CHECK(name_of(By::kernel) == "kernel");
  CHECK(name_of(By::self) == "self");
  CHECK(name_of(Confidence::certain) == "certain");
  CHECK(name_of(Confidence::likely) == "likely");
  CHECK(name_of(Confidence::unknown) == "unknown");
}

TEST_CASE("json: fork, exec and exit", "[json]") {
  TraceRecord record;
  record.time = kTime;
  record.process = make_process(100, "x");
  record.parent = make_process(50, "p");
  record.wait_status = 15;
  record.kind = TraceRecord::Kind::fork;
  auto fork = line_of(record);
  CHECK(fork["type"] == "fork");
  CHECK(fork["time"] == kTimeText);
  check_has(fork["process"], kProcessNames);
  CHECK(fork["process"]["pid"] == 100);
  CHECK(fork["parent"]["pid"] == 50);
  record.kind = TraceRecord::Kind::exec;
  auto exec = line_of(record);
  CHECK(exec["type"] == "exec");
  CHECK(exec["process"]["pid"] == 100);
  record.kind = TraceRecord::Kind::exit;
  auto exit = line_of(record);
  CHECK(exit["type"] == "exit");
  CHECK(exit["process"]["pid"] == 100);
  CHECK(exit["exit"]["signal"] == 15);
}

TEST_CASE("json: loss", "[json]") {
  auto line = line_of(LossRecord{kTime, 12, "SystemTap's buffers"});
  CHECK(line == json({{"type", "loss"}, {"time", kTimeText}, {"count", 12}, {"where", "SystemTap's buffers"}}));
}

TEST_CASE("json: diagnostic", "[json]") {
  auto line = line_of(DiagnosticRecord{DiagnosticRecord::Level::warning, kTime, "stap.transport", "m", "r"});
  CHECK(line["type"] == "diagnostic");
  CHECK(line["level"] == "warning");
  CHECK(line["id"] == "stap.transport");
  CHECK(line["message"] == "m");
  CHECK(line["remedy"] == "r");
  CHECK(line.contains("check"));
  CHECK(line["check"].is_null());
  line = line_of(DiagnosticRecord{DiagnosticRecord::Level::error, kTime, "x", "m", "", "kernel.build"});
  CHECK(line["check"] == "kernel.build");
  CHECK(line["level"] == "error");
  CHECK(line.contains("remedy"));
  CHECK(line["remedy"].is_null());
}

TEST_CASE("json: summary", "[json]") {
  SummaryRecord record;
  record.time = kTime;
  record.signals = 3;
  record.deaths = 2;
  record.lost = 1;
  record.duration_s = 1.5;
  auto line = line_of(record);
  CHECK(line["type"] == "summary");
  CHECK(line["time"] == kTimeText);
  CHECK(line["signals"] == 3);
  CHECK(line["deaths"] == 2);
  CHECK(line["lost"] == 1);
  CHECK(line["duration_s"] == 1.5);
}

TEST_CASE("json: records follow each other, one a line", "[json]") {
  std::string out;
  append_json(out, SummaryRecord());
  append_json(out, LossRecord());
  auto end = out.find('\n');
  CHECK(json::parse(out.substr(0, end))["type"] == "summary");
  CHECK(json::parse(out.substr(end + 1))["type"] == "loss");
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
