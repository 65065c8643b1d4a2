#include "backend/bpf/programs.h"

#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "catch.h"
#include "watch.skel.h"

using namespace stapkill;

namespace {

bool any_has(const std::vector<std::string>& lines, std::string_view words) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const auto& line) { return line.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("programs: what the verifier refuses is explained, and its log is passed on", "[programs]") {
  std::unique_ptr<bpf_object, void (*)(bpf_object*)> object(bpf_object__open_file(STAPKILL_REFUSED_PROGRAM, nullptr),
                                                            bpf_object__close);
  REQUIRE(object);
  std::vector<std::string> lines;
  auto loaded = load_or_explain([&] { return bpf_object__load(object.get()); },
                                [&](std::string_view line) { lines.emplace_back(line); });
  REQUIRE_FALSE(loaded);
  if (::geteuid() != 0) {  // the verifier never sees it
    CHECK(loaded.error().id == "bpf.privilege");
    return;
  }
  CHECK(loaded.error().id == "bpf.verifier");
  CHECK(loaded.error().message.find("'reads_beyond'") != std::string::npos);
  CHECK(loaded.error().remedy.find("-v") != std::string::npos);
  CHECK(loaded.error().check == "bpf.syscall");
  CHECK(any_has(lines, "BEGIN PROG LOAD LOG"));
  CHECK(any_has(lines, "invalid bpf_context access"));
  CHECK(std::none_of(lines.begin(), lines.end(), [](const auto& line) { return line.find('\n') != line.npos; }));
}

TEST_CASE("programs: the verifier accepts those for kernels without bpf_loop", "[programs]") {
  if (::geteuid() != 0 || ::access("/sys/kernel/btf/vmlinux", R_OK) != 0) return;  // the verifier never sees them
  constexpr std::string_view kWithout = "_before_5_17";
  std::unique_ptr<watch_bpf, void (*)(watch_bpf*)> skeleton(watch_bpf__open(), watch_bpf__destroy);
  REQUIRE(skeleton);
  REQUIRE(bpf_map__set_max_entries(skeleton->maps.events, 1 << 16) == 0);
  std::size_t count = 0;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton->obj) {
    bool wanted = std::string_view(bpf_program__name(program)).ends_with(kWithout);
    bpf_program__set_autoload(program, wanted);
    count += wanted ? 1 : 0;
  }
  CHECK(count == 4);
  std::string log;
  auto loaded = load_or_explain([&] { return watch_bpf__load(skeleton.get()); },
                                [&](std::string_view line) { log.append(line).append("\n"); });
  INFO(log);
  CHECK(loaded.has_value());
}

TEST_CASE("programs: errors that are not the verifier's", "[programs]") {
  auto id_of = [](int error) { return load_or_explain([&] { return -error; }, {}).error().id; };
  CHECK(load_or_explain([] { return 0; }, {}));
  CHECK(id_of(EPERM) == "bpf.privilege");
  CHECK(id_of(ESRCH) == "bpf.btf");
  bool types = ::access("/sys/kernel/btf/vmlinux", R_OK) == 0;
  CHECK(id_of(E2BIG) == (types ? "bpf.load" : "bpf.btf"));
}
