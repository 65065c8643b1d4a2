#include "report/json.h"

#include <unistd.h>

#include "base/time.h"
#include "report/json_lines.h"
#include "sys/users.h"

using namespace json_lines;

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

TEST_CASE("json: frames, absent where there are none", "[json]") {
  auto record = make_signal();
  CHECK_FALSE(line_of(record).contains("frames"));
  record.frames = {{0x1234, "libc.so.6", 0x99, "abort", "abort.c", 79, "ab12"}, {0x77, "", 0, {}, {}, {}, {}}};
  auto frames = line_of(record)["frames"];
  REQUIRE(frames.size() == 2);
  CHECK(frames[0] == json({{"address", "0x1234"},
                           {"module", "libc.so.6"},
                           {"offset", "0x99"},
                           {"function", "abort"},
                           {"file", "abort.c"},
                           {"line", 79},
                           {"build_id", "ab12"}}));
  for (const char* name : {"module", "offset", "function", "file", "line", "build_id"})
    CHECK(frames[1][name].is_null());
  DeathRecord death;
  death.process = record.target;
  CHECK_FALSE(line_of(death).contains("frames"));
  death.frames = record.frames;
  CHECK(line_of(death)["frames"] == frames);
}

TEST_CASE("json: signal with all that can be known", "[json]") {
  auto line = line_of(make_signal());
  check_has(line, {"type", "time", "seq", "signal", "by", "sender", "target", "syscall", "ancestry"});
  CHECK(line["type"] == "signal");
  CHECK(line["time"] == kTimeText);
  CHECK(line["seq"] == 7);
  CHECK(line["signal"] ==
        json({{"number", 9}, {"name", "SIGKILL"}, {"code", 0}, {"code_name", "SI_USER"}, {"result", "delivered"}}));
  CHECK(line["by"] == "process");
  CHECK(line["syscall"] == json({{"name", "kill"}, {"pid", nullptr}, {"aims_at", nullptr}, {"ret", 0}}));
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
  CHECK(line_of(record)["parent"] == nullptr);
  record.parent = make_process(7, "bash");
  auto line = line_of(record);
  check_has(line["parent"], {"pid", "comm", "start"});
  CHECK(line["parent"]["pid"] == 7);
  CHECK(line["parent"]["comm"] == "bash");
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
  ProcessJson processes;
  append_json(out, SummaryRecord(), processes);
  append_json(out, LossRecord(), processes);
  auto end = out.find('\n');
  CHECK(json::parse(out.substr(0, end))["type"] == "summary");
  CHECK(json::parse(out.substr(end + 1))["type"] == "loss");
}

TEST_CASE("json: what becomes of a container", "[json]") {
  ContainerRecord record;
  record.what = ContainerRecord::What::restarted;
  record.time = kTime;
  record.container = {"cri-o", std::string(64, 'a'), "uid"};
  record.name = "a\nb";
  record.process = make_process(100, "sleep");
  record.restarts = 3;
  record.last_status = 137;
  auto line = line_of(record);
  CHECK(line["type"] == "container");
  CHECK(line["time"] == kTimeText);
  CHECK(line["state"] == "restarted");
  CHECK(line["container"] == json{{"runtime", "cri-o"}, {"id", std::string(64, 'a')}, {"pod_uid", "uid"}});
  CHECK(line["name"] == "a\nb");
  CHECK(line["pod"].is_null());
  CHECK(line["process"]["pid"] == 100);
  CHECK(line["restarts"] == 3);
  CHECK(line["last_status"] == 137);
  CHECK(line["last_reason"].is_null());
  record.process = nullptr;
  record.last_status.reset();
  CHECK(line_of(record)["process"].is_null());
  CHECK(line_of(record)["last_status"].is_null());
}
