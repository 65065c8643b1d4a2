#include "host/runtimes.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include "base/nearest.h"
#include "base/text.h"
#include "host/containers.h"
#include "host/crictl.h"
#include "host/stored_names.h"
#include "sys/file.h"

namespace stapkill {
namespace {

constexpr std::size_t kShownDigits = 12;  // what docker ps prints of an id
constexpr std::size_t kIdDigits = 64;
constexpr std::size_t kMostShown = 10;
constexpr std::size_t kLongestWord = 255;

/// A container that a tool lists.
struct Named {
  std::string id, name, pod_uid;
  std::int64_t attempt = 0;
};

/// Parses a tool's answer; none when it is not a list of containers.
using Parse = std::optional<std::vector<Named>> (*)(std::string_view);

/// "ID NAME[,NAME…]" on each line.
std::optional<std::vector<Named>> parse_lines(std::string_view text) {
  std::vector<Named> all;
  while (!text.empty()) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    auto space = line.find(' ');
    auto id = line.substr(0, space);
    if (!is_container_id(id)) return std::nullopt;
    auto names = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
    do {
      auto comma = names.find(',');
      all.push_back({std::string(id), std::string(names.substr(0, comma)), {}, 0});
      names = comma == std::string_view::npos ? std::string_view() : names.substr(comma + 1);
    } while (!names.empty());
  }
  return all;
}

/// In LXC names are ids.
std::optional<std::vector<Named>> parse_names(std::string_view text) {
  std::vector<Named> all;
  while (!text.empty()) {
    auto end = text.find_first_of(" \n");
    if (end != 0) all.push_back({std::string(text.substr(0, end)), std::string(text.substr(0, end)), {}, 0});
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return all;
}

std::optional<std::vector<Named>> parse_crictl(std::string_view text) {
  auto containers = parse_cri_containers(text);
  if (!containers) return std::nullopt;
  std::vector<Named> all;
  for (auto& one : *containers) all.push_back({one.id, one.name, one.pod_uid, one.attempt});
  return all;
}

/// A tool that knows names. `speaks_for`: runtimes, as in a cgroup's path, whose containers it may name; `runtime`: the
/// runtime where no path shows one.
struct Tool {
  std::string_view program, runtime;
  std::vector<std::string> arguments;
  std::vector<std::string_view> speaks_for;
  Parse parse;
};

/// All of them list containers: the user's word is never part of a command.
const std::vector<Tool>& tools() {
  static const std::vector<std::string> kPs = {"ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Names}}"};
  static const std::vector<Tool> all = {
      {"docker", "docker", kPs, {"docker", "podman"}, parse_lines},  // podman-docker lets podman answer as docker
      {"podman", "podman", kPs, {"podman"}, parse_lines},
      {"nerdctl", "containerd", kPs, {"containerd"}, parse_lines},
      {"crictl", "", {"ps", "--all", "--output", "json"}, {"containerd", "cri-o", "docker"}, parse_crictl},
      {"lxc-ls", "lxc", {"-1"}, {"lxc"}, parse_names},
  };
  return all;
}

/// What is known about all containers, and from where.
struct Survey {
  std::vector<KnownContainer> living;
  std::vector<KnownContainer> named;  ///< a container for each of its names
  std::vector<Phrase> said;           ///< each tool's result
  bool too_late = false;              ///< a tool did not answer in time
  std::vector<Phrase> lies;
};

bool is_prefix(std::string_view word) {
  return !word.empty() && word.size() <= 64 && word.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool fits(const KnownContainer& container, const std::string& word) {
  return container.id == word || container.name == word ||
         (is_prefix(word) && is_container_id(container.id) && container.id.starts_with(word));
}

std::vector<KnownContainer> survey_living(const Node& node) {
  std::vector<KnownContainer> all;
  for (auto& [container, processes] : living_containers(node.root + "/proc")) {
    all.push_back({std::string(container.runtime), container.id, {}, container.pod_uid, processes, {}});
  }
  return all;
}

const KnownContainer* find_living(const Survey& survey, const std::string& id) {
  auto at = std::find_if(survey.living.begin(), survey.living.end(), [&](const auto& one) { return one.id == id; });
  return at == survey.living.end() ? nullptr : &*at;
}

/// Adds a name once: files and tools may both have it.
void add(Survey& survey, KnownContainer named) {
  bool had = std::any_of(survey.named.begin(), survey.named.end(),
                         [&](const auto& one) { return one.id == named.id && one.name == named.name; });
  if (!had) survey.named.push_back(std::move(named));
}

/// What /proc shows of the container.
void see(const KnownContainer& living, KnownContainer& named) {
  if (!living.runtime.empty()) named.runtime = living.runtime;
  if (!living.pod_uid.empty()) named.pod_uid = living.pod_uid;
  named.processes = living.processes;
}

/// Adds one container that a tool names, unless its cgroup shows another runtime.
void take(Survey& survey, const Tool& tool, Named one) {
  KnownContainer named{
      std::string(tool.runtime), std::move(one.id), std::move(one.name), std::move(one.pod_uid), 0, {}};
  if (const auto* living = find_living(survey, named.id)) {
    bool can_know =
        living->runtime.empty() || std::count(tool.speaks_for.begin(), tool.speaks_for.end(), living->runtime);
    if (!can_know) {
      survey.lies.push_back(phrase("{}: lists '{}' as {}, which is a container of {}", tool.program,
                                   printable(named.name), named.id.substr(0, kShownDigits), living->runtime));
      return;
    }
    see(*living, named);
  }
  add(survey, std::move(named));
}

/// Of a pod's restarted container the last start.
template <typename Names>
void drop_earlier_attempts(Names& all) {
  std::map<std::pair<std::string, std::string>, std::int64_t> last;
  for (const auto& one : all) {
    auto& attempt = last[{one.pod_uid, one.name}];
    attempt = std::max(attempt, one.attempt);
  }
  std::erase_if(all, [&](const auto& one) {
    return !one.pod_uid.empty() && one.attempt < last[{one.pod_uid, one.name}];
  });
}

/// What the managers' own files say: at once, also while a tool does not answer.
void read_names(const Node& node, Survey& survey) {
  auto stored = stored_names(node.root);
  drop_earlier_attempts(stored);
  for (auto& one : stored) {
    KnownContainer named{one.runtime, std::move(one.id), std::move(one.name), std::move(one.pod_uid), 0, {}};
    if (const auto* living = find_living(survey, named.id)) see(*living, named);
    add(survey, std::move(named));
  }
}

/// podman makes its directories on a host that has none (podman 4.3: /run/libpod, /var/lib/containers), also for a
/// list. So it is asked only if it ran since the boot. podman-docker's `docker` is a script that runs it; another
/// script is a wrapper of the user's own, and is asked.
bool would_write(const Node& node, const Tool& tool) {
  constexpr std::size_t head = 1024;
  auto text = read_file(find_tool(node, std::string(tool.program)), head).value_or("");
  bool is_script = text.starts_with("#!");
  bool is_podman = is_script ? tool.program == "docker" && text.find("podman") != std::string::npos
                             : tool.program == "podman" && !text.empty();
  if (!is_podman) return false;
  auto mark = ::geteuid() == 0 ? std::string("/run/libpod") : fmt::format("/run/user/{}/libpod", ::geteuid());
  return ::access((node.root + mark).c_str(), F_OK) != 0;
}

void ask_names(const Node& node, Survey& survey) {
  std::vector<const Tool*> asked;
  std::vector<Question> questions;
  for (const auto& tool : tools()) {
    if (would_write(node, tool)) {
      survey.said.push_back(phrase("{}: was not used since the boot, so it is not asked", tool.program));
      continue;
    }
    asked.push_back(&tool);
    questions.push_back({std::string(tool.program), tool.arguments});
  }
  auto answers = ask_tools(node, questions, std::chrono::steady_clock::now() + node.limit);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Tool& tool = *asked[i];
    Phrase why = answers[i].why;
    survey.too_late = survey.too_late || answers[i].hung;
    auto named = why.empty() ? tool.parse(answers[i].out) : std::nullopt;
    if (why.empty() && !named) {
      why = phrase("its answer is not a list of containers");
      survey.lies.push_back(phrase("{}: {}", tool.program, why));
    }
    if (named) drop_earlier_attempts(*named);
    if (named) why = phrase("has none of that name among {}", named->size());
    survey.said.push_back(phrase("{}: {}", tool.program, why));
    for (auto& one : named.value_or(std::vector<Named>())) take(survey, tool, std::move(one));
  }
}

void give_name(const Survey& survey, KnownContainer& one) {
  auto named = std::find_if(survey.named.begin(), survey.named.end(), [&](auto& other) { return other.id == one.id; });
  if (one.name.empty() && named != survey.named.end()) one.name = named->name;
}

/// All containers that match a word, each once: only living ones if there are any.
std::vector<KnownContainer> candidates(const Survey& survey, const std::string& word) {
  std::vector<KnownContainer> all;
  for (const auto* list : {&survey.named, &survey.living}) {
    for (const auto& one : *list) {
      bool had = std::any_of(all.begin(), all.end(), [&](const auto& other) { return other.id == one.id; });
      if (!had && fits(one, word)) all.push_back(one);
    }
  }
  for (auto& one : all) give_name(survey, one);
  // A whole name or id matches only itself, not longer ones.
  auto whole = [&](const auto& one) { return one.id == word || one.name == word; };
  if (std::any_of(all.begin(), all.end(), whole)) std::erase_if(all, [&](const auto& one) { return !whole(one); });
  if (std::any_of(all.begin(), all.end(), [](const auto& one) { return one.processes > 0; })) {
    std::erase_if(all, [](const auto& one) { return one.processes == 0; });
  }
  return all;
}

Phrase described(const KnownContainer& one, std::size_t digits) {
  Phrase text = is_container_id(one.id) ? one.id.substr(0, digits) : printable(one.id);
  if (!one.name.empty() && one.name != one.id) text += " '" + printable(one.name) + "'";
  if (!one.runtime.empty()) text += phrase(" of {}", one.runtime);
  if (!one.pod_uid.empty()) text += phrase(" in the pod {}", one.pod_uid);
  return one.processes ? text : text + phrase(", not running");
}

/// How many digits of their ids distinguish all of them.
std::size_t digits_that_differ(const std::vector<KnownContainer>& all, std::size_t digits) {
  for (; digits < kIdDigits; ++digits) {
    std::set<std::string> shown;
    for (const auto& one : all) shown.insert(one.id.substr(0, digits));
    if (shown.size() == all.size()) return digits;
  }
  return kIdDigits;
}

tl::unexpected<Error> ambiguous(const std::string& word, const std::vector<KnownContainer>& all) {
  Phrase list;
  std::size_t digits = digits_that_differ(all, std::max(kShownDigits, word.size() + 4));
  for (std::size_t i = 0; i < std::min(all.size(), kMostShown); ++i)
    list += (i ? phrase("; ") : Phrase()) + described(all[i], digits);
  if (all.size() > kMostShown) list += phrase("; and {} more", all.size() - kMostShown);
  return fail(phrase("'{}' fits {} containers: {}", printable(word), all.size(), list),
              phrase("name one by its id, with enough digits to distinguish it"), "container.ambiguous");
}

tl::unexpected<Error> unknown(const std::string& word, const Survey& survey) {
  std::vector<std::string> names;
  for (const auto& one : survey.named) names.push_back(one.name);
  for (const auto& one : survey.living) {
    if (!is_container_id(one.id)) names.push_back(one.id);
  }
  Phrase near;
  for (const auto& name : nearest(word, names, 3)) near += (near.empty() ? Phrase() : phrase(" or ")) + printable(name);
  Phrase remedy = !near.empty() ? phrase("did you mean {}?", near)
                  : survey.too_late
                      ? phrase(
                            "give the tools more time (watch --ask-limit 20); else a container of another user "
                            "(rootless) or of a tool that did not answer is found only by its id, or by the first "
                            "12 digits of it")
                      : phrase(
                            "a container of another user (rootless) or of a tool that did not answer is found only "
                            "by its id, or by the first 12 digits of it");
  auto tried = phrase("none of the {} containers with processes has such an id", survey.living.size());
  for (const auto& one : survey.said) tried += phrase("; ") + one;
  return fail(phrase("there is no container '{}': {}", printable(word), tried), std::move(remedy), "container.unknown",
              ErrorKind::not_found);
}

bool can_be_meant(const std::string& word) {
  return !word.empty() && word.size() <= kLongestWord && word != "." && word != ".." &&
         word.find('/') == std::string::npos && word.find('\0') == std::string::npos;
}

}  // namespace

std::vector<KnownContainer> known_containers(const Node& node) {
  Survey survey;
  survey.living = survey_living(node);
  read_names(node, survey);
  ask_names(node, survey);
  auto all = std::move(survey.named);
  std::move(survey.living.begin(), survey.living.end(), std::back_inserter(all));
  return all;
}

Result<KnownContainer> find_container(const Node& node, const std::string& given) {
  // docker inspect prints names with a slash before them.
  std::string word = given.starts_with('/') ? given.substr(1) : given;
  if (word.empty()) {
    return usage_error(phrase("a container's id or name is empty"),
                       phrase("give a name or an id, as docker ps or crictl ps print them"));
  }
  if (!can_be_meant(word)) {
    return usage_error(
        phrase("'{}' is neither a container's id nor its name", printable(word.substr(0, kShownDigits * 4))),
        phrase("give a name, or an id or its first digits, as docker ps or crictl ps print them"));
  }
  Survey survey;
  survey.living = survey_living(node);
  auto found = candidates(survey, word);
  bool sure = is_prefix(word) && word.size() >= kShownDigits && !found.empty();
  read_names(node, survey);
  if (sure) {
    for (auto& one : found) give_name(survey, one);
  } else {
    found = candidates(survey, word);
    sure = found.size() == 1 && found.front().name == word && found.front().processes > 0;
  }
  if (!sure) {
    ask_names(node, survey);
    found = candidates(survey, word);
  }
  if (found.empty()) return unknown(word, survey);
  if (found.size() > 1) return ambiguous(word, found);
  found.front().remarks = std::move(survey.lies);
  return std::move(found.front());
}

}  // namespace stapkill
