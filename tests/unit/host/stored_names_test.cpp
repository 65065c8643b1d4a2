#include "host/stored_names.h"

#include "catch.h"
#include "host/made_node.h"

using namespace stapkill;

namespace {

const std::string kA(64, 'a'), kB(64, 'b'), kUid = "2c48a299-e1f2-4f4c-9d7a-0123456789ab";

/// "RUNTIME ID'S-BEGINNING NAME POD-UID ATTEMPT" of each.
std::vector<std::string> listed(const MadeNode& made) {
  std::vector<std::string> all;
  for (const auto& one : stored_names((made / "").string()))
    all.push_back(one.runtime + ' ' + one.id.substr(0, 2) + ' ' + one.name + ' ' + one.pod_uid + ' ' +
                  std::to_string(one.attempt));
  return all;
}
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("stored names: docker's, where daemon.json says", "[stored_names]") {
  MadeNode made;
  made.file("srv/docker/containers/" + kA + "/config.v2.json", R"({"State":{"Running":true},"Name":"/web"})");
  CHECK(listed(made).empty());
  made.file("etc/docker/daemon.json", R"({"data-root": "/srv/docker"})");
  CHECK(listed(made) == Texts{"docker aa web  0"});
}

TEST_CASE("stored names: podman's; CRI-O's names are the kubelet's", "[stored_names]") {
  MadeNode made;
  made.file("var/lib/containers/storage/overlay-containers/containers.json",
            R"([{"id":")" + kA + R"(","names":["web","alias"],"image":"x"},{"id":")" + kB +
                R"(","names":["k8s_server_cart-0_shop_u_0"]},{"id":"short","names":["x"]},{"names":7},3])");
  CHECK(listed(made) == Texts{"podman aa web  0", "podman aa alias  0"});
}

TEST_CASE("stored names: nerdctl's", "[stored_names]") {
  MadeNode made;
  made.file("var/lib/nerdctl/1935db59/names/default/web", kA);
  made.file("var/lib/nerdctl/1935db59/names/default/.lock", "");
  made.file("var/lib/nerdctl/1935db59/names/default/damaged", "abc");
  made.file("var/lib/nerdctl/1935db59/containers/default/" + kB + "/hostname", "x");
  CHECK(listed(made) == Texts{"containerd aa web  0"});
}

TEST_CASE("stored names: the kubelet's links", "[stored_names]") {
  MadeNode made;
  made.link("var/log/containers/cart-0_shop_web-server-" + kA + ".log",
            "/var/log/pods/shop_cart-0_" + kUid + "/web-server/3.log");
  made.link("var/log/containers/cart-0_shop_web-" + std::string(63, 'a') + ".log", "x");
  made.link("var/log/containers/" + kA + ".log", "x");
  made.link("var/log/containers/-" + kA + ".log", "x");
  CHECK(listed(made) == Texts{" aa web-server " + kUid + " 3"});
}

TEST_CASE("stored names: damaged files name nobody", "[stored_names]") {
  for (const char* text :
       {"", "{", "[]", "{}", "null", R"({"Name":7})", R"({"Name":""})", R"({"Name":"/"})", "\xff\xfe"}) {
    INFO(text);
    MadeNode made;
    made.file("var/lib/docker/containers/" + kA + "/config.v2.json", text);
    made.file("var/lib/containers/storage/vfs-containers/containers.json", text);
    made.file("etc/docker/daemon.json", text);
    CHECK(listed(made).empty());
  }
}
