#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/tools.h"
#include "temporary.h"

/// A node made by hand: a /proc, the kubelet's directories and tools of container runtimes, for one test.
class MadeNode {
 public:
  // Where runtimes put a container; ids are theirs, uids a pod's as the API has it.
  static std::string docker_v1(const std::string& id) { return "/docker/" + id; }
  static std::string docker_v2(const std::string& id) { return "/system.slice/docker-" + id + ".scope"; }
  static std::string containerd(const std::string& uid, const std::string& id) {
    return pod_slice(uid) + "/cri-containerd-" + id + ".scope";
  }
  static std::string crio(const std::string& uid, const std::string& id) {
    return pod_slice(uid) + "/crio-" + id + ".scope/container";
  }
  static std::string podman_rootless(const std::string& id) {
    return "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + id + ".scope/container";
  }
  static std::string lxc(const std::string& name) { return "/lxc.payload." + name; }
  /// kind: a node that is itself a container of docker.
  static std::string kind(const std::string& outer, const std::string& uid, const std::string& id) {
    return docker_v2(outer) + "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod" + escaped(uid) +
           ".slice/cri-containerd-" + id + ".scope";
  }

  // The text of /proc/PID/cgroup for it.
  static std::string v2(const std::string& path) { return "0::" + path + '\n'; }
  static std::string v1(const std::string& path) {
    return "12:cpuset:" + path + "\n11:memory:" + path + "\n1:name=systemd:" + path + '\n';
  }
  /// Both versions mounted, and a runtime that uses version 1 alone.
  static std::string hybrid(const std::string& path) { return v1(path) + "0::/system.slice/containerd.service\n"; }

  /// A process of that name, sleeping; with `cgroup` as its file's whole text.
  void process(int pid, std::string_view cgroup, std::string_view comm = "sleep", int parent = 1) const {
    std::string folder = "proc/" + std::to_string(pid) + '/', id = std::to_string(pid), name(comm);
    auto above = std::to_string(parent);
    root_.write(folder + "cgroup", cgroup);
    root_.write(folder + "status", "Name:\t" + name + "\nState:\tS (sleeping)\nTgid:\t" + id + "\nPid:\t" + id +
                                       "\nPPid:\t" + above + "\nUid:\t0\t0\t0\t0\n");
    root_.write(folder + "stat", id + " (" + name + ") S " + above +
                                     " 5 6 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 4242 1000 200 0 1 1 0 0 0 0\n");
    root_.write(folder + "cmdline", name + std::string("\0", 1) + "60" + std::string("\0", 1));
  }

  /// What the kubelet makes for a pod.
  void pod(std::string_view name_space, std::string_view name, std::string_view uid,
           const std::vector<std::string>& containers = {}) const {
    auto folder = "var/log/pods/" + std::string(name_space) + '_' + std::string(name) + '_' + std::string(uid);
    std::filesystem::create_directories(root_ / folder);
    for (const auto& container : containers) root_.write(folder + '/' + container + "/0.log", "");
  }

  /// The log of a container's start, as the kubelet has it made, in the directory of the pod of that uid.
  void run(std::string_view uid, std::string_view container, int number) const {
    for (const auto& pod : std::filesystem::directory_iterator(root_ / "var/log/pods")) {
      if (!pod.path().filename().native().ends_with(uid)) continue;
      auto file = pod.path() / container / (std::to_string(number) + ".log");
      std::filesystem::create_directories(file.parent_path());
      std::ofstream{file};
    }
  }

  /// A runtime's tool as a shell script. It can find this directory as $HERE.
  void tool(std::string_view name, std::string_view script) const {
    auto file = root_.write("tools/" + std::string(name),
                            "#!/bin/sh\nHERE='" + root_.path().string() + "'\n" + std::string(script) + '\n');
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  }
  void file(const std::string& name, std::string_view text) const { root_.write(name, text); }
  void link(const std::string& name, const std::string& target) const {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::filesystem::create_symlink(target, root_ / name);
  }
  /// A tool that is no script: it ends at once, and prints nothing.
  void program(const std::string& name) const {
    std::filesystem::create_directories(root_ / "tools");
    std::filesystem::copy_file(std::filesystem::canonical("/bin/true"), root_ / ("tools/" + name));
  }
  /// A tool that prints this, whatever it is asked, and notes in NAME.asked how.
  void tool_prints(std::string_view name, std::string_view text) const {
    root_.write(std::string(name) + ".out", text);
    tool(name, "echo \"$*\" >> \"$HERE/" + std::string(name) + ".asked\"; cat \"$HERE/" + std::string(name) + ".out\"");
  }

  std::filesystem::path operator/(std::string_view name) const { return root_ / name; }
  std::string read(std::string_view name) const { return stapkill::read_file(root_ / name).value_or(""); }
  std::string proc() const { return root_ / "proc"; }
  stapkill::Node node(std::chrono::milliseconds limit = std::chrono::seconds(20)) const {
    return {root_.path(), {root_ / "tools"}, limit};
  }

 private:
  static std::string escaped(std::string uid) {
    for (char& c : uid) c = c == '-' ? '_' : c;
    return uid;
  }
  static std::string pod_slice(const std::string& uid) {
    return "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" + escaped(uid) + ".slice";
  }

  Temporary root_;
};
