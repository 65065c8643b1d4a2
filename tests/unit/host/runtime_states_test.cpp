#include "host/runtime_states.h"

#include "catch.h"
#include "host/made_node.h"

using namespace stapkill;

namespace {

std::string found(const MadeNode& made, const std::string& name) {
  auto state = runtime_state((made / "").string(), name);
  return state ? state->runtime + ' ' + std::to_string(state->pid) : "none";
}

}  // namespace

TEST_CASE("runtime states: containers of ctr, runc and crun, by their names", "[runtime_states]") {
  MadeNode made;
  made.file("run/containerd/io.containerd.runtime.v2.task/default/web/init.pid", "812");
  made.file("run/runc/db/state.json", R"({"id":"db","init_process_pid":813,"init_process_start":77})");
  made.file("run/crun/mail/status", R"({"pid" : 814, "cgroup-path": "/mail"})");
  CHECK(found(made, "web") == "containerd 812");
  CHECK(found(made, "db") == "runc 813");
  CHECK(found(made, "mail") == "crun 814");
  CHECK(found(made, "other") == "none");
}

TEST_CASE("runtime states: damaged files name nobody", "[runtime_states]") {
  for (const char* text : {"", "{", "[]", "{}", "x", "-5", "0", "99999999999999999999",
                           R"({"pid":-1,"init_process_pid":0})", R"({"pid":"x"})", "\xff\xfe"}) {
    INFO(text);
    MadeNode made;
    made.file("run/containerd/io.containerd.runtime.v2.task/default/web/init.pid", text);
    made.file("run/runc/web/state.json", text);
    made.file("run/crun/web/status", text);
    CHECK(found(made, "web") == "none");
  }
}
