#include "autopsy/records/kubectl.h"

#include "autopsy/records/foreign_json.h"
#include "autopsy/records/read_records.h"

namespace stapkill {
namespace {

constexpr std::string_view kSource = "kubelet";

bool begins(std::string_view text, char one) {
  auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == one;
}

/// Whether a line of the text begins so.
bool has_line(std::string_view text, std::string_view beginning) {
  for (auto at = text.find(beginning); at != std::string_view::npos; at = text.find(beginning, at + 1)) {
    if (at == 0 || text[at - 1] == '\n') return true;
  }
  return false;
}

/// `kubectl get pod -o yaml`, its keys in the order of the alphabet.
bool is_yaml(std::string_view text) {
  return has_line(text, "apiVersion: ") && has_line(text, "kind: ");
}

Reading result(SourceNote::State state, const std::string& name, Phrase detail, std::vector<Finding> findings = {}) {
  Reading reading;
  reading.findings = std::move(findings);
  SourceNote note;
  note.state = state;
  note.source = kSource;
  note.path = name;
  note.detail = std::move(detail);
  reading.notes.push_back(std::move(note));
  return reading;
}

}  // namespace

Reading read_kubectl_describe(std::string_view bytes, const std::string& name) {
  using State = SourceNote::State;
  if (begins(bytes, '{')) {
    auto whole = foreign_json(bytes);
    if (!whole) return result(State::broken, name, phrase("it is no JSON, or was cut off"));
    auto findings = kube_json(*whole, name);
    if (!findings) return result(State::broken, name, phrase("its JSON describes neither pods nor events"));
    return result(State::read, name, "", std::move(*findings));
  }
  if (is_yaml(bytes))
    return result(State::broken, name, phrase("YAML is not read: save the pod with kubectl get pod NAME -o json"));
  auto findings = kube_description(bytes, name);
  if (!findings) return result(State::broken, name, phrase("it describes no pod"));
  return result(State::read, name, "", std::move(*findings));
}

bool looks_like_kubectl_describe(std::string_view head) {
  if (begins(head, '{')) {
    bool kind =
        head.find("\"kind\"") != std::string_view::npos && head.find("\"apiVersion\"") != std::string_view::npos;
    return kind && (head.find("\"Pod\"") != std::string_view::npos ||
                    head.find("\"Event\"") != std::string_view::npos || head.find("List\"") != std::string_view::npos);
  }
  if (is_yaml(head)) return has_line(head, "kind: Pod") || has_line(head, "kind: List");
  return head.starts_with("Name:") && has_line(head, "Namespace:");
}

}  // namespace stapkill
