#include "model/containers.h"

#include <algorithm>

namespace stapkill {
namespace {

constexpr std::size_t kIdLength = 64;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool all_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_hex);
}

/// A component that holds an id between what a runtime puts before and after it.
struct Frame {
  std::string_view runtime, before, after;
};

constexpr Frame kFrames[] = {
    // moby, daemon/oci_linux.go: the cgroup's path is "SLICE:docker:ID"; runc makes docker-ID.scope of it.
    {"docker", "docker-", ".scope"},
    // containerd, internal/cri/server/helpers_linux.go: "SLICE:cri-containerd:ID".
    {"containerd", "cri-containerd-", ".scope"},
    // nerdctl, pkg/cmd/container/run_cgroup_linux.go: "SLICE:nerdctl:ID".
    {"containerd", "nerdctl-", ".scope"},
    // CRI-O, internal/config/cgmgr: "crio" is the prefix of both managers; conmon's own is "crio-conmon-ID".
    {"cri-o", "crio-", ".scope"},
    {"cri-o", "crio-", ""},
    // podman, libpod/container_internal_linux.go and oci_util.go: libpod-ID, and libpod-payload-ID with
    // --cgroups=split; conmon's own is "libpod-conmon-ID".
    {"podman", "libpod-", ".scope"},
    {"podman", "libpod-", ""},
    {"podman", "libpod-payload-", ""},
};

/// Names that show the runtime of the bare id after them: the parent cgroup, or PREFIX of "SLICE:PREFIX:ID". Other
/// names (docker's --cgroup-parent, a pod's) show nothing.
struct Before {
  std::string_view runtime, name;
};

constexpr Before kBefore[] = {
    {"docker", "docker"},       // moby, daemon/oci_linux.go: the default of the cgroupfs driver
    {"containerd", "default"},  // containerd, oci.WithNamespacedCgroup: /NAMESPACE/ID
    {"containerd", "k8s.io"},  {"containerd", "cri-containerd"}, {"containerd", "nerdctl"}, {"cri-o", "crio"},
    {"podman", "libpod"},
};

struct Found {
  std::string_view runtime, id;
  bool escaped = false;  ///< by systemd.unit(5), "STRING ESCAPING"
};

std::optional<std::string_view> inside(std::string_view text, std::string_view before, std::string_view after) {
  if (text.size() <= before.size() + after.size() || !text.starts_with(before) || !text.ends_with(after)) {
    return std::nullopt;
  }
  return text.substr(before.size(), text.size() - before.size() - after.size());
}

/// ANY-ID.scope: what runc and crun make of "SLICE:ANY:ID" for other runtimes. Not for conmon.
std::optional<Found> other_scope(std::string_view name) {
  auto scope = inside(name, "", ".scope");
  if (!scope || scope->size() < kIdLength + 2 || !is_container_id(scope->substr(scope->size() - kIdLength))) return {};
  auto before = scope->substr(0, scope->size() - kIdLength);
  if (!before.ends_with('-') || before.ends_with("conmon-")) return {};
  return Found{{}, scope->substr(before.size())};
}

/// Needs an id of 64 digits: anything shorter is rejected at once.
std::optional<Found> hex_container(std::string_view parent, std::string_view name) {
  if (name.size() < kIdLength) return {};
  if (name.size() == kIdLength) {
    if (!all_hex(name)) return {};
    const auto* row =
        std::find_if(std::begin(kBefore), std::end(kBefore), [&](auto& one) { return one.name == parent; });
    return Found{row == std::end(kBefore) ? std::string_view() : row->runtime, name};
  }
  for (const auto& frame : kFrames) {
    auto id = inside(name, frame.before, frame.after);
    if (id && is_container_id(*id)) return Found{frame.runtime, *id};
  }
  return other_scope(name);
}

/// LXC 2 and Proxmox: lxc/NAME; 4: lxc.payload.NAME; 3.2: lxc.payload/NAME (lxc, src/lxc/cgroups/cgfsng.c). LXC appends
/// "-1" and so on to a name that was taken; it looks the same as a name that ends so.
std::optional<Found> lxc_container(std::string_view parent, std::string_view name) {
  if ((parent == "lxc" || parent == "lxc.payload") && name != "..") return Found{"lxc", name};
  auto payload = inside(name, "lxc.payload.", "");
  return payload ? std::optional(Found{"lxc", *payload}) : std::nullopt;
}

/// machine-NAME.scope (systemd, src/machine/machine.c), or the template's unit with --keep-unit, which is how
/// machinectl starts one. Below both, "payload" is the container and "supervisor" is systemd-nspawn
/// (src/nspawn/nspawn-cgroup.c).
std::optional<Found> machine(std::string_view name, std::string_view next) {
  auto found = inside(name, "machine-", ".scope");
  if (!found) found = inside(name, "systemd-nspawn@", ".service");
  if (!found || next == "supervisor") return {};
  // libvirt's virtual machines have such scopes too (src/hypervisor/domain_driver.c): qemu-NUMBER-NAME.
  constexpr std::string_view vm = "qemu\\x2d";
  if (found->starts_with(vm) && found->substr(vm.size()).find_first_of("0123456789") == 0) return {};
  return Found{"systemd-nspawn", *found, true};
}

