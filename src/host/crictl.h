#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// What `crictl -o json` prints: the messages of the CRI (cri-api, pkg/apis/runtime/v1/api.proto) as protobuf's JSON,
/// in which 64-bit numbers are strings. None of it is trusted: one entry with an impossible id, uid or name, and the
/// whole answer is rejected.

struct CriContainer {
  std::string id, name;
  std::string state;  ///< "CONTAINER_RUNNING", "CONTAINER_EXITED", …
  std::string pod_uid, pod_name, pod_namespace;
  std::int64_t attempt = 0;  ///< how many came before it: the kubelet's count of restarts
};

struct CriPod {
  std::string name, name_space, uid;
};

struct CriExit {
  std::optional<std::int64_t> code;
  std::string reason;    ///< "OOMKilled", "Error", "Completed"; "" where none is given
  std::string finished;  ///< as crictl prints it: RFC 3339
};

/// Parses `crictl ps -a -o json`; none when it is something else.
std::optional<std::vector<CriContainer>> parse_cri_containers(std::string_view json);
/// Parses `crictl pods -o json`.
std::optional<std::vector<CriPod>> parse_cri_pods(std::string_view json);
/// Parses `crictl inspect -o json ID`, for that id.
std::optional<CriExit> parse_cri_exit(std::string_view json, std::string_view id);

}  // namespace stapkill
