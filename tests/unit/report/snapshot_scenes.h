#pragma once

// Records of each kind for the snapshots of the text report.
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "model/record.h"

namespace scenes {

using namespace stapkill;

inline constexpr Time kTime = 1'795'746'859'123'000'000, kMillisecond = 1'000'000, kSecond = 1'000'000'000;

struct Scene {
  std::string name;
  std::vector<Record> records;
};

inline std::shared_ptr<Process> process(int pid, const std::string& comm, std::vector<std::string> argv = {}) {
  auto made = std::make_shared<Process>();
  made->pid = pid;
  made->start = static_cast<std::uint64_t>(pid);
  made->comm = comm;
  made->exe = "/usr/bin/" + comm;
  made->cwd = "/srv/shop";
  made->uid = 0;
  made->user = "root";
  if (argv.empty()) argv = {comm};
  for (const auto& word : argv) made->argv_bytes += word.size() + 1;
  made->argv = std::move(argv);
  return made;
}

inline ProcessPtr server() {
  return process(4711, "server", {"server", "--port", "8080"});
}
inline ProcessPtr killer() {
  return process(200, "kill", {"kill", "-9", "4711"});
}

inline Ancestry parents() {
  return std::make_shared<std::vector<ProcessPtr>>(std::vector<ProcessPtr>{
      process(190, "bash", {"bash", "/opt/shop/restart.sh", "--now", "--reason", "new version"}), process(180, "sshd"),
      process(1, "systemd")});
}

inline SignalRecord signal(int number = SIGKILL) {
  SignalRecord record;
  record.time = kTime;
  record.seq = 1;
  record.number = number;
  record.by = By::process;
  record.sender = killer();
  record.target = server();
  record.syscall = Syscall{"kill", 0, 4711, Aim::process};
  record.ancestry = parents();
  return record;
}

/// A sender of which everything is known, with a command line longer than any terminal.
inline SignalRecord rich_signal() {
  auto record = signal(SIGTERM);
  std::vector<std::string> argv = {"vGhyM0", "--config=/var/lib/shop/configuration/of/the/second/instance.json"};
  for (int at = 0; at < 24; ++at) argv.push_back("--worker-" + std::to_string(at) + "=10.0.0." + std::to_string(at));
  auto sender = process(200, "vGhyM0", argv);
  sender->exe = "/tmp/vGhyM0";
  sender->login = Login{1000, 3};
  sender->login_user = "alice";
  sender->tty = "pts/3";
  sender->flags = {"temporary-exe", "random-name"};
  record.sender = sender;
  record.target_tid = 4713;
  record.frames = {{1, "libc.so.6", 2, "kill", {}, {}, {}},
                   {3, "vGhyM0", 4, "Supervisor::stop_all_workers", "supervisor.cpp", 188, {}}};
  auto memory = process(185, "loader");
  memory->exe = "/memfd:loader (deleted)";
  memory->flags = {"memfd-exe"};
  memory->ended = true;
  auto chain = *parents();
  chain.insert(chain.begin() + 1, memory);
  record.ancestry = std::make_shared<std::vector<ProcessPtr>>(chain);
  return record;
}

inline SignalRecord kernel_signal() {
  auto record = signal(SIGSEGV);
  record.by = By::kernel;
  record.code = 1;
  record.syscall.reset();
  record.sender = server();
  return record;
}

inline SignalRecord wide_signal() {
  auto record = signal();
  auto sender =
      process(201, "清理进程", {"清理进程", "--目录", "/数据/临时文件/上个月的订单和付款记录，包括退款（全部）"});
  sender->cwd = "/数据";
  record.sender = sender;
  return record;
}

inline DeathRecord death(Confidence confidence = Confidence::certain) {
  DeathRecord record;
  record.time = kTime + 3 * kMillisecond;
  record.process = server();
  record.wait_status = SIGKILL;
  auto& verdict = record.verdict;
  verdict.cause = Cause::kill;
  verdict.by = By::process;
  verdict.killer = killer();
  verdict.confidence = confidence;
  verdict.summary =
      "server(4711) was killed by SIGKILL from kill(200), run by /opt/shop/restart.sh (bash 190), in a login of alice "
      "(ssh from 192.0.2.7).";
  verdict.evidence = {"wait status 9: it was killed by SIGKILL",
                      "signal 1: SIGKILL from kill(200) through kill(2), which returned 0, 3 ms before the end"};
  record.ancestry = parents();
  return record;
}

inline DeathRecord unknown_death() {
  auto record = death(Confidence::unknown);
  record.verdict.cause = Cause::unknown;
  record.verdict.killer = nullptr;
  record.verdict.summary = "server(4711) was killed by SIGKILL; nobody was seen to send it.";
  return record;
}

inline ChainStep step(ChainStep::What what, ProcessPtr process, int number, std::string through, Time before,
                      Confidence confidence = Confidence::certain) {
  ChainStep made;
  made.what = what;
  made.process = std::move(process);
  made.number = number;
  made.through = std::move(through);
  made.time = kTime + 3 * kMillisecond - before;
  made.confidence = confidence;
  return made;
}

/// The last `count` of seven steps: one of each kind, one without a process, one without a time.
inline DeathRecord chain(std::size_t count) {
  using What = ChainStep::What;
  auto record = death();
  std::vector<ChainStep> all = {
      step(What::limit, nullptr, SIGKILL, "memory cgroup", 754 * kSecond, Confidence::likely),
      step(What::request, process(900, "systemctl"), 0, "D-Bus", 10 * kSecond),
      step(What::signal, process(1, "systemd"), SIGTERM, "kill(2)", 9 * kSecond + 800 * kMillisecond),
      step(What::relay, process(4700, "containerd-shim"), SIGTERM, "kill(2)", 2 * kSecond, Confidence::likely),
      step(What::handler, process(4710, "supervisor"), SIGTERM, "", 250 * kMillisecond),
      step(What::exit, process(4710, "supervisor"), SIGKILL, "PR_SET_PDEATHSIG", 4 * kMillisecond),
      step(What::signal, killer(), SIGKILL, "kill(2)", 0),
  };
  if (count == all.size()) all[2].time = 0;
  all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(count));
  record.verdict.chain = std::move(all);
  return record;
}

