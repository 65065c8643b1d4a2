// Text about deaths that belong together.
#include "report/cascades.h"

#include "catch.h"
#include "report/renderer.h"

using namespace stapkill;

namespace {

constexpr Time kMs = 1'000'000;
constexpr Time kStart = 1'700'000'000'000'000'000;

ProcessPtr make(int pid, std::string comm, std::string cgroup = "/") {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->start = static_cast<std::uint64_t>(pid) * 10;
  process->comm = std::move(comm);
  process->cgroup = std::move(cgroup);
  return process;
}

const ProcessPtr kMaster = make(31600, "postgres"), kInit = make(1, "systemd"), kKill = make(99, "kill");

ChainStep step(ChainStep::What what, ProcessPtr process, int number) {
  ChainStep made;
  made.what = what;
  made.process = std::move(process);
  made.number = number;
  return made;
}

DeathRecord death(int pid, Time at, ProcessPtr parent, Cause cause, int wait_status) {
  DeathRecord record;
  record.time = kStart + at;
  record.process = make(pid, "postgres");
  record.parent = std::move(parent);
  record.wait_status = wait_status;
  record.verdict.cause = cause;
  record.verdict.confidence = Confidence::certain;
  record.verdict.summary = "postgres(" + std::to_string(pid) + ") ended somehow.";
  return record;
}

DeathRecord killed(int pid, Time at, ProcessPtr parent, const ProcessPtr& killer, Cause cause = Cause::kill) {
  auto record = death(pid, at, std::move(parent), cause, 9);
  record.verdict.killer = killer;
  if (killer) record.verdict.chain = {step(ChainStep::What::signal, killer, 9)};
  return record;
}

/// An exit, with the handler's step where the process itself was asked.
DeathRecord exited(int pid, Time at, ProcessPtr parent, int status, const ProcessPtr& asker = nullptr, int number = 3,
                   bool itself = true) {
  auto record = death(pid, at, std::move(parent), Cause::exit, status << 8);
  if (!asker) return record;
  record.verdict.chain = {step(ChainStep::What::signal, asker, number)};
  if (itself) record.verdict.chain.push_back(step(ChainStep::What::handler, record.process, number));
  return record;
}

SignalRecord signal(Time at) {
  SignalRecord record;
  record.time = kStart + at;
  record.number = 9;
  record.by = By::process;
  record.sender = kKill;
  record.target = make(12, "other");
  return record;
}

std::string render(const std::vector<Record>& records, bool verbose = false) {
  auto renderer = make_text_renderer({.verbose = verbose});
  std::string out;
  for (const auto& record : records) renderer->render(record, out);
  SummaryRecord end;
  end.time = kStart + 5000 * kMs;
  renderer->render(end, out);
  return out.substr(0, out.find("● "));
}

std::string shown(int pid) {
  return "✖ postgres(" + std::to_string(pid) + ") ended somehow.\n";
}

const std::string kBelow = "              ";

/// The same of one that was asked to end, with its chain.
std::string asked(int pid, const std::string& signal, int asker = 99) {
  auto process = "postgres(" + std::to_string(pid) + ")", sender = "kill(" + std::to_string(asker) + ")";
  sender.resize(process.size(), ' ');
  return shown(pid) + kBelow + sender + "  sent " + signal + '\n' + kBelow + process + "  handled " + signal +
         " itself\n";
}

}  // namespace

TEST_CASE("cascades: a parent's reaction to the end of one child is counted", "[report]") {
  std::vector<Record> records = {killed(31613, 0, kMaster, kKill)};
  for (int i = 0; i < 3; ++i) records.emplace_back(exited(31601 + i, (2 + i) * kMs, kMaster, 2, kMaster));
  CHECK(render(records) == shown(31613) + kBelow +
                               "3 of its siblings ended within 10 ms with exit status 2, asked to end by SIGQUIT from "
                               "postgres(31600): postgres(31601), postgres(31602), postgres(31603)\n");
  auto all = render(records, true);
  CHECK(all.find(shown(31602)) != std::string::npos);
  CHECK(all.find("of its siblings") == std::string::npos);
}

TEST_CASE("cascades: one sender and one signal, with the first of many by name", "[report]") {
  std::vector<Record> records;
  for (int i = 0; i < 10; ++i) records.emplace_back(killed(100 + i, i * kMs, make(50 + i, "sh"), kKill));
  CHECK(render(records) == shown(100) + kBelow +
                               "9 others ended within 10 ms, killed by SIGKILL from kill(99): postgres(101), "
                               "postgres(102), postgres(103), postgres(104), postgres(105), postgres(106) and 3 "
                               "more\n");
}

