#include "session/recorded_machine.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/system_paths.h"
#include "sys/clock.h"

namespace stapkill {
namespace {

/// Passes every question on and writes the answer into the recording.
class LoggedMachine : public Machine {
 public:
  LoggedMachine(std::unique_ptr<Machine> machine, std::shared_ptr<RecordingWriter> recording)
      : machine_(std::move(machine)), recording_(std::move(recording)) {}

  MachineFacts facts() override { return machine_->facts(); }
  int own_pid() override {
    int pid = machine_->own_pid();
    recording_->note("self", [&](WireLine& line) { line.number(pid); });
    return pid;
  }
  std::optional<ProcEntry> read_process(int pid) override {
    auto entry = machine_->read_process(pid);
    if (entry) write_process(*entry);
    return entry;
  }
  std::vector<int> children_of(int pid) override { return machine_->children_of(pid); }  // each is read next
  void for_each_process(const std::function<void(ProcEntry)>& visit) override {
    recording_->note("all", [](WireLine&) {});
    machine_->for_each_process([&](ProcEntry entry) {
      write_process(entry);
      visit(std::move(entry));
    });
  }
  std::optional<std::string> user_name(std::int64_t uid) override {
    auto name = machine_->user_name(uid);
    if (name && users_.insert(uid).second) {
      recording_->note("user", [&](WireLine& line) { line.number(uid).bytes(*name); });
    }
    return name;
  }
  std::optional<std::string> tcp_peer(const Process& process) override {
    auto peer = machine_->tcp_peer(process);
    if (peer) {
      recording_->note("peer", [&](WireLine& line) { line.number(process.pid).number(process.start).bytes(*peer); });
    }
    return peer;
  }
  std::optional<std::string> login_origin(std::int64_t session) override {
    auto origin = machine_->login_origin(session);
    if (origin) recording_->note("login", [&](WireLine& line) { line.number(session).bytes(*origin); });
    return origin;
  }
  std::optional<std::string> at_job(const Process& process) override {
    auto job = machine_->at_job(process);
    if (job) {
      recording_->note("job", [&](WireLine& line) { line.number(process.pid).number(process.start).bytes(*job); });
    }
    return job;
  }
  std::optional<std::string> container_name(const std::string& id) override {
    auto name = machine_->container_name(id);
    if (name) recording_->note("name", [&](WireLine& line) { line.bytes(id).bytes(*name); });
    return name;
  }
  std::optional<ScriptText> script_text(const Process& shell, int number) override {
    auto text = machine_->script_text(shell, number);
    if (lines_.size() >= kMostAnswers) lines_.clear();
    if (text && lines_.insert({key_of(shell), number}).second) {
      recording_->note("line", [&](WireLine& line) {
        line.number(shell.pid).number(shell.start).number(number).number(int{text->sources}).bytes(text->line);
      });
    }
    return text;
  }
  bool has_unit_file(const std::string& name) override {
    bool has = machine_->has_unit_file(name);
    recording_->note("unit", [&](WireLine& line) { line.bytes(name).number(int{has}); });
    return has;
  }
  bool has_package(const std::string& path) override { return answered("package", path, machine_->has_package(path)); }
  bool is_replaced(const std::string& path) override { return answered("replaced", path, machine_->is_replaced(path)); }
  std::optional<std::string> pod_name(const std::string& uid) override {
    auto name = machine_->pod_name(uid);
    if (name) recording_->note("pod", [&](WireLine& line) { line.bytes(uid).bytes(*name); });
    return name;
  }
  PodRuns pod_runs(const std::string& uid) override {
    auto runs = machine_->pod_runs(uid);
    recording_->note("runs", [&](WireLine& line) {
      line.bytes(uid);
      for (const auto& [container, run] : runs) line.bytes(container).number(run);
    });
    return runs;
  }

 private:
  void write_process(const ProcEntry& entry) {
    recording_->process(entry);
    const Process& process = entry.process;
    if (!process.exec_cwd) return;
    recording_->note("script",
                     [&](WireLine& line) { line.number(process.pid).number(process.start).bytes(*process.exec_cwd); });
  }

  /// An answer about a file. The same question comes with every change of a process: writes only new answers.
  bool answered(const char* question, const std::string& path, bool answer) {
    if (answers_.size() >= kMostAnswers) answers_.clear();
    auto [at, fresh] = answers_.try_emplace({question, path}, answer);
    if (fresh || at->second != answer) {
      recording_->note(question, [&](WireLine& line) { line.bytes(path).number(int{answer}); });
    }
    at->second = answer;
    return answer;
  }

  static constexpr std::size_t kMostAnswers = 4096;  // remembered; a forgotten one is written again
  std::unique_ptr<Machine> machine_;
  std::shared_ptr<RecordingWriter> recording_;
  std::map<std::pair<std::string_view, std::string>, bool> answers_;  ///< the last ones written
  std::set<std::int64_t> users_;                                      ///< whose names were written
  std::set<std::pair<ProcessKey, int>> lines_;                        ///< of scripts that were written
};

class RecordedMachine : public Machine {
 public:
  explicit RecordedMachine(std::shared_ptr<RecordingReader> recorded) : recorded_(std::move(recorded)) {}

  MachineFacts facts() override { return recorded_->facts().machine; }

