#include "report/record_reader.h"

#include <signal.h>

#include <algorithm>

#include "catch.h"
#include "report/json.h"
#include "report/renderer.h"

using namespace stapkill;
using Json = nlohmann::json;

namespace {

constexpr Time kBegan = 1'700'000'000'123'456'789;

ProcessPtr make_process(int pid, const std::string& comm) {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->started = kBegan - 5'000'000'000 + pid;
  process->start = static_cast<std::uint64_t>(pid);
  process->uid = 1000;
  process->user = "alice";
  process->login = Login{1001, 7};
  process->login_user = "bob";
  process->tty = "pts/3";
  process->comm = comm;
  process->exe = "/usr/bin/" + comm;
  process->cwd = "/srv";
  process->cgroup = "/system.slice/docker-" + std::string(64, 'a') + ".scope";
  process->argv = {comm, "-c", "kill \"$X\""};
  process->argv_bytes = 5000;
  process->flags = {"deleted-exe"};
  process->ended = true;
  return process;
}

std::vector<Frame> make_frames() {
  return {{0x7f0011, "libc.so.6", 0x11, "abort", std::nullopt, std::nullopt, "abcd"},
          {0x55, "server", 0x55, "load(int)", "load.cpp", 8, std::nullopt},
          {0x1, "", 0, std::nullopt, std::nullopt, std::nullopt, std::nullopt}};
}

Ancestry parents() {
  return std::make_shared<std::vector<ProcessPtr>>(std::vector{make_process(3, "sh"), make_process(1, "systemd")});
}

/// One of each type, with every member set.
std::vector<Record> all_records() {
  SessionRecord session{kBegan, "0.1", "db1", "6.1.0", "x86_64", "b-1", "bpf", {"p1", "p2"}, {{"pid", {"4"}}}};
  ArmedRecord armed{kBegan + 1, 112.46, "BPF", "6.1.0", true, {make_process(4, "server")}};
  SignalRecord signal;
  signal.time = kBegan + 2;
  signal.seq = 1;
  signal.number = SIGTERM;
  signal.by = By::process;
  signal.result = SignalResult::already_pending;
  signal.sender = make_process(5, "bash");
  signal.target = make_process(4, "server");
  signal.sender_tid = 6;
  signal.target_tid = 7;
  signal.syscall = Syscall{"tgkill", 0, 4, Aim::thread};
  signal.frames = make_frames();
  signal.ancestry = parents();
  DeathRecord death;
  death.time = kBegan + 3;
  death.process = signal.target;
  death.wait_status = SIGSEGV | 0x80;
  death.parent = make_process(1, "systemd");
  death.frames = make_frames();
  death.ancestry = parents();
  auto& verdict = death.verdict;
  verdict.cause = Cause::kill;
  verdict.by = By::process;
  verdict.killer = verdict.initiator = signal.sender;
  verdict.signal_seq = 1;
  verdict.confidence = Confidence::likely;
  verdict.summary = "server(4) was killed.";
  verdict.evidence = {"one", "two"};
  verdict.rule = "kill";
  verdict.chain = {
      {ChainStep::What::handler, signal.target, 1, SIGTERM, "kill(2)", kBegan, Confidence::likely, parents()}};
  ContainerRecord container{ContainerRecord::What::restarted,
                            kBegan + 4,
                            {"docker", std::string(64, 'a'), "11111111-2222-3333-4444-555555555555"},
                            "web",
                            "shop/web-0",
                            signal.target,
                            2,
                            137,
                            "OOMKilled"};
  return {session,
          armed,
          signal,
          death,
          container,
          TraceRecord{TraceRecord::Kind::fork, kBegan, signal.target, signal.sender, 0},
          TraceRecord{TraceRecord::Kind::exec, kBegan, signal.target, nullptr, 0},
          TraceRecord{TraceRecord::Kind::exit, kBegan, signal.target, nullptr, 3 << 8},
          LossRecord{kBegan, 7, "a buffer"},
          DiagnosticRecord{DiagnosticRecord::Level::error, kBegan, "an.id", "what", "do it", "a.check"},
          SummaryRecord{kBegan, 1, 2, 3, 4, 1.234}};
}

std::string json_of(const Record& record) {
  ProcessJson processes;
  std::string out;
  append_json(out, record, processes);
  return out;
}

std::string text_of_all(const std::vector<Record>& records, bool verbose) {
  auto renderer = make_text_renderer({.verbose = verbose, .harmless = true});
  std::string out;
  for (const auto& record : records) renderer->render(record, out);
  return out;
}

}  // namespace

TEST_CASE("record reader: every record comes back as it was", "[stream]") {
  RecordReader reader;
  for (const auto& record : all_records()) {
    auto written = json_of(record);
    auto again = reader.read(Json::parse(written));
    INFO(written);
    REQUIRE(again.has_value());
    CHECK(json_of(*again) == written);
  }
}

TEST_CASE("record reader: text of what was read is the same", "[stream]") {
  RecordReader reader;
  auto records = all_records();
  std::vector<Record> again;
  for (const auto& record : records) again.push_back(*reader.read(Json::parse(json_of(record))));
  for (bool verbose : {false, true}) CHECK(text_of_all(again, verbose) == text_of_all(records, verbose));
}

TEST_CASE("record reader: a process that stays the same is one object, whatever its thread", "[stream]") {
  RecordReader reader;
  auto json = Json::parse(json_of(all_records()[2]));
  auto first = reader.read(json);
  json["sender"]["tid"] = 99;
  auto second = reader.read(json);
  json["sender"]["comm"] = "other";
  auto third = reader.read(json);
  auto sender = [](const auto& record) { return std::get<SignalRecord>(*record).sender; };
  CHECK(sender(first) == sender(second));
  CHECK(sender(first) != sender(third));
}

TEST_CASE("record reader: what is missing or of another kind is not known", "[stream]") {
  RecordReader reader;
  for (auto record : all_records()) {
    auto whole = Json::parse(json_of(record));
    for (const auto& [name, value] : whole.items()) {
      for (const Json& other :
           {Json(), Json(7), Json("x"), Json::array({1, nullptr}), Json::object(), Json(-1), Json(1e300)}) {
        auto changed = whole;
        if (name != "type") changed[name] = other;
        auto read = reader.read(changed);
        if (read) CHECK_FALSE(json_of(*read).empty());
        if (read) (void)text_of_all({*read}, true);
        changed.erase(name);
        if (auto rest = reader.read(changed)) (void)text_of_all({*rest}, true);
      }
    }
  }
  CHECK_FALSE(reader.read(Json::parse(R"({"type":"weather"})")));
  CHECK_FALSE(reader.read(Json::parse(R"({"type":"signal"})")));
  CHECK_FALSE(reader.read(Json::parse(R"({"type":"death","process":null})")));
  CHECK_FALSE(reader.read(Json::parse("[]")));
}

TEST_CASE("record reader: numbers and times out of all limits", "[stream]") {
  RecordReader reader;
  auto read = reader.read(Json::parse(
      R"({"type":"death","time":"9999-12-31T23:59:59Z","process":{"pid":99999999999,"start":"1700-01-01T00:00:00Z"},)"
      R"("exit":{"kind":"signal","signal":200}})"));
  REQUIRE(read.has_value());
  const auto& death = std::get<DeathRecord>(*read);
  CHECK(death.time == 0);
  CHECK(death.process->pid == 0);
  CHECK(death.process->started == 0);
  CHECK(death.wait_status == 0);
}
