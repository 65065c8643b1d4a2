#include "host/facts.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <zlib.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "catch.h"
#include "host/ask.h"
#include "temporary.h"

using namespace stapkill;
using namespace std::string_literals;

namespace {

/// Facts as a file has them.
std::shared_ptr<Facts> loaded(const Temporary& root, const nlohmann::json& facts) {
  root.write("facts", nlohmann::json{{"schema", "stapkill.facts/1"}, {"facts", facts}}.dump());
  auto made = Facts::load((root / "facts").string());
  REQUIRE(made.has_value());
  return *made;
}

std::string gzipped(const std::string& text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

TEST_CASE("facts: what was asked of a tree is saved and read back", "[facts]") {
  Temporary root;
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  root.write("tree/etc/bytes", every);
  root.write("tree/etc/text", "a \"quoted\" ü\n");
  root.write("tree/etc/\xff\xfe", "odd\n");
  root.write("tree/proc/sys/kernel/osrelease", "6.1.0-1-amd64\n");
  auto facts = Facts::below((root / "tree").string());
  REQUIRE(facts.has_value());
  CHECK_FALSE((*facts)->live_host());
  auto ask = [&](Facts& from) {
    CHECK(from.file("/etc/bytes").value == every);
    CHECK(from.file("/etc/text").value == "a \"quoted\" ü\n");
    CHECK(from.file("/etc/\xff\xfe").value == "odd\n");
    CHECK(from.file("/etc/nothing").absent());
    CHECK(from.list("/etc").value == std::vector<std::string>{"bytes", "text", "\xff\xfe"});
    CHECK(from.inode("/etc/text")->size == 14);
    CHECK(from.inode("/etc")->type == 'd');
    CHECK(from.resolved("/etc/../etc").value == "/etc");
    CHECK(from.holds("/etc/text", "quoted").value == true);
    CHECK(from.holds("/etc/text", "\xfe").value == false);
    CHECK(from.uname()->release == "6.1.0-1-amd64");
    CHECK(from.uname()->machine == "x86_64");
    CHECK(from.place("modules").value == "/lib/modules");
    CHECK(from.packages()->manager == "files");
    CHECK_FALSE(from.identity());
    CHECK_FALSE(from.run({"true"}));
    CHECK_FALSE(from.free_space("/"));
    CHECK_FALSE(from.bpf_syscall());
    CHECK_FALSE(from.pid_namespace());
    CHECK(from.container().value == "");
  };
  ask(**facts);
  auto file = (root / "saved").string();
  REQUIRE((*facts)->save(file, "1.2.3", false).has_value());
  std::filesystem::remove_all(root / "tree");
  auto again = Facts::load(file);
  REQUIRE(again.has_value());
  CHECK((*again)->saved());
  ask(**again);
  CHECK((*again)->file("/never/asked").why == "not known");
  CHECK_FALSE((*again)->file("/never/asked").absent());
  auto json = nlohmann::json::parse(*read_file(file));
  CHECK(json["stapkill"] == "1.2.3");
  CHECK_FALSE(json.contains("hostname"));
  REQUIRE((*again)->save(file, "1.2.3", true).has_value());
  CHECK(nlohmann::json::parse(*read_file(file)).contains("hostname"));
}

TEST_CASE("facts: a question is asked once", "[facts]") {
  Temporary root;
  root.write("file", "first");
  auto facts = *Facts::below(root.path().string());
  CHECK(facts->file("/file").value == "first");
  root.write("file", "second");
  CHECK(facts->file("/file").value == "first");
  int asked = 0;
  auto live = Facts::live();
  auto find_out = [&] {
    ++asked;
    return known(Ran{0, "x", ""});
  };
  CHECK(live->outcome("trial", find_out)->out == "x");
  CHECK(live->outcome("trial", find_out)->out == "x");
  CHECK(asked == 1);
}

TEST_CASE("facts: from several threads", "[facts]") {
  Temporary root;
  root.write("file", "text");
  auto facts = *Facts::below(root.path().string());
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 200; ++j) {
        facts->exists("/" + std::to_string((i * j) % 50));
        facts->file("/file");
        if (j % 50 == 0) (void)facts->save((root / ("saved" + std::to_string(i))).string(), "", false);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(facts->file("/file").value == "text");
}

TEST_CASE("facts: a path that is not a directory, and the root itself", "[facts]") {
  Temporary root;
  CHECK_FALSE(Facts::below((root / "nothing").string()).has_value());
  CHECK_FALSE(Facts::below(root.write("file", "").string()).has_value());
  CHECK((*Facts::below("/"))->live_host());
  CHECK((*Facts::below("/../."))->live_host());
}

TEST_CASE("facts: files that do not hold facts", "[facts]") {
  Temporary root;
  CHECK_FALSE(Facts::load((root / "nothing").string()).has_value());
  const std::string texts[] = {
      "",
      "{",
      "[]",
      "null",
      "\"text\"",
      "{}",
      R"({"schema":1,"facts":{}})",
      R"({"schema":"stapkill.facts/1"})",
      R"({"schema":"stapkill.facts/1","facts":[]})",
      R"({"schema":"stapkill.facts/2","facts":{}})",
      R"({"schema":"stapkill.facts/1","facts":{})",
      "\xff\xfe",
  };
  for (const auto& text : texts) {
    INFO(text);
    CHECK_FALSE(Facts::load(root.write("facts", text).string()).has_value());
  }
}

TEST_CASE("facts: nesting of any depth does not use up the stack", "[facts]") {
  Temporary root;
  std::string deep = R"({"schema":"stapkill.facts/1","facts":{"file":{"/x":)" + std::string(3000000, '[');
  auto facts = Facts::load(root.write("facts", deep + std::string(3000000, ']') + "}}}").string());
  CHECK_FALSE(facts.has_value());
}

TEST_CASE("facts: of wrong types are not known", "[facts]") {
  Temporary root;
  const nlohmann::json wrong[] = {nullptr,
                                  true,
                                  7,
                                  -1,
                                  1.5,
                                  1e300,
                                  "text",
                                  nlohmann::json::array(),
                                  nlohmann::json::object(),
                                  {{"is", nullptr}},
                                  {{"is", 1e300}},
                                  {{"is", {{"hex", 5}}}},
                                  {{"is", {{"hex", "0"}}}},
                                  {{"is", {{"hex", "zz"}}}},
                                  {{"is", {{"hex", "-1"}}}},
                                  {{"why", 5}},
                                  {{"why", nullptr}},
                                  {{"is", {1, 2, 3}}},
                                  {{"is", {{"type", 5}}}}};
  for (const auto& one : wrong) {
    INFO(one.dump());
    nlohmann::json all;
    for (const char* kind : {"uname", "identity", "packages", "bpf_syscall", "pid_namespace", "container"})
      all[kind][""] = one;
    for (const char* kind : {"file", "unpacked", "list", "resolved", "inode", "build_id", "free_space", "program",
                             "place", "mounted", "outcome"})
      all[kind]["/x"] = one;
    all["holds"]["/x ? y"] = one;
    auto facts = loaded(root, all);
    CHECK_FALSE(facts->file("/x"));
    CHECK_FALSE(facts->unpacked("/x"));
    CHECK_FALSE(facts->list("/x"));
    CHECK_FALSE(facts->resolved("/x"));
    CHECK_FALSE(facts->inode("/x"));
    CHECK_FALSE(facts->holds("/x", "y"));
    CHECK_FALSE(facts->build_id("/x"));
    CHECK_FALSE(facts->free_space("/x"));
    CHECK_FALSE(facts->program("/x"));
    CHECK_FALSE(facts->place("/x"));
    CHECK_FALSE(facts->mounted("/x"));
    CHECK_FALSE(facts->packages());
    CHECK_FALSE(facts->uname());
    CHECK_FALSE(facts->identity());
    CHECK_FALSE(facts->bpf_syscall());
    CHECK_FALSE(facts->pid_namespace());
    CHECK_FALSE(facts->container());
    CHECK_FALSE(facts->run({"/x"}));
  }
  // A kind that is no object.
  for (const auto& group : {nlohmann::json(5), nlohmann::json::array({1}), nlohmann::json("x")}) {
    CHECK_FALSE(loaded(root, {{"file", group}})->file("/x"));
  }
}

TEST_CASE("facts: numbers are whole and fit", "[facts]") {
  Temporary root;
  auto inode = [&](const nlohmann::json& mode, const nlohmann::json& size) {
    return loaded(root, {{"inode",
                          {{"/x", {{"is", {{"type", "-"}, {"mode", mode}, {"uid", 0}, {"gid", 0}, {"size", size}}}}}}}})
        ->inode("/x");
  };
  CHECK(inode(0755, 5)->mode == 0755);
  CHECK_FALSE(inode(-1, 5));
  CHECK_FALSE(inode(4294967296, 5));
  CHECK_FALSE(inode(0755, 1e300));
  CHECK_FALSE(inode(0755, UINT64_MAX));
  CHECK_FALSE(inode(true, 5));
}

TEST_CASE("facts: gunzipped", "[facts]") {
  Temporary root;
  auto unpacked = [&](const std::string& bytes) {
    root.write("x.gz", bytes);
    return (*Facts::below(root.path().string()))->unpacked("/x.gz");
  };
  std::string text;
  for (int i = 0; i < 60000; ++i) text += "CONFIG_" + std::to_string(i) + "=y\n";
  auto packed = gzipped(text);
  CHECK(unpacked(packed).value == text);
  CHECK(unpacked(packed + "surplus").value == text);
  CHECK(unpacked(packed.substr(0, packed.size() / 2)).why == "cut short");
  CHECK(unpacked(packed.substr(0, 4)).why == "cut short");
  CHECK(unpacked("").why == "cut short");
  CHECK(unpacked("CONFIG_X=y\n").why == "damaged: no gzip data");
  auto damaged = packed;
  damaged[packed.size() - 6] = static_cast<char>(~damaged[packed.size() - 6]);
  CHECK(unpacked(damaged).why == "damaged: no gzip data");
  CHECK(unpacked(gzipped(std::string(64 << 20, '\0'))).why == "larger than 4 MiB");
  CHECK(unpacked(gzipped("")).value == "");
}

TEST_CASE("facts: saving leaves what is no regular file", "[facts]") {
  Temporary root;
  auto facts = Facts::live();
  std::filesystem::create_directory(root / "folder");
  std::filesystem::create_symlink("/dev/null", root / "link");
  CHECK_FALSE(facts->save((root / "folder").string(), "", false).has_value());
  CHECK_FALSE(facts->save((root / "link").string(), "", false).has_value());
  CHECK(std::filesystem::is_symlink(root / "link"));
  CHECK_FALSE(facts->save((root / "no/such/folder").string(), "", false).has_value());
  CHECK(facts->save(root.write("file", "old").string(), "", false).has_value());
  CHECK(Facts::load((root / "file").string()).has_value());
}

TEST_CASE("facts: the kernel of a captured tree", "[facts]") {
  auto uname = [](const std::vector<std::pair<std::string, std::string>>& files) {
    Temporary root;
    for (const auto& [name, text] : files) root.write(name, text);
    return (*Facts::below(root.path().string()))->uname();
  };
  CHECK_FALSE(uname({}));
  auto kernel =
      uname({{"proc/version", "Linux version 6.1.0-56-amd64 (a@b) (gcc-12) #1 SMP Debian 6.1.192-2 (2026)\n"}});
  CHECK(kernel->release == "6.1.0-56-amd64");
  CHECK(kernel->version == "#1 SMP Debian 6.1.192-2 (2026)");
  CHECK(kernel->machine == "x86_64");
  CHECK(uname({{"lib/modules/5.4.0-1-generic/modules.dep", ""}})->release == "5.4.0-1-generic");
  CHECK_FALSE(uname({{"lib/modules/5.4.0/x", ""}, {"lib/modules/5.5.0/x", ""}}));
  CHECK(uname({{"proc/version", "Linux version "}}).value.has_value() == false);
  CHECK(uname({{"proc/version", "Linux version 6"}})->release == "6");
  CHECK(uname({{"proc/sys/kernel/osrelease", "6.9.1-arm64\n"}, {"proc/sys/kernel/arch", "riscv64\n"}})->machine ==
        "riscv64");
}

TEST_CASE("facts: containers of a captured tree", "[facts]") {
  auto container = [](const std::string& file, const std::string& text) {
    Temporary root;
    root.write(file, text);
    return *(*Facts::below(root.path().string()))->container();
  };
  CHECK(container(".dockerenv", "") == "docker");
  CHECK(container("run/.containerenv", "") == "podman");
  CHECK(container("run/systemd/container", "lxc\n") == "lxc");
  CHECK(container("proc/1/cgroup", "0::/init.scope\n").empty());
  CHECK(container("proc/1/cgroup", "1:name=systemd:/kubepods/besteffort/pod1/x\n") == "kubernetes");
  CHECK(container("proc/1/cgroup", "0::/system.slice/cri-containerd-x.scope\n") == "containerd");
  CHECK(container("proc/1/environ", "container=lxc").empty());  // never read of others
}

TEST_CASE("facts: this machine", "[facts]") {
  auto facts = Facts::live();
  CHECK(facts->live_host());
  CHECK_FALSE(facts->uname()->release.empty());
  CHECK(facts->identity()->uid == static_cast<std::int64_t>(::geteuid()));
  CHECK(facts->free_space("/"));
  CHECK(facts->program("no-such-program").absent());
  auto ran = facts->run({"sh", "-c", "echo out; echo err >&2; exit 3"});
  REQUIRE(ran);
  CHECK(WEXITSTATUS(ran->status) == 3);
  CHECK(ran->out == "out\n");
  CHECK(ran->err == "err\n");
  CHECK_FALSE(facts->run({"no-such-program"}));
}

TEST_CASE("facts: a program that never stops writing does not fill the memory", "[facts]") {
  auto ran = ask_run({"sh", "-c", "head -c 50000000 /dev/zero"}, 60);
  REQUIRE(ran);
  CHECK(ran->out.size() == 8 << 20);
}

TEST_CASE("facts: a reason is a message of the catalogue, also when it is asked again and from a saved file",
          "[facts]") {
  Temporary root;
  auto facts = *Facts::below(root.path().string());
  for (int i = 0; i < 2; ++i) {
    CHECK(facts->file("/none").why == phrase_from(kAbsent));
    CHECK(facts->mounted("/").why == phrase("the table of mounts cannot be read: {}", phrase_from(kAbsent)));
  }
  auto file = (root / "saved").string();
  REQUIRE(facts->save(file, "", false).has_value());
  auto saved = *Facts::load(file);
  CHECK(saved->file("/none").why == phrase_from(kAbsent));
  CHECK(saved->mounted("/").why == "the table of mounts cannot be read: no such file or directory");
}
