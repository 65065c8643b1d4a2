#pragma once

// What the tests of the engine share: a machine in memory, and an engine with the records that it has emitted.
#include <sys/syscall.h>

#include "engine/engine.h"
#include "events.h"

namespace engines {

using namespace stapkill;

constexpr Time kMillisecond = 1'000'000;

/// A machine with the processes that a test puts there.
struct MemoryMachine : Machine {
  std::map<int, ProcEntry> processes;
  std::map<std::string, std::string> pods;  ///< names by uid
  std::map<std::string, PodRuns> runs;
  std::optional<ScriptText> script;  ///< the answer about every line

  void add(const kernel::Task& task, int parent) {
    ProcEntry entry;
    entry.process.pid = task.pid;
    entry.process.start = task.start;
    entry.process.comm = task.comm;
    entry.parent = parent;
    processes[task.pid] = entry;
  }
  MachineFacts facts() override { return {"a host", "6.1.0", "x86_64", "id", "core", 1 << 20}; }
  int own_pid() override { return 0; }
  std::optional<ProcEntry> read_process(int pid) override {
    auto at = processes.find(pid);
    return at == processes.end() ? std::nullopt : std::optional(at->second);
  }
  std::vector<int> children_of(int /*pid*/) override { return {}; }
  void for_each_process(const std::function<void(ProcEntry)>& visit) override {
    for (const auto& [pid, entry] : processes) visit(entry);
  }
  std::optional<std::string> user_name(std::int64_t /*uid*/) override { return std::nullopt; }
  std::optional<std::string> tcp_peer(const Process& /*process*/) override { return std::nullopt; }
  std::optional<std::string> login_origin(std::int64_t /*session*/) override { return std::nullopt; }
  std::optional<std::string> at_job(const Process& /*process*/) override { return std::nullopt; }
  std::optional<std::string> container_name(const std::string& /*id*/) override { return std::nullopt; }
  std::optional<ScriptText> script_text(const Process& /*shell*/, int /*line*/) override { return script; }
  bool has_unit_file(const std::string& /*name*/) override { return false; }
  bool has_package(const std::string& /*path*/) override { return true; }
  bool is_replaced(const std::string& /*path*/) override { return true; }
  std::optional<std::string> pod_name(const std::string& uid) override {
    auto at = pods.find(uid);
    return at == pods.end() ? std::nullopt : std::optional(at->second);
  }
  PodRuns pod_runs(const std::string& uid) override { return runs[uid]; }
};

/// One engine, and what it has said so far.
struct Scene {
  MemoryMachine machine;
  std::optional<Engine> engine;
  Time now = 1'000 * kMillisecond;
  std::vector<Record> records;
  std::vector<ProcessKey> watch_too;
  std::vector<std::string> asked;  ///< units about which the manager was asked
  std::vector<AskFrames> stacks;
  std::optional<int> finished;
  int looks = 0, commands = 0;

  /// `targets` are those of the command line.
  void begin(TargetOptions targets, EngineOptions options = {}) {
    auto made = Targets::make(std::move(targets));
    engine.emplace(std::move(*made), std::move(options), machine, Tick{now, 0});
  }
  void take(const Input& input) {
    for (auto& output : engine->take(input)) {
      if (auto* record = std::get_if<Record>(&output)) records.push_back(std::move(*record));
      if (auto* wish = std::get_if<WatchToo>(&output)) watch_too.push_back(wish->process);
      if (auto* wish = std::get_if<AskManager>(&output)) asked.push_back(wish->subject);
      if (auto* wish = std::get_if<AskFrames>(&output)) stacks.push_back(std::move(*wish));
      if (auto* finish = std::get_if<Finish>(&output)) finished = finish->status;
      looks += std::holds_alternative<WantLookAround>(output);
      commands += std::holds_alternative<StartCommand>(output);
    }
  }
  void take(KernelEvent event) {
    event.boot = now;
    take(Input(&event));
  }
  /// Time passes.
  void wait(Time milliseconds) {
    now += milliseconds * kMillisecond;
    take(Tick{now, 0});
  }
  template <typename Kind>
  std::vector<Kind> all() const {
    std::vector<Kind> found;
    for (const auto& record : records) {
      if (const auto* one = std::get_if<Kind>(&record)) found.push_back(*one);
    }
    return found;
  }
};

inline KernelEvent kill_of(kernel::Task sender, kernel::Task target, int number) {
  kernel::Signal signal{.task = sender, .target = target, .number = number, .call = SYS_kill};
  signal.own_context = true;
  signal.aim = target.pid;
  return events::event(signal);
}

}  // namespace engines
