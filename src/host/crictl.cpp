#include "host/crictl.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "model/containers.h"

namespace stapkill {
namespace {

using Json = nlohmann::json;

/// A member of an object; null where there is none.
const Json& member(const Json& object, const char* name) {
  static const Json none;
  if (!object.is_object()) return none;
  auto at = object.find(name);
  return at == object.end() ? none : *at;
}

std::string text(const Json& object, const char* name) {
  const Json& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::optional<std::int64_t> number(const Json& object, const char* name) {
  const Json& value = member(object, name);
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_string()) return std::nullopt;
  const auto& digits = value.get_ref<const std::string&>();
  std::int64_t parsed = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed);
  return error == std::errc() && end == digits.data() + digits.size() ? std::optional(parsed) : std::nullopt;
}

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
    CriContainer one{text(entry, "id"), text(metadata, "name"), text(entry, "state")};
    one.pod_uid = pod_uid(text(labels, "io.kubernetes.pod.uid")).value_or("");
    one.pod_name = text(labels, "io.kubernetes.pod.name");
    one.pod_namespace = text(labels, "io.kubernetes.pod.namespace");
    one.attempt = number(metadata, "attempt").value_or(0);
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
    auto uid = pod_uid(text(metadata, "uid"));
    CriPod one{text(metadata, "name"), text(metadata, "namespace"), uid.value_or("")};
    if (!uid || one.name.empty() || one.name_space.empty()) return std::nullopt;
    all.push_back(std::move(one));
  }
  return all;
}

std::optional<CriExit> parse_cri_exit(std::string_view json, std::string_view id) {
  auto whole = Json::parse(json, nullptr, false);
  const Json& status = member(whole, "status");
  if (text(status, "id") != id) return std::nullopt;
  return CriExit{number(status, "exitCode"), text(status, "reason"), text(status, "finishedAt")};
}

}  // namespace stapkill