TEST_CASE("cascades: two that only died at about the same time stay two", "[report]") {
  auto stranger = make(98, "kill");
  CHECK(render({killed(100, 0, kMaster, kKill), killed(101, 5 * kMs, kMaster, stranger)}) == shown(100) + shown(101));
  CHECK(render({exited(100, 0, kMaster, 0), exited(101, 5 * kMs, kMaster, 0)}) == shown(100) + shown(101));
  CHECK(render({exited(100, 0, kMaster, 0, kKill), exited(101, 5 * kMs, kMaster, 0)}) ==
        asked(100, "SIGQUIT") + shown(101));
  // Another signal of the same sender, and the same one later.
  auto term = killed(101, 5 * kMs, kMaster, kKill);
  term.wait_status = 15;
  term.verdict.chain[0].number = 15;
  CHECK(render({killed(100, 0, kMaster, kKill), term}) == shown(100) + shown(101));
  CHECK(render({killed(100, 0, kMaster, kKill), killed(101, 11 * kMs, kMaster, kKill)}) == shown(100) + shown(101));
}

TEST_CASE("cascades: the service manager stops several units at once", "[report]") {
  auto first = killed(100, 0, kInit, kInit), second = killed(101, 1 * kMs, kInit, kInit), third = second;
  first.process = make(100, "postgres", "/system.slice/a.service");
  second.process = make(101, "postgres", "/system.slice/b.service");
  third.process = make(102, "postgres", "/system.slice/a.service/below");
  third.verdict.summary = "postgres(102) ended somehow.";
  CHECK(render({first, second, third}) == shown(100) + shown(101) +
                                              "✖ postgres(100): 1 other of its cgroup ended within 10 ms, killed by "
                                              "SIGKILL from systemd(1): postgres(102)\n");
}

TEST_CASE("cascades: a fault among exits is shown", "[report]") {
  auto fault = death(103, 2 * kMs, kMaster, Cause::fault, 11);
  auto text = render({exited(100, 0, kMaster, 2, kKill), exited(101, 1 * kMs, kMaster, 2, kKill), fault,
                      exited(104, 3 * kMs, kMaster, 2, kKill)});
  CHECK(text == asked(100, "SIGQUIT") + shown(103) +
                    "✖ postgres(100): 2 of its siblings ended within 10 ms with exit status 2, asked to end by SIGQUIT "
                    "from kill(99): postgres(101), postgres(104)\n");
  auto unknown = death(101, 1 * kMs, kMaster, Cause::unknown, 9);
  unknown.verdict.killer = kKill;
  CHECK(render({killed(100, 0, kMaster, kKill), unknown}) == shown(100) + shown(101));
}

TEST_CASE("cascades: another exit status has its own line", "[report]") {
  auto text = render({exited(100, 0, kMaster, 0, kKill), exited(101, 1 * kMs, kMaster, 0, kKill),
                      exited(102, 1 * kMs, kMaster, 1, kKill)});
  CHECK(text == asked(100, "SIGQUIT") + kBelow +
                    "1 of its siblings ended within 10 ms with exit status 0, asked to end by SIGQUIT from kill(99): "
                    "postgres(101)\n" +
                    kBelow +
                    "1 of its siblings ended within 10 ms with exit status 1, asked to end by SIGQUIT from kill(99): "
                    "postgres(102)\n");
}

TEST_CASE("cascades: children that end by themselves after their parent", "[report]") {
  auto master = exited(31600, 0, kInit, 0, kKill, 15);
  CHECK(render({master, exited(100, 1 * kMs, kMaster, 0), exited(101, 9 * kMs, kMaster, 0)}) ==
        asked(31600, "SIGTERM") + kBelow +
            "2 of its children ended within 10 ms with exit status 0: postgres(100), postgres(101)\n");
  // One that somebody else asked is another story.
  CHECK(render({master, exited(100, 1 * kMs, kMaster, 0, make(98, "kill"))}) ==
        asked(31600, "SIGTERM") + asked(100, "SIGQUIT", 98));
}

TEST_CASE("cascades: a parent that ends after its children is shown, and they are its children", "[report]") {
  auto text = render({exited(100, 0, kMaster, 0, kKill, 15, false), exited(101, 1 * kMs, kMaster, 0, kKill, 15, false),
                      exited(102, 2 * kMs, kMaster, 0, kKill, 15, false), exited(31600, 4 * kMs, kInit, 0, kKill, 15)});
  CHECK(text == shown(100) + asked(31600, "SIGTERM") + kBelow +
                    "2 of its children ended within 10 ms with exit status 0, after their parent had been sent "
                    "SIGTERM by kill(99): postgres(101), postgres(102)\n");
}

