#include "host/runtimes.h"

#include <signal.h>

#include <chrono>
#include <thread>

#include "catch.h"
#include "host/made_node.h"

using namespace stapkill;

namespace {

using namespace std::chrono_literals;

const std::string kA(64, 'a'), kB(64, 'b'), kAb = std::string(20, 'a') + std::string(44, 'b');
const std::string kUid = "2c48a299-e1f2-4f4c-9d7a-0123456789ab";

std::string cri_container(const std::string& id, const std::string& name, int attempt = 0) {
  return R"({"id":")" + id + R"(","podSandboxId":"s","metadata":{"name":")" + name + R"(","attempt":)" +
         std::to_string(attempt) +
         R"(},"image":{"image":"i","annotations":{}},"imageRef":"r","state":"CONTAINER_RUNNING",)" +
         R"("createdAt":"1719931500784052855","labels":{"io.kubernetes.container.name":")" + name +
         R"(","io.kubernetes.pod.name":"p","io.kubernetes.pod.namespace":"n","io.kubernetes.pod.uid":")" + kUid +
         R"("},"annotations":{}})";
}

std::string cri_list(const std::string& entries) {
  return R"({"containers":[)" + entries + "]}";
}

KnownContainer found(const Node& node, const std::string& word) {
  auto result = find_container(node, word);
  INFO((result ? "" : (result.error().message + " / " + result.error().remedy).english()));
  REQUIRE(result.has_value());
  return *result;
}

