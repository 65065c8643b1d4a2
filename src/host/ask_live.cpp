// Facts that the running system answers, not only its files.
#include <linux/bpf.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "host/ask.h"
#include "host/kernel.h"
#include "sys/child.h"
#include "sys/fd.h"

namespace stapkill {
namespace {

std::string first_line(const Fact<std::string>& text) {
  return text ? text->substr(0, text->find('\n')) : std::string();
}

/// The value after "name" and a colon or an equals sign, up to the end of the line or a NUL.
std::string value_after(std::string_view text, std::string_view name) {
  for (auto at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    if (at != 0 && text[at - 1] != '\n' && text[at - 1] != '\0') continue;
    auto value = text.substr(at + name.size());
    value = value.substr(0, value.find_first_of(std::string_view("\n\0", 2)));
    return std::string(value.substr(std::min(value.size(), value.find_first_not_of(" \t"))));
  }
  return {};
}

Fact<Uname> uname_of_tree(const Tree& tree) {
  Uname found;
  found.release = first_line(ask_file(tree, "/proc/sys/kernel/osrelease"));
  found.version = first_line(ask_file(tree, "/proc/sys/kernel/version"));
  found.machine = first_line(ask_file(tree, "/proc/sys/kernel/arch"));
  auto banner = first_line(ask_file(tree, "/proc/version"));  // "Linux version R (builder) (compiler) #1 SMP …"
  constexpr std::string_view kBegin = "Linux version ";
  if (banner.starts_with(kBegin)) {
    if (found.release.empty())
      found.release = banner.substr(kBegin.size(), banner.find(' ', kBegin.size()) - kBegin.size());
    if (auto at = banner.find(" #"); found.version.empty() && at != std::string::npos)
      found.version = banner.substr(at + 1);
  }
  if (found.release.empty()) {
    auto modules = ask_list(tree, "/lib/modules");
    if (modules && modules->size() == 1) found.release = modules->front();
  }
  if (found.release.empty())
    return unknown<Uname>(phrase("the tree does not say which kernel runs (proc/sys/kernel/osrelease)"));
  if (found.machine.empty()) found.machine = machine_of_release(found.release);
  return known(std::move(found));
}

/// The container runtime that a cgroup's path shows.
std::string container_of_cgroup(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kMarks = {{{"cri-containerd", "containerd"},
                                                                                    {"containerd", "containerd"},
                                                                                    {"crio", "cri-o"},
                                                                                    {"libpod", "podman"},
                                                                                    {"/docker", "docker"},
                                                                                    {"/lxc", "lxc"},
                                                                                    {"kubepods", "kubernetes"}}};
  for (const auto& [mark, name] : kMarks) {
    if (text.find(mark) != std::string_view::npos) return std::string(name);
  }
  return {};
}

std::string namespace_of(const std::string& process, const std::string& kind) {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/" + process + "/ns/" + kind, error).string();
}

bool in_initial_pid_namespace() {
  auto mine = namespace_of("self", "pid");
  return mine.empty() || mine == kInitialPidNamespace;
}

/// Whether this is the host, whatever files an image has left: it has the host's process ids and its init sees the same
/// files; where this user may not see that, its root is none of a container runtime.
bool surely_the_host(const Tree& own) {
  if (!in_initial_pid_namespace()) return false;
  auto mine = namespace_of("self", "mnt"), first = namespace_of("1", "mnt");
  if (!first.empty()) return mine == first;
  auto root = ask_mounted(own, "/");
  return root && root->find("overlay") == std::string::npos && *root != "aufs";
}

}  // namespace

Fact<Uname> ask_uname(const Tree& tree) {
  if (!tree.own()) return uname_of_tree(tree);
  utsname name{};
  ::uname(&name);
  const char* given = std::getenv("STAPKILL_KERNEL");
  return known(Uname{given && *given ? given : name.release, name.version, name.machine});
}

Fact<std::int64_t> ask_free_space(const std::string& path) {
  std::string at = path;
  struct statvfs info {};
  while (::statvfs(at.c_str(), &info) != 0) {
    if (errno != ENOENT || at == "/" || at == ".") return unknown<std::int64_t>(reason(errno));
    auto slash = at.rfind('/');
    at = slash == std::string::npos ? "." : slash == 0 ? "/" : at.substr(0, slash);
  }
  std::int64_t bytes = 0;  // a file system may report nonsense
  bool beyond = __builtin_mul_overflow(info.f_bavail, info.f_frsize, &bytes);
  return known(beyond ? INT64_MAX : bytes);
}

Fact<Identity> ask_identity() {
  Identity who;
  who.uid = ::geteuid();
  std::vector<gid_t> ids(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
  if (!ids.empty())
    ids.resize(static_cast<std::size_t>(std::max(0, ::getgroups(static_cast<int>(ids.size()), ids.data()))));
  ids.push_back(::getegid());
  Tree own("");
  // Not getgrgid(3): it may ask a directory service that is down.
  auto groups = ask_file(own, "/etc/group").value.value_or("");
  for (auto id : ids) {
    auto at = groups.find(":" + std::to_string(id) + ":");
    if (at == std::string::npos) continue;
    auto line = groups.rfind('\n', at) + 1;
    who.groups.push_back(groups.substr(line, groups.find(':', line) - line));
  }
  auto effective = value_after(ask_file(own, "/proc/self/status").value.value_or(""), "CapEff:");
  std::from_chars(effective.data(), effective.data() + effective.size(), who.capabilities, 16);
  return known(std::move(who));
}

Fact<std::string> ask_bpf_syscall() {
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = 4;
  attributes.value_size = 4;
  attributes.max_entries = 1;
  long made = ::syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof attributes);
  if (made < 0) return known(reason(errno).english());
  Fd closing(static_cast<int>(made));
  return known(std::string());
}

Fact<std::string> ask_pid_namespace() {
  auto mine = namespace_of("self", "pid");
  return mine.empty() ? unknown<std::string>() : known(std::move(mine));
}

Fact<std::string> ask_container(const Tree& tree) {
  if (tree.own() && surely_the_host(tree)) return known(std::string());
  if (auto kind = first_line(ask_file(tree, "/run/systemd/container")); !kind.empty()) return known(std::move(kind));
  if (ask_inode(tree, "/.dockerenv")) return known(std::string("docker"));
  if (ask_inode(tree, "/run/.containerenv")) return known(std::string("podman"));
  auto first = ask_file(tree, "/proc/1/cgroup");
  if (first) {
    if (auto name = container_of_cgroup(*first); !name.empty()) return known(std::move(name));
  }
  if (!tree.own()) return known(std::string());
  // Reads only this one variable, and keeps only its value.
  auto environment = ask_file(tree, "/proc/1/environ");
  if (auto name = value_after(environment.value.value_or(""), "container="); !name.empty())
    return known(std::move(name));
  return known(std::string(in_initial_pid_namespace() ? std::string_view() : msgid("a pid namespace")));
}

Fact<Ran> ask_run(const std::vector<std::string>& argv, int limit_seconds) {
  ChildOptions options{.argv = argv, .environment = {{"LC_ALL", "C"}}};
  options.parent_death_signal = SIGTERM;  // doctor leaves a check that takes too long
  auto ran = run_child(options, limit_seconds);
  if (!ran) return unknown<Ran>(ran.error().message);
  return known(Ran{ran->status, std::move(ran->out), std::move(ran->err)});
}

}  // namespace stapkill
