#include "autopsy/messages/daemons_ids.h"

#include <algorithm>

#include "model/containers.h"

namespace stapkill {
namespace {

constexpr std::size_t kIdLength = 64, kShortId = 12;
constexpr std::size_t kMostPods = 50;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/// A name of a pod or a namespace: RFC 1123's letters.
bool is_pods_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

std::optional<Party> pod_in(std::string_view word) {
  Party pod;
  if (auto bracket = word.find('('); bracket != std::string_view::npos && word.ends_with(')')) {
    pod.pod_uid = pod_uid(word.substr(bracket + 1, word.size() - bracket - 2)).value_or("");
    word = word.substr(0, bracket);
  }
  auto slash = word.find('/'), line = word.find('_');
  std::string_view space, name;
  if (slash != std::string_view::npos) {
    space = word.substr(0, slash);
    name = word.substr(slash + 1);
  } else if (line != std::string_view::npos) {
    name = word.substr(0, line);
    space = word.substr(line + 1);
  }
  if (!is_pods_name(space) || !is_pods_name(name)) return std::nullopt;
  pod.pod = std::string(space) + "/" + std::string(name);
  return pod;
}

}  // namespace

std::string container_id_in(std::string_view text) {
  std::size_t run = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && is_hex(text[i])) {
      ++run;
      continue;
    }
    if (run == kIdLength) return std::string(text.substr(i - run, run));
    run = 0;
  }
  return {};
}

bool may_be_id(std::string_view text) {
  return text.size() >= kShortId && text.size() <= kIdLength && std::all_of(text.begin(), text.end(), is_hex);
}

void set_container(Party& subject, std::string_view id_or_name) {
  if (is_container_id(id_or_name)) {
    subject.container = id_or_name;
  } else if (may_be_id(id_or_name)) {
    subject.container = id_or_name.substr(0, kShortId);
  } else {
    subject.container_name = id_or_name.substr(0, 255);
  }
}

std::vector<Party> pods_in(std::string_view text) {
  constexpr std::string_view between = "[]\"', ";
  std::vector<Party> pods;
  while (pods.size() < kMostPods) {
    text.remove_prefix(std::min(text.find_first_not_of(between), text.size()));
    if (text.empty()) break;
    auto word = text.substr(0, std::min(text.find_first_of(between), text.size()));
    if (auto pod = pod_in(word)) pods.push_back(std::move(*pod));
    text.remove_prefix(word.size());
  }
  return pods;
}

}  // namespace stapkill