/// The uid in "[…-]kubepods[-QOS]-podUID.slice" or, of the cgroupfs driver, "podUID" below "kubepods" or its QoS
/// (kubernetes, pkg/kubelet/cm/{cgroup,pod_container}_manager_linux.go).
std::optional<std::string_view> pod_in(std::string_view parent, std::string_view name) {
  if (auto slice = inside(name, "", ".slice"); slice && slice->find("kubepods-") != std::string_view::npos) {
    auto at = slice->rfind("-pod");
    return at == std::string_view::npos ? std::nullopt : std::optional(slice->substr(at + 4));
  }
  if (parent != "kubepods" && parent != "burstable" && parent != "besteffort") return {};
  return inside(name, "pod", "");
}

/// A component with those around it.
struct Place {
  std::string_view parent, name, next;
};

std::optional<Found> container_at(const Place& place) {
  if (auto found = hex_container(place.parent, place.name)) return found;
  if (auto found = lxc_container(place.parent, place.name)) return found;
  return machine(place.name, place.next);
}

bool has_uid_shape(std::string_view text) {
  constexpr std::size_t kStatic = 32, kUuid = 36;
  if (text.size() == kStatic) return all_hex(text);
  if (text.size() != kUuid) return false;
  for (std::size_t at = 0; at < kUuid; ++at) {
    bool dash = at == 8 || at == 13 || at == 18 || at == 23;
    if (dash ? text[at] != text[8] || (text[at] != '-' && text[at] != '_') : !is_hex(text[at])) return false;
  }
  return true;
}

/// "SLICE:PREFIX:ID" as one component: a path meant for systemd that was given to a runtime that uses cgroupfs.
bool is_for_systemd(std::string_view name) {
  return name.size() > kIdLength + 1 && name[name.size() - kIdLength - 1] == ':' &&
         is_container_id(name.substr(name.size() - kIdLength));
}

/// Calls back with each container and the pod around it as written ("" for none), the outermost first; returns the
/// innermost pod.
template <typename Take>
std::string_view walk(std::string_view path, Take take) {
  constexpr std::string_view deleted = " (deleted)";
  if (path.ends_with(deleted)) path.remove_suffix(deleted.size());
  std::string_view pod, parent;
  auto visit = [&](std::string_view name, std::string_view next) {
    Place place{parent, name, next};
    if (auto uid = pod_in(parent, name); uid && has_uid_shape(*uid)) pod = *uid;
    if (auto found = container_at(place)) take(*found, pod);
    parent = name;
  };
  while (!path.empty()) {
    auto slash = path.find('/');
    auto name = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    while (is_for_systemd(name)) {
      auto colon = name.find(':');
      visit(name.substr(0, colon), {});
      name = name.substr(colon + 1);
    }
    if (!name.empty()) visit(name, path.substr(0, path.find('/')));
  }
  return pod;
}

int hex_value(char c) {
  return c <= '9' ? c - '0' : c - 'a' + 10;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    bool escape = text.substr(at, 2) == "\\x" && at + 3 < text.size() && is_hex(text[at + 2]) && is_hex(text[at + 3]);
    out += escape ? static_cast<char>(hex_value(text[at + 2]) * 16 + hex_value(text[at + 3])) : text[at];
    if (escape) at += 3;
  }
  return out;
}

Container make(const Found& found, std::string_view pod) {
  return {found.runtime, found.escaped ? unescaped(found.id) : std::string(found.id), pod_uid(pod).value_or("")};
}

}  // namespace

std::vector<Container> containers_in(std::string_view cgroup) {
  std::vector<Container> all;
  walk(cgroup, [&](const Found& found, std::string_view pod) { all.push_back(make(found, pod)); });
  return all;
}

std::optional<Container> container_of(const std::optional<std::string>& cgroup) {
  std::optional<Found> last;
  std::string_view around;
  if (!cgroup) return std::nullopt;
  walk(*cgroup, [&](const Found& found, std::string_view pod) {
    last = found;
    around = pod;
  });
  return last ? std::optional(make(*last, around)) : std::nullopt;
}

std::optional<std::string> pod_uid_of(const std::optional<std::string>& cgroup) {
  return cgroup ? pod_uid(walk(*cgroup, [](const Found&, std::string_view) {})) : std::nullopt;
}

bool is_container_id(std::string_view text) {
  return text.size() == kIdLength && all_hex(text);
}

std::string with_short_ids(std::string_view text) {
  constexpr std::size_t shown = 12;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  while (!text.empty()) {
    auto run = std::min(text.find_first_not_of(digits), text.size());
    out += text.substr(0, run == kIdLength ? shown : run);
    text.remove_prefix(run);
    auto other = std::min(text.find_first_of(digits), text.size());
    out += text.substr(0, other);
    text.remove_prefix(other);
  }
  return out;
}

std::optional<std::string> pod_uid(std::string_view text) {
  if (!has_uid_shape(text)) return std::nullopt;
  std::string uid(text);
  std::replace(uid.begin(), uid.end(), '_', '-');
  return uid;
}

}  // namespace stapkill