  int own_pid() override { return recorded_->facts().self; }
  std::optional<ProcEntry> read_process(int pid) override {
    auto at = recorded_->asked().find(pid);
    return at == recorded_->asked().end() ? std::nullopt : std::optional(with_script(at->second));
  }
  std::vector<int> children_of(int pid) override {
    std::vector<int> children;
    for (const auto& [child, entry] : recorded_->asked()) {
      if (entry.parent == pid) children.push_back(child);
    }
    return children;
  }
  void for_each_process(const std::function<void(ProcEntry)>& visit) override {
    for (const auto& entry : recorded_->living()) visit(with_script(entry));
  }
  std::optional<std::string> user_name(std::int64_t uid) override {
    auto at = recorded_->facts().users.find(uid);
    return at == recorded_->facts().users.end() ? std::nullopt : std::optional(at->second);
  }
  std::optional<std::string> tcp_peer(const Process& process) override {
    auto at = recorded_->facts().peers.find({process.pid, process.start});
    return at == recorded_->facts().peers.end() ? std::nullopt : std::optional(at->second);
  }
  std::optional<std::string> login_origin(std::int64_t session) override {
    auto at = recorded_->facts().logins.find(session);
    return at == recorded_->facts().logins.end() ? std::nullopt : std::optional(at->second);
  }
  std::optional<std::string> at_job(const Process& process) override {
    auto at = recorded_->facts().at_jobs.find({process.pid, process.start});
    return at == recorded_->facts().at_jobs.end() ? std::nullopt : std::optional(at->second);
  }
  std::optional<std::string> container_name(const std::string& id) override {
    auto at = recorded_->facts().container_names.find(id);
    return at == recorded_->facts().container_names.end() ? std::nullopt : std::optional(at->second);
  }
  std::optional<ScriptText> script_text(const Process& shell, int line) override {
    auto at = recorded_->facts().lines.find({key_of(shell), line});
    return at == recorded_->facts().lines.end() ? std::nullopt : std::optional(at->second);
  }
  bool has_unit_file(const std::string& name) override {
    auto at = recorded_->facts().units.find(name);
    return at != recorded_->facts().units.end() && at->second;
  }
  bool has_package(const std::string& path) override {
    return recorded_->answer("package", path).value_or(in_system_directory(path));
  }
  bool is_replaced(const std::string& path) override {
    return recorded_->answer("replaced", path).value_or(in_local_system(path));
  }
  std::optional<std::string> pod_name(const std::string& uid) override {
    auto at = recorded_->facts().pods.find(uid);
    return at == recorded_->facts().pods.end() ? std::nullopt : std::optional(at->second);
  }
  PodRuns pod_runs(const std::string& uid) override { return recorded_->runs(uid); }

 private:
  ProcEntry with_script(ProcEntry entry) const {
    const auto& known = recorded_->facts().scripts;
    auto at = known.find({entry.process.pid, entry.process.start});
    if (at != known.end()) entry.process.exec_cwd = at->second;
    return entry;
  }

  std::shared_ptr<RecordingReader> recorded_;
};

bool add_pids(const std::vector<std::string>& words, std::vector<int>& pids) {
  for (const auto& word : words) {
    int pid = 0;
    auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), pid);
    if (error != std::errc() || end != word.data() + word.size() || pid <= 0) return false;
    pids.push_back(pid);
  }
  return true;
}

}  // namespace

Tick begin_recording(RecordingWriter& recording, const std::string& backend, Machine& machine,
                     const TargetOptions& targets, const std::vector<ContainerRecord>& known) {
  auto boot = boot_now();
  Tick now{boot, wall_of_boot(boot) - boot};
  recording.begin(backend, machine.facts(), now);
  for (const auto& [kind, values] : described(targets)) recording.target(kind, values);
  if (targets.wait) recording.target("wait", {});
  for (const auto& one : known) {
    recording.note("container", [&](WireLine& line) {
      for (const auto* text : {&one.container.id, &one.container.pod_uid, &one.name, &one.pod}) line.bytes(*text);
      line.number(int{one.what == ContainerRecord::What::ended});
      line.number(one.last_status.value_or(-1)).bytes(one.last_reason);
    });
  }
  return now;
}

std::unique_ptr<Machine> log_machine(std::unique_ptr<Machine> machine, std::shared_ptr<RecordingWriter> recording) {
  return std::make_unique<LoggedMachine>(std::move(machine), std::move(recording));
}

std::unique_ptr<Machine> recorded_machine(std::shared_ptr<RecordingReader> recorded) {
  return std::make_unique<RecordedMachine>(std::move(recorded));
}

Result<TargetOptions> recorded_targets(const RecordingReader& recorded) {
  TargetOptions targets;
  bool known = true;
  for (const auto& [kind, values] : recorded.facts().targets) {
    auto pattern = std::find_if(pattern_kinds().begin(), pattern_kinds().end(),
                                [&, kind = std::string_view(kind)](const auto& one) { return one.name == kind; });
    if (pattern != pattern_kinds().end()) {
      auto& words = targets.*pattern->values;
      words.insert(words.end(), values.begin(), values.end());
    } else if (kind == "pid") {
      known = known && add_pids(values, targets.pids);
    } else if (kind == "command") {
      targets.command = values;
    } else if (kind == "all") {
      targets.all = true;
    } else if (kind == "children") {
      targets.children = true;
    } else if (kind == "wait") {
      targets.wait = true;
    } else {
      known = false;
    }
  }
  bool some = !targets.pids.empty() || has_patterns(targets) || targets.all || !targets.command.empty();
  if (known && some) return targets;
  return fail(phrase("{} does not say what was watched, or says it in a form that this stapkill does not know",
                     recorded.name()),
              phrase("name the processes to look at with --pid, --name or --all"), "replay.format");
}

}  // namespace stapkill