inline SessionRecord session(const std::string& kind, const std::string& value) {
  SessionRecord record;
  record.time = kTime - kSecond;
  record.targets = {{kind, {value}}};
  return record;
}

inline ArmedRecord armed(int processes) {
  ArmedRecord record;
  record.time = kTime - kSecond;
  record.arm_ms = 1234.5;
  record.toolchain = "SystemTap 4.8";
  record.kernel = "6.1.0-56-amd64";
  record.from_cache = true;
  for (int at = 0; at < processes; ++at) record.watching.push_back(process(4711 + at, "server"));
  return record;
}

inline ContainerRecord container(ContainerRecord::What what) {
  ContainerRecord record;
  record.what = what;
  record.time = kTime;
  record.container.id = std::string(64, 'c');
  record.container.runtime = "containerd";
  record.name = "web";
  record.pod = "shop/cart-7d4b9c-x2x7k";
  record.process = server();
  return record;
}

inline std::vector<Record> containers() {
  using What = ContainerRecord::What;
  auto present = container(What::present);
  present.last_status = 137;
  present.last_reason = "OOMKilled";
  auto again = container(What::restarted);
  again.restarts = 3;
  return {session("pod", "shop/cart-7d4b9c-x2x7k"), present, container(What::started), again, container(What::ended)};
}

inline std::vector<Record> traces() {
  TraceRecord fork{TraceRecord::Kind::fork, kTime, process(4712, "server"), server(), 0};
  TraceRecord exec{TraceRecord::Kind::exec, kTime + kMillisecond, rich_signal().sender, nullptr, 0};
  TraceRecord exit{TraceRecord::Kind::exit, kTime + 2 * kMillisecond, process(4712, "server"), nullptr, 256};
  return {fork, exec, exit};
}

inline std::vector<Record> notes() {
  return {LossRecord{kTime, 1843, "the ring buffer of CPU 3 was full (its size is 8 MiB, --buffer-size raises it)"},
          DiagnosticRecord{DiagnosticRecord::Level::warning, kTime, "x",
                           "the kernel keeps no record of signals that were sent before the probes were armed",
                           "watch earlier, or ask for what was logged: stapkill why --name server --since 1h"}};
}

/// A whole group of one parent ends at once: the first is shown, the others are counted.
inline std::vector<Record> cascade() {
  std::vector<Record> all = {session("name", "server")};
  for (int at = 0; at < 4; ++at) {
    auto record = chain(2);
    record.time += at * kMillisecond;
    record.process = process(4711 + at, "server");
    record.parent = process(4000, "pool");
    record.verdict.signal_seq = 1;
    all.emplace_back(record);
  }
  auto far = signal(SIGTERM);
  far.time += 5 * kSecond;
  all.emplace_back(far);
  return all;
}

inline SummaryRecord summary(bool containers) {
  SummaryRecord record;
  record.time = kTime;
  record.signals = 124;
  record.deaths = 3;
  record.lost = 1;
  record.duration_s = 3723.456;
  if (containers) record.restarts = 2;
  return record;
}

inline std::vector<Scene> all() {
  return {
      {"armed", {session("pid", "4711"), armed(1), armed(12), armed(0)}},
      {"signal", {signal()}},
      {"signal-rich", {rich_signal()}},
      {"signal-kernel", {kernel_signal()}},
      {"signal-wide", {wide_signal()}},
      {"death-certain", {death()}},
      {"death-likely", {death(Confidence::likely)}},
      {"death-unknown", {unknown_death()}},
      {"chain-1", {chain(1)}},
      {"chain-2", {chain(2)}},
      {"chain-4", {chain(4)}},
      {"chain-7", {chain(7)}},
      {"trace", traces()},
      {"notes", notes()},
      {"containers", containers()},
      {"summary", {summary(false), summary(true)}},
      {"cascade", cascade()},
  };
}

}  // namespace scenes
