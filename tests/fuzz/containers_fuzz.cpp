// Any bytes as the path of a cgroup.
#include <cstddef>
#include <cstdint>
#include <string>

#include "check.h"
#include "event/containers.h"

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
             pod);  // a pod inside the innermost container is not around it
  // A container's own cgroups do not take it out of its container.
  if (!all.empty() && !path.ends_with(" (deleted)")) FUZZ_CHECK(container_of(path + "/x/y").has_value());
  return 0;
}
