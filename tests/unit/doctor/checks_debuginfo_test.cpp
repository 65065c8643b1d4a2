#include "made_host.h"

using namespace stapkill;

namespace {

const std::string kMine = "0123456789abcdef", kOther = "fedcba9876543210";

/// A saved host whose files' build ids are these.
MadeHost host_with(const std::string& running, const std::string& debuginfo) {
  MadeHost host;
  auto vmlinux = "/usr/lib/debug/boot/vmlinux-" + host.release;
  for (const auto& path : {"/boot/vmlinux-" + host.release, "/lib/modules/" + host.release + "/vmlinux",
                           "/lib/modules/" + host.release + "/build/vmlinux"})
    host.deny("inode", path);
  host.say("packages", "", {{"manager", "dpkg"}, {"all", nlohmann::json::array()}});
  host.say("inode", vmlinux, {{"type", "-"}, {"mode", 0644}, {"uid", 0}, {"gid", 0}, {"size", 1}});
  host.say("debug_info", vmlinux, true).say("build_id", vmlinux, debuginfo);
  return host.say("build_id", "/sys/kernel/notes", running);
}

MadeHost& packages(MadeHost& host, std::initializer_list<std::pair<std::string, std::string>> all) {
  auto list = nlohmann::json::array();
  for (const auto& [name, version] : all) list.push_back({name, version, "amd64"});
  return host.say("packages", "", {{"manager", "dpkg"}, {"all", list}});
}

}  // namespace

TEST_CASE("kernel.debuginfo", "[checks]") {
  MadeHost none;
  auto finding = none.check(check_kernel_debuginfo);
  CHECK(word(finding) == "warn");
  CHECK(finding.remedy->commands == std::vector<std::string>{"apt-get install linux-image-6.1.0-56-amd64-dbg"});
  CHECK(word(host_with(kMine, kMine).check(check_kernel_debuginfo)) == "pass");
}

TEST_CASE("kernel.debuginfo: a server may have it", "[checks]") {
  auto server = [](const std::string& urls, const std::string& url, const std::string& code) {
    MadeHost host;
    host.say("list", "/etc/debuginfod", {"a.urls", "b.txt"}).file("/etc/debuginfod/a.urls", urls);
    host.say("build_id", "/sys/kernel/notes", kMine).say("program", "curl", "/usr/bin/curl");
    auto asked = "/usr/bin/curl -sIo /dev/null -w %{http_code} --max-time 4 -- " + url;
    return host.say("outcome", asked, {{"status", 0}, {"out", code}, {"err", ""}}).check(check_kernel_debuginfo);
  };
  auto url = "https://d.example/buildid/" + kMine + "/debuginfo";
  CHECK(word(server("https://d.example/\n", url, "200")) == "pass");
  CHECK(word(server("https://d.example\n", url, "404")) == "warn");
  CHECK(word(server("https://d.example\n", url, "")) == "warn");
  CHECK(word(server("https://no.example https://d.example", url, "200")) == "pass");
  // Each that does not answer takes its time: the third is not asked.
  CHECK(word(server("https://no.example https://neither.example https://d.example", url, "200")) == "warn");
  CHECK(word(server("file:///etc/passwd -K/x $(x)", url, "200")) == "warn");
}

TEST_CASE("kernel.debuginfo.match", "[checks]") {
  CHECK(word(host_with(kMine, kMine).check(check_kernel_debuginfo_match)) == "pass");
  auto finding = host_with(kMine, kOther).check(check_kernel_debuginfo_match);
  CHECK(word(finding) == "fail");
  CHECK(finding.remedy->commands ==
        std::vector<std::string>{"apt-get install linux-image-6.1.0-56-amd64-dbg=6.1.192-2"});
  auto nameless = host_with(kMine, kOther);
  nameless.name.version = "#1 SMP my own";
  finding = nameless.check(check_kernel_debuginfo_match);
  CHECK(word(finding) == "fail");
  for (const auto& command : finding.remedy->commands) CHECK_FALSE(command.ends_with('='));
  auto foreign = host_with(kMine, kOther);
  foreign.running = false;
  CHECK(word(foreign.check(check_kernel_debuginfo_match)) == "skip");
  auto unknown = host_with(kMine, kMine);
  unknown.deny("build_id", "/sys/kernel/notes", "permission denied");
  CHECK(word(unknown.check(check_kernel_debuginfo_match)) == "warn");
  MadeHost none;
  CHECK(word(none.check(check_kernel_debuginfo_match)) == "skip");
}

TEST_CASE("kernel.debuginfo.match: builds of one release", "[checks]") {
  const std::string image = "linux-image-6.1.0-56-amd64";
  auto host = host_with(kMine, kMine);
  auto finding =
      packages(host, {{image, "6.1.192-3"}, {image + "-dbg", "6.1.192-3"}}).check(check_kernel_debuginfo_match);
  CHECK(word(finding) == "fail");
  CHECK(finding.remedy->reboot);
  CHECK(has(finding.message, "build 6.1.192-2 is running, but build 6.1.192-3"));
  finding = packages(host, {{image, "6.1.192-2"}, {image + "-dbg", "6.1.192-1"}}).check(check_kernel_debuginfo_match);
  CHECK(word(finding) == "fail");
  CHECK(has(finding.message, "the debuginfo is of build 6.1.192-1"));
  finding = packages(host, {{image, "6.1.192-2"}, {image + "-dbg", "6.1.192-2"}}).check(check_kernel_debuginfo_match);
  CHECK(word(finding) == "pass");
}