TEST_CASE("cascades: a container whose init ends, however that did", "[report]") {
  auto init = death(31600, 0, kInit, Cause::fault, 11);
  auto text = render({init, killed(100, 1 * kMs, kMaster, kMaster, Cause::pidns_exit),
                      killed(101, 1 * kMs, make(100, "sh"), kMaster, Cause::pidns_exit)});
  CHECK(text == shown(31600) + kBelow +
                    "2 others ended within 10 ms, killed by SIGKILL: postgres(31600), the init of their pid namespace, "
                    "ended: postgres(100), postgres(101)\n");
}

TEST_CASE("cascades: the out-of-memory killer takes a whole cgroup, or two processes", "[report]") {
  auto first = killed(100, 0, kMaster, nullptr, Cause::oom_memcg), second = first, global = first;
  first.process = make(100, "postgres", "/box");
  second.process = make(101, "postgres", "/box/below");
  CHECK(render({first, second}) == shown(100) + kBelow +
                                       "1 of its siblings ended within 10 ms, killed by SIGKILL from the kernel's "
                                       "out-of-memory killer: postgres(101)\n");
  second.process = make(101, "postgres", "/boxes");
  second.verdict.summary = "postgres(101) ended somehow.";
  CHECK(render({first, second}) == shown(100) + shown(101));
  global.verdict.cause = Cause::oom_global;
  second.verdict.cause = Cause::oom_global;
  CHECK(render({global, second}) == shown(100) + shown(101));
}

TEST_CASE("cascades: a process that was named by pid is shown", "[report]") {
  SessionRecord session;
  session.time = kStart;
  session.targets = {{"pid", {"101"}}};
  CHECK(render({session, killed(100, 0, kMaster, kKill), killed(101, 1 * kMs, kMaster, kKill),
                killed(102, 1 * kMs, kMaster, kKill)}) ==
        shown(100) + shown(101) +
            "✖ postgres(100): 1 of its siblings ended within 10 ms, killed by SIGKILL from kill(99): postgres(102)\n");
}

TEST_CASE("cascades: signals do not part them, and the count comes before what is later", "[report]") {
  auto text =
      render({killed(100, 0, kMaster, kKill), signal(0), killed(101, 1 * kMs, kMaster, kKill), signal(3000 * kMs)});
  auto first = text.find("→ other(12)"), count = text.find("✖ postgres(100): 1 of its siblings");
  CHECK(text.starts_with(shown(100)));
  CHECK(first < count);
  CHECK(count < text.rfind("→ other(12)"));
}

TEST_CASE("cascades: a live stream says the count once nothing more can come", "[report]") {
  auto renderer = make_text_renderer({});
  std::string out;
  renderer->render(killed(100, 0, kMaster, kKill), out);
  CHECK(out == shown(100));
  CHECK(renderer->catch_up(kStart + 1 * kMs, out) == 0);
  renderer->render(killed(101, 1 * kMs, kMaster, kKill), out);
  CHECK(renderer->catch_up(kStart + 15 * kMs, out) > 0);
  CHECK(out == shown(100));
  CHECK(renderer->catch_up(kStart + 30 * kMs, out) == 0);
  CHECK(out.starts_with(shown(100) + kBelow + "1 of its siblings"));
}

TEST_CASE("cascades: one that goes on is shown again each second, and memory is bounded", "[report]") {
  std::vector<Record> records;
  for (int i = 0; i < 300; ++i) records.emplace_back(killed(1000 + i, i * 9 * kMs, kMaster, kKill));
  auto text = render(records);
  CHECK(text.find(shown(1000)) == 0);
  CHECK(text.find(shown(1112)) != std::string::npos);  // more than 1 s later
  CHECK(text.find("111 of its siblings ended within 1.0 s, ") != std::string::npos);
  records.clear();
  for (int i = 0; i < 10000; ++i) records.emplace_back(killed(1000 + i, i * 100, kMaster, kKill));
  CHECK(render(records).find("4096 of its siblings") != std::string::npos);
}

TEST_CASE("cascades: names are printed safely", "[report]") {
  auto one = killed(101, 1 * kMs, kMaster, make(99, "ki\x1b[2Jll")), first = killed(100, 0, kMaster, make(99, "kill"));
  one.process = make(101, "a\nb\x1b");
  auto text = render({first, one});
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("a\\nb\\x1b(101)") != std::string::npos);
}
