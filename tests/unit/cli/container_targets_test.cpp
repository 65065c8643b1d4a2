#include "cli/container_targets.h"

#include "catch.h"
#include "host/made_node.h"

using namespace stapkill;

namespace {

/// What `--container WORD` makes of a node: the cgroups that are watched, or the error's id.
std::string watched(const MadeNode& made, const std::string& word, std::string* said = nullptr) {
  TargetOptions targets;
  targets.containers = {word};
  auto known = find_containers(made.node(), targets, [&](const std::string& text) {
    if (said) *said += text;
  });
  if (!known) return known.error().id;
  return targets.cgroups.empty() ? "" : targets.cgroups.front();
}

}  // namespace

TEST_CASE("container targets: a container of runc by its name", "[container_targets]") {
  MadeNode made;
  made.file("run/runc/db/state.json", R"({"init_process_pid":813})");
  made.process(813, MadeNode::v2("/db"));
  std::string said;
  CHECK(watched(made, "db", &said) == "/db");
  CHECK(said == "container db of runc is watched by its cgroup, /db");
  CHECK(watched(made, "/db") == "/db");
}

TEST_CASE("container targets: a cgroup that does not bear the name is not watched", "[container_targets]") {
  MadeNode made;
  made.file("run/runc/db/state.json", R"({"init_process_pid":813})");
  made.process(813, MadeNode::v2("/user.slice"));
  CHECK(watched(made, "db") == "container.unknown");
  made.file("run/runc/gone/state.json", R"({"init_process_pid":999})");
  CHECK(watched(made, "gone") == "container.unknown");
}
