#include "session/machine_view.h"

#include <unistd.h>

#include <map>
#include <utility>

#include "host/package_files.h"
#include "sys/clock.h"
#include "verdict/story.h"

namespace stapkill {
namespace {

class LiveMachine : public MachineView {
 public:
  explicit LiveMachine(Node node) : node_(std::move(node)) {}
  bool is_live() const override { return true; }
  Time boot_now() override { return stapkill::boot_now(); }
  Time wall_now() override { return stapkill::wall_now(); }
  Time wall_of_boot(Time boot) override { return stapkill::wall_of_boot(boot); }
  Time boot_time() override { return boot_time_; }
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
  bool process_lives(int pid, std::uint64_t start) override { return stapkill::process_lives(pid, start); }
  std::optional<std::string> tcp_peer(const Process& process) override { return stapkill::tcp_peer(process); }
  std::optional<std::string> at_job(const Process& process) override {
    auto known = at_jobs_.find({process.pid, process.start});
    if (known != at_jobs_.end()) return known->second;
    auto job = stapkill::at_job(process);
    if (at_jobs_.size() >= kMostJobs) at_jobs_.clear();
    if (job) at_jobs_[{process.pid, process.start}] = *job;
    return job;
  }
  bool has_unit_file(const std::string& name) override { return stapkill::has_unit_file(name); }
  bool has_package(const std::string& path) override { return packages_.owns(path); }
  bool is_replaced(const std::string& path) override { return is_file_replaced(path); }
  std::optional<std::string> pod_name(const std::string& uid) override { return pod_name_of(node_, uid); }
  PodRuns pod_runs(const std::string& uid) override { return stapkill::pod_runs(node_, uid); }
  void command_started(int /*pid*/) override {}
  void flushed(std::size_t /*count*/) override {}
  bool tells_flushes() const override { return false; }
  void ended_unseen(const Subject& /*who*/, const std::string& /*why*/) override {}

 private:
  static constexpr std::size_t kMostJobs = 256;

  static void find_script(Process& process) {
    auto script = script_of(process);
    if (!script.empty() && script[0] != '/') process.exec_cwd = script_directory(process, script);
  }

  Node node_;
  std::map<std::pair<int, std::uint64_t>, std::string> at_jobs_;  ///< by pid and start
  PackageFiles packages_;
  Time boot_time_ = stapkill::wall_now() - stapkill::boot_now();
};

}  // namespace

std::unique_ptr<MachineView> live_machine(const Node& node) {
  return std::make_unique<LiveMachine>(node);
}

}  // namespace stapkill
