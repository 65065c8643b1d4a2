#pragma once

// What the tests of reports share: names that try to leave their place, and records made of a name.
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "model/record.h"
#include "sys/file.h"

namespace hostile {

using namespace stapkill;

inline std::string bytes_of(std::string_view line) {
  std::string out;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '%' && at + 2 < line.size()) {
      out += static_cast<char>(std::stoi(std::string(line.substr(at + 1, 2)), nullptr, 16));
      at += 2;
    } else {
      out += line[at];
    }
  }
  return out;
}

/// Those of tests/samples/hostile_names.txt.
inline std::vector<std::string> names() {
  auto text = read_file(std::string(STAPKILL_SAMPLES) + "/hostile_names.txt");
  REQUIRE(text.has_value());
  std::vector<std::string> all;
  std::string_view rest = *text;
  while (!rest.empty()) {
    auto end = std::min(rest.find('\n'), rest.size());
    auto line = rest.substr(0, end);
    if (!line.empty() && !line.starts_with("# ")) all.push_back(bytes_of(line));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  REQUIRE(all.size() > 80);
  return all;
}

inline ProcessPtr process(int pid, const std::string& name) {
  auto made = std::make_shared<Process>();
  made->pid = pid;
  made->start = static_cast<std::uint64_t>(pid);
  made->started = 1'795'746'850'000'000'000;
  made->comm = made->user.emplace() = name;
  made->exe = made->cwd = made->cgroup = made->tty = name;
  made->uid = 0;
  made->argv = std::vector<std::string>{name, name + ' ' + name};
  made->flags = {"temporary-exe"};
  return made;
}

inline constexpr Time kTime = 1'795'746'859'000'000'000;

inline SignalRecord signal(const std::string& name, std::uint64_t seq = 1, int victim = 100) {
  SignalRecord record;
  record.time = kTime;
  record.seq = seq;
  record.number = SIGKILL;
  record.by = By::process;
  record.sender = process(200, name);
  record.target = process(victim, name);
  record.syscall = Syscall{"kill", 0, victim, Aim::process};
  return record;
}

inline DeathRecord death(const std::string& name, std::uint64_t seq = 1, int victim = 100) {
  DeathRecord record;
  record.time = kTime + 5'000'000;
  record.process = process(victim, name);
  record.parent = process(50, name);
  record.wait_status = SIGKILL;
  Verdict& verdict = record.verdict;
  verdict.cause = Cause::kill;
  verdict.by = By::process;
  verdict.killer = verdict.initiator = process(200, name);
  verdict.confidence = Confidence::certain;
  verdict.summary = name + "(100) was killed by SIGKILL from " + name + "(200), run by " + name + '.';
  verdict.evidence = {name, "seen: " + name, name + " (" + name + ')'};
  ChainStep step;
  step.process = verdict.killer;
  step.number = SIGKILL;
  step.signal_seq = seq;
  step.through = "kill(2)";
  step.time = kTime;
  verdict.chain = {step};
  record.ancestry =
      std::make_shared<std::vector<ProcessPtr>>(std::vector<ProcessPtr>{process(150, name), process(1, name)});
  return record;
}

inline SessionRecord session(const std::string& name) {
  SessionRecord record;
  record.time = kTime - 1'000'000'000;
  record.version = "0.1.0";
  record.hostname = record.kernel = record.arch = record.boot_id = name;
  record.backend = "bpf";
  record.targets = {{"name", {name, name}}};
  return record;
}

/// A whole session in which everything has that name.
inline std::vector<Record> records(const std::string& name) {
  LossRecord loss{kTime + 1, 3, name};
  DiagnosticRecord note;
  note.time = kTime + 2;
  note.message = note.remedy = note.id = name;
  SummaryRecord summary;
  summary.time = kTime + 3;
  summary.signals = summary.deaths = 1;
  summary.lost = 3;
  return {session(name), signal(name), loss, note, death(name), summary};
}

}  // namespace hostile