Error error_of(const Node& node, const std::string& word) {
  auto result = find_container(node, word);
  REQUIRE_FALSE(result.has_value());
  return result.error();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Whether a process has ended, or does within a second; what nobody reaps is a zombie.
bool ends(int pid, const std::string& note) {
  INFO(note);
  for (int i = 0; i < 100; ++i, std::this_thread::sleep_for(10ms)) {
    auto stat = read_file("/proc/" + std::to_string(pid) + "/stat");
    if (!stat || contains(*stat, ") Z ")) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("runtimes: an id, or enough of one, needs nobody", "[runtimes]") {
  MadeNode made;
  made.process(10, MadeNode::v2(MadeNode::docker_v2(kA)));
  made.process(11, MadeNode::v2(MadeNode::containerd(kUid, kB)));
  made.tool_prints("docker", "");
  CHECK(found(made.node(), kA).runtime == "docker");
  auto container = found(made.node(), kB.substr(0, 12));
  CHECK(container.id == kB);
  CHECK(container.runtime == "containerd");
  CHECK(container.pod_uid == kUid);
  CHECK(container.processes == 1);
  CHECK(made.read("docker.asked").empty());
}

TEST_CASE("runtimes: a short prefix counts unless something else has it as its name", "[runtimes]") {
  MadeNode made;
  made.process(10, MadeNode::v2(MadeNode::docker_v2(kA)));
  made.process(11, MadeNode::v2(MadeNode::docker_v2(kB)));
  made.tool_prints("docker", kA + " web\n" + kB + " db\n");
  CHECK(found(made.node(), "aaa").id == kA);
  CHECK(found(made.node(), "aaa").name == "web");
  made.tool_prints("docker", kA + " web\n" + kB + " aaa\n");
  CHECK(found(made.node(), "aaa").id == kB);
  // Also when it does not run: another one is not what was meant.
  auto stopped = std::string(64, 'd');
  made.tool_prints("docker", kA + " web\n" + stopped + " aaa\n");
  CHECK(found(made.node(), "aaa").id == stopped);
}

TEST_CASE("runtimes: what a prefix fits twice is listed", "[runtimes]") {
  MadeNode made;
  made.process(10, MadeNode::v2(MadeNode::docker_v2(kA)));
  made.process(11, MadeNode::v2(MadeNode::podman_rootless(kAb)));
  auto error = error_of(made.node(), std::string(20, 'a'));
  CHECK(error.id == "container.ambiguous");
  CHECK(contains(error.message, std::string(24, 'a') + " of docker"));
  CHECK(contains(error.message, std::string(20, 'a') + "bbbb of podman"));
  CHECK(found(made.node(), std::string(20, 'a') + "b").id == kAb);
}

TEST_CASE("runtimes: names that only the tools know", "[runtimes]") {
  MadeNode made;
  made.process(10, MadeNode::v2(MadeNode::docker_v2(kA)));
  made.process(11, MadeNode::v2(MadeNode::containerd(kUid, kB)));
  made.tool_prints("docker", kA + " web,other/alias\n");
  made.tool_prints("podman", "");
  made.tool_prints("crictl", cri_list(cri_container(kB, "server", 2) + "," + cri_container(kAb, "server", 1)));
  CHECK(found(made.node(), "web").id == kA);
  auto server = found(made.node(), "server");
  CHECK(server.id == kB);
  CHECK(server.runtime == "containerd");
  CHECK(server.processes == 1);
  CHECK(server.remarks.empty());
  CHECK(contains(made.read("docker.asked"), "ps --all --no-trunc"));
  CHECK_FALSE(contains(made.read("docker.asked"), "web"));
}

TEST_CASE("runtimes: of containers that do not run the last attempt counts, with a remark", "[runtimes]") {
  MadeNode made;
  made.tool_prints("crictl", cri_list(cri_container(kB, "server", 2) + "," + cri_container(kAb, "server", 1)));
  CHECK(found(made.node(), "server").id == kB);
  CHECK(found(made.node(), "server").processes == 0);
}

TEST_CASE("runtimes: LXC's containers go by name, running or not", "[runtimes]") {
  MadeNode made;
  made.process(10, MadeNode::v2(MadeNode::lxc("web")));
  made.tool_prints("lxc-ls", "web\ndb \n");
  CHECK(found(made.node(), "web").processes == 1);
  CHECK(found(made.node(), "web").runtime == "lxc");
  CHECK(found(made.node(), "db").processes == 0);
}

TEST_CASE("runtimes: what is not there is an error that says what was tried", "[runtimes]") {
  MadeNode made;
  made.process(10, MadeNode::v2(MadeNode::lxc("database")));
  made.tool_prints("docker", kA + " webserver\n");
  made.tool("podman", "echo 'cannot connect\x1b[31m' >&2; exit 125");
  auto error = error_of(made.node(), "webservr");
  CHECK(error.id == "container.unknown");
  CHECK(contains(error.message, "docker: has none of that name among 1"));
  CHECK(contains(error.message, R"(podman: exited with status 125: cannot connect\x1b[31m)"));
  CHECK(contains(error.message, "crictl: not installed"));
  CHECK(contains(error.remedy, "did you mean webserver?"));
  CHECK(contains(error_of(made.node(), "databsae").remedy, "did you mean database?"));
  CHECK(contains(error_of(made.node(), "x").remedy, "rootless"));
}

TEST_CASE("runtimes: an impossible word is wrong usage, and no word is passed to a tool", "[runtimes]") {
  MadeNode made;
  made.tool_prints("docker", "");
  for (const std::string& word :
       {std::string(), std::string("a/b"), std::string(".."), std::string(300, 'a'), std::string("a\0b", 3)}) {
    CHECK(error_of(made.node(), word).kind == ErrorKind::usage);
  }
  CHECK(made.read("docker.asked").empty());
  for (const char* word : {"--help", "-a", "$(id)", "a;b", "a\nb\x1b", "%s%n", "\xff"}) {
    auto error = error_of(made.node(), word);
    CHECK(error.id == "container.unknown");
    CHECK(error.message.english().find_first_of("\n\x1b\xff") == std::string::npos);
    CHECK(made.read("docker.asked") == "ps --all --no-trunc --format {{.ID}} {{.Names}}\n");
    std::filesystem::remove(made / "docker.asked");
  }
}

TEST_CASE("runtimes: a tool that hangs takes no longer than the limit and leaves nothing", "[runtimes]") {
  MadeNode made;
  made.process(10, MadeNode::v2(MadeNode::docker_v2(kA)));
  made.tool_prints("docker", kA + " web\n");
  made.tool("crictl", "sleep 600 & echo $! > \"$HERE/inner\"; echo $$ > \"$HERE/outer\"; wait");
  made.tool("podman", "trap '' TERM INT HUP; exec sleep 600");
  auto from = std::chrono::steady_clock::now();
  CHECK(found(made.node(500ms), "web").id == kA);
  auto error = error_of(made.node(500ms), "wbe");
  CHECK(std::chrono::steady_clock::now() - from < 5s);  // two limits, and room for a busy machine
  CHECK(contains(error.message, "crictl: did not answer within 0.5 s"));
  CHECK(contains(error.message, "podman: did not answer within 0.5 s"));
  CHECK(contains(error.remedy, "give the tools more time (watch --ask-limit 20)"));
  for (const char* name : {"inner", "outer"}) {
    auto pid = made.read(name);
    REQUIRE_FALSE(pid.empty());
    CHECK(ends(std::stoi(pid), name));
  }
  CHECK(Node().limit == 2s);
}

TEST_CASE("runtimes: lies are reported, never believed", "[runtimes]") {
  MadeNode made;
  made.process(10, MadeNode::v2(MadeNode::docker_v2(kA)));
  made.process(11, MadeNode::v2(MadeNode::podman_rootless(kB)));
  auto podman_says = [&](std::string_view text) {
    made.tool_prints("podman", text);
    return error_of(made.node(), "web").message;
  };
  for (std::string_view text : {"garbage\n", "\177ELF\n", "aaaa web\n", "<html>", "{\"containers\":[]}"}) {
    INFO(text);
    CHECK(contains(podman_says(text), "podman: its answer is not a list of containers"));
  }
  CHECK(contains(podman_says(std::string(64, 'A') + " web\n"), "podman: its answer is not a list of containers"));
  CHECK(contains(podman_says(std::string(65, 'a') + " web\n"), "podman: its answer is not a list of containers"));
  made.tool("podman", "while :; do echo " + kB + " x; done");
  CHECK(contains(error_of(made.node(), "web").message, "podman: printed more than 4 MiB"));
  for (const char* text :
       {"[]", "{\"containers\":{}}", "{\"containers\":[1]}", "{\"containers\":[{\"id\":\"x\"}]}", ""}) {
    INFO(text);
    made.tool_prints("crictl", text);
    CHECK(contains(error_of(made.node(), "web").message, "crictl: its answer is not a list of containers"));
  }
}

TEST_CASE("runtimes: a tool cannot name another runtime's containers", "[runtimes]") {
  MadeNode made;
  made.process(10, MadeNode::v2(MadeNode::docker_v2(kA)));
  made.process(11, MadeNode::v2(MadeNode::podman_rootless(kB)));
  made.tool_prints("docker", kA + " web\n");
  made.tool_prints("nerdctl", kB + " web\n");
  auto container = found(made.node(), "web");
  CHECK(container.id == kA);
  REQUIRE(container.remarks.size() == 1);
  CHECK(container.remarks[0] == "nerdctl: lists 'web' as bbbbbbbbbbbb, which is a container of podman");
}

TEST_CASE("runtimes: tools are taken from whole paths alone", "[runtimes]") {
  MadeNode made;
  made.tool_prints("docker", kA + " web\n");
  auto node = made.node();
  node.tools.insert(node.tools.begin(), {"", ".", "tools"});
  CHECK(found(node, "web").id == kA);
  node.tools.pop_back();
  CHECK(contains(error_of(node, "web").message, "docker: not installed"));
  for (const auto& directory : Node::own().tools) CHECK(directory.starts_with('/'));
}

TEST_CASE("runtimes: a name that a manager's file has needs no tool", "[runtimes]") {
  MadeNode made;
  made.process(10, MadeNode::v2(MadeNode::docker_v2(kA)));
  made.file("var/lib/docker/containers/" + kA + "/config.v2.json", R"({"ID":")" + kA + R"(","Name":"/web"})");
  made.file("var/lib/docker/containers/" + kB + "/config.v2.json", R"({"ID":")" + kB + R"(","Name":"/old"})");
  made.tool_prints("docker", kB + " old\n");
  for (const char* word : {"web", "/web"}) {
    auto container = found(made.node(), word);
    CHECK(container.id == kA);
    CHECK(container.runtime == "docker");
    CHECK(container.processes == 1);
  }
  CHECK(found(made.node(), kA.substr(0, 12)).name == "web");
  CHECK(made.read("docker.asked").empty());
  // Of one that does not run a tool may know more.
  CHECK(found(made.node(), "old").processes == 0);
  CHECK_FALSE(made.read("docker.asked").empty());
}

TEST_CASE("runtimes: podman is not asked where it would make its directories", "[runtimes]") {
  MadeNode made;
  made.program("podman");
  made.tool("docker", "exec podman \"$@\"");
  auto message = error_of(made.node(), "web").message;
  CHECK(contains(message, "podman: was not used since the boot, so it is not asked"));
  CHECK(contains(message, "docker: was not used since the boot, so it is not asked"));
  auto run = ::geteuid() == 0 ? "run/libpod" : "run/user/" + std::to_string(::geteuid()) + "/libpod";
  made.file(run + "/alive", "");
  message = error_of(made.node(), "web").message;
  CHECK_FALSE(contains(message, "was not used"));
}

TEST_CASE("runtimes: an empty word is said to be empty", "[runtimes]") {
  MadeNode made;
  for (const char* word : {"", "/"}) CHECK(contains(error_of(made.node(), word).message, "is empty"));
}
