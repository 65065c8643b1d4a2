#include "session/live_machine.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "host/bash.h"
#include "host/machine.h"
#include "host/package_files.h"
#include "host/pods.h"
#include "host/procfs.h"
#include "host/stored_names.h"
#include "sys/users.h"
#include "verdict/process_words.h"
#include "verdict/story.h"

namespace stapkill {
namespace {

class LiveMachine : public Machine {
 public:
  explicit LiveMachine(Node node) : node_(std::move(node)) {}
  MachineFacts facts() override { return machine_facts(); }
  int own_pid() override { return ::getpid(); }
  std::optional<ProcEntry> read_process(int pid) override {
    auto entry = stapkill::read_process(pid);
    if (entry) find_script(entry->process);
    return entry;
  }
  std::vector<int> children_of(int pid) override { return stapkill::children_of(pid); }
  void for_each_process(const std::function<void(ProcEntry)>& visit) override {
    stapkill::for_each_process([&](ProcEntry entry) {
      find_script(entry.process);
      visit(std::move(entry));
    });
  }
  std::optional<std::string> user_name(std::int64_t uid) override { return users_.name(uid); }
  std::optional<std::string> tcp_peer(const Process& process) override { return stapkill::tcp_peer(process); }
  std::optional<std::string> login_origin(std::int64_t session) override { return stapkill::login_origin(session); }
  std::optional<std::string> at_job(const Process& process) override {
    auto known = at_jobs_.find(key_of(process));
    if (known != at_jobs_.end()) return known->second;
    auto job = stapkill::at_job(process);
    if (at_jobs_.size() >= kMostJobs) at_jobs_.clear();
    if (job) at_jobs_[key_of(process)] = *job;
    return job;
  }
  std::optional<std::string> container_name(const std::string& id) override {
    auto names = stored_names(node_.root);
    auto at = std::find_if(names.begin(), names.end(), [&](const StoredName& one) { return one.id == id; });
    return at == names.end() || at->name.empty() ? std::nullopt : std::optional(at->name);
  }
  std::optional<ScriptText> script_text(const Process& shell, int line) override {
    return scripts_.text(shell, script_of(shell), line);
  }
  bool has_unit_file(const std::string& name) override { return stapkill::has_unit_file(name); }
  bool has_package(const std::string& path) override { return packages_.owns(path); }
  bool is_replaced(const std::string& path) override { return is_file_replaced(path); }
  std::optional<std::string> pod_name(const std::string& uid) override { return pod_name_of(node_, uid); }
  PodRuns pod_runs(const std::string& uid) override { return stapkill::pod_runs(node_, uid); }

 private:
  static constexpr std::size_t kMostJobs = 256;

  static void find_script(Process& process) {
    auto script = script_of(process);
    if (!script.empty() && script[0] != '/') process.exec_cwd = script_directory(process, script);
  }

  Node node_;
  Users users_ = Users::of_this_machine();
  std::map<ProcessKey, std::string> at_jobs_;
  PackageFiles packages_;
  ScriptFiles scripts_;
};

}  // namespace

std::unique_ptr<Machine> live_machine(const Node& node) {
  return std::make_unique<LiveMachine>(node);
}

}  // namespace stapkill
