#include "host/crictl.h"

#include "base/json_member.h"
#include "model/containers.h"

namespace stapkill {
namespace {

using Json = nlohmann::json;

/// The list of that name; none when the text is not JSON or has no such list.
std::optional<Json> list_of(std::string_view json, const char* name) {
  auto whole = Json::parse(json, nullptr, false);
  const Json& list = member(whole, name);
  if (list.is_array()) return list;
  // Some versions leave out an empty list.
  return whole.is_object() && list.is_null() ? std::optional(Json::array()) : std::nullopt;
}

}  // namespace

std::optional<std::vector<CriContainer>> parse_cri_containers(std::string_view json) {
  auto list = list_of(json, "containers");
  if (!list) return std::nullopt;
  std::vector<CriContainer> all;
  for (const auto& entry : *list) {
    const Json& metadata = member(entry, "metadata");
    const Json& labels = member(entry, "labels");  // kubernetes, pkg/kubelet/types/labels.go
    CriContainer one{text_of(entry, "id"), text_of(metadata, "name"), text_of(entry, "state")};
    one.pod_uid = pod_uid(text_of(labels, "io.kubernetes.pod.uid")).value_or("");
    one.pod_name = text_of(labels, "io.kubernetes.pod.name");
    one.pod_namespace = text_of(labels, "io.kubernetes.pod.namespace");
    one.attempt = number_of(metadata, "attempt").value_or(0);
    if (!is_container_id(one.id) || one.name.empty()) return std::nullopt;
    all.push_back(std::move(one));
  }
  return all;
}

std::optional<std::vector<CriPod>> parse_cri_pods(std::string_view json) {
  auto list = list_of(json, "items");
  if (!list) return std::nullopt;
  std::vector<CriPod> all;
  for (const auto& entry : *list) {
    const Json& metadata = member(entry, "metadata");
    auto uid = pod_uid(text_of(metadata, "uid"));
    CriPod one{text_of(metadata, "name"), text_of(metadata, "namespace"), uid.value_or("")};
    if (!uid || one.name.empty() || one.name_space.empty()) return std::nullopt;
    all.push_back(std::move(one));
  }
  return all;
}

std::optional<CriExit> parse_cri_exit(std::string_view json, std::string_view id) {
  auto whole = Json::parse(json, nullptr, false);
  const Json& status = member(whole, "status");
  if (text_of(status, "id") != id) return std::nullopt;
  return CriExit{number_of(status, "exitCode"), text_of(status, "reason"), text_of(status, "finishedAt")};
}

}  // namespace stapkill
