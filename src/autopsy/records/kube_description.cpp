#include <algorithm>

#include "autopsy/records/kubectl.h"
#include "autopsy/records/state_times.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostFindings = 10'000;

std::size_t indent_of(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(indent_of(text));
  while (text.ends_with(' ') || text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

/// "Key:   value".
struct Pair {
  std::string_view key, value;
};
Pair pair_of(std::string_view line) {
  auto text = trimmed(line);
  auto colon = text.find(':');
  if (colon == std::string_view::npos) return {text, {}};
  return {text.substr(0, colon), trimmed(text.substr(colon + 1))};
}

std::optional<int> small(std::string_view digits) {
  int value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  bool whole = error == std::errc() && end == digits.data() + digits.size();
  return whole && value >= 0 && value <= 255 ? std::optional(value) : std::nullopt;
}

/// Takes the next column of a table: its columns are at least two blanks apart (text/tabwriter with padding 2).
std::string_view column(std::string_view& rest) {
  rest.remove_prefix(indent_of(rest));
  auto end = std::min(rest.find("  "), rest.size());
  auto found = rest.substr(0, end);
  rest.remove_prefix(end);
  return found;
}

/// Reads line by line. Levels are two blanks each: pod, container, its members, those of a state.
class Reader {
 public:
  explicit Reader(std::string place) : place_(std::move(place)) {}

  void take(std::string_view line) {
    if (findings_.size() >= kMostFindings) return;
    if (trimmed(line).empty()) return;
    switch (indent_of(line)) {
      case 0:
        return pod_member(pair_of(line));
      case 2:
        return section_ == Section::events ? event(line) : container(pair_of(line));
      case 4:
        return member(pair_of(line));
      case 6:
        return state_member(pair_of(line));
      default:
        return;
    }
  }

  std::optional<std::vector<Finding>> finish() {
    pod_ended();
    if (!any_) return std::nullopt;
    return std::move(findings_);
  }

 private:
  enum class Section { none, containers, events };

  void pod_member(Pair pair) {
    state_ended();
    section_ = pair.key.ends_with("Containers") && pair.value.empty() ? Section::containers
               : pair.key == "Events"                                 ? Section::events
                                                                      : Section::none;
    if (pair.key == "Name") {
      pod_ended();
      name_ = pair.value;
      any_ = true;
    }
    if (pair.key == "Namespace") pod_.pod = pod_path(pair.value, name_);
    if (pair.key == "Reason") reason_ = pair.value;
    if (pair.key == "Message") message_ = pair.value;
  }

  void pod_ended() {
    state_ended();
    if (auto reason = pod_reason(pod_, reason_, message_)) {
      reason->place = place_;
      findings_.push_back(std::move(*reason));
    }
    pod_ = Party();
    name_ = reason_ = message_ = {};
  }

  void container(Pair pair) {
    state_ended();
    container_ = section_ == Section::containers && pair.value.empty() ? pair.key : std::string_view();
    id_.clear();
  }

  void member(Pair pair) {
    state_ended();
    if (container_.empty()) return;
    if (pair.key == "Container ID") id_ = id_of_url(pair.value);
    in_state_ = (pair.key == "State" || pair.key == "Last State") && pair.value == "Terminated";
    // The id is of the present start; an earlier one had another.
    present_ = pair.key == "State";
  }

  void state_member(Pair pair) {
    if (!in_state_) return;
    quote_.append(quote_.empty() ? "" : ", ").append(pair.key).append(": ").append(pair.value);
    if (pair.key == "Reason") end_.reason = pair.value;
    if (pair.key == "Message") end_.message = pair.value;
    if (pair.key == "Exit Code") end_.exit_code = small(pair.value);
    if (pair.key == "Signal") end_.signal = small(pair.value).value_or(0);
    if (pair.key == "Finished") end_.finished = rfc1123z_time(pair.value).value_or(0);
  }

  void state_ended() {
    if (in_state_) {
      ContainerState state;
      state.source = "kubelet";
      state.place = place_;
      state.party = pod_;
      state.party.container_name = container_;
      if (present_) state.party.container = id_;
      state.quote = quote_.substr(0, kLongestQuote);
      take_terminated(end_, state);
      add_state(state, findings_);
    }
    in_state_ = false;
    end_ = Terminated();
    quote_.clear();
  }

  void event(std::string_view line) {
    KubeEvent event;
    auto rest = line;
    event.type = column(rest);
    if (event.type != "Normal" && event.type != "Warning") return;
    event.reason = column(rest);
    event.age = column(rest);
    event.component = column(rest);
    event.message = trimmed(rest);
    event.party = pod_;
    // "spec.containers{web}: Container web failed …"
    constexpr std::string_view path = "spec.containers{";
    if (auto close = event.message.find("}: "); event.message.starts_with(path) && close != std::string::npos) {
      event.party.container_name = event.message.substr(path.size(), close - path.size());
      event.message.erase(0, close + 3);
    }
    auto finding = event_finding(event);
    if (!finding) return;
    finding->place = place_;
    findings_.push_back(std::move(*finding));
  }

  std::string place_;
  std::vector<Finding> findings_;
  bool any_ = false, in_state_ = false, present_ = false;
  Section section_ = Section::none;
  Party pod_;
  std::string_view name_, reason_, message_, container_;
  std::string id_, quote_;
  Terminated end_;
};

}  // namespace

std::optional<std::vector<Finding>> kube_description(std::string_view text, const std::string& place) {
  Reader reader(place);
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    reader.take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.finish();
}

}  // namespace stapkill
