// Input: any bytes, as the path of a cgroup, the text of /proc/PID/cgroup and an answer of crictl.
#include <cstddef>
#include <cstdint>
#include <string>

#include "check.h"
#include "host/containers.h"
#include "host/crictl.h"
#include "model/containers.h"

using namespace stapkill;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string path(reinterpret_cast<const char*>(data), size);
  auto all = containers_in(path);
  auto last = container_of(path);
  FUZZ_CHECK(last.has_value() == !all.empty() && (!last || *last == all.back()));
  for (const auto& found : all) {
    FUZZ_CHECK(!found.id.empty() && found.id.size() <= size);
    bool named = found.runtime == "lxc" || found.runtime == "systemd-nspawn";
    FUZZ_CHECK(named || (is_container_id(found.id) && path.find(found.id) != std::string::npos));
    FUZZ_CHECK(found.pod_uid.empty() || pod_uid(found.pod_uid) == found.pod_uid);
  }
  auto pod = pod_uid_of(path);
  FUZZ_CHECK(!pod || pod_uid(*pod) == pod);
  FUZZ_CHECK(all.empty() || all.back().pod_uid.empty() ||
             pod);  // a pod inside the innermost container does not contain it
  // A container's own cgroups do not take it out of its container.
  if (!all.empty() && !path.ends_with(" (deleted)")) FUZZ_CHECK(container_of(path + "/x/y").has_value());
  FUZZ_CHECK(path.find_first_of("\n:") != std::string::npos ||
             containers_of_process("0::/" + path).size() >= all.size());
  for (const auto& one : parse_cri_containers(path).value_or(std::vector<CriContainer>())) {
    FUZZ_CHECK(is_container_id(one.id) && !one.name.empty());
  }
  for (const auto& one : parse_cri_pods(path).value_or(std::vector<CriPod>())) FUZZ_CHECK(pod_uid(one.uid) == one.uid);
  (void)parse_cri_exit(path, std::string(64, 'a'));
  return 0;
}
