#include "backend/bpf/programs.h"

#include <bpf/libbpf.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "backend/bpf/record.h"
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
  CHECK(loaded.error().message.english().find("'reads_beyond'") != std::string::npos);
  CHECK(loaded.error().remedy.english().find("-v") != std::string::npos);
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

TEST_CASE("programs: the result of a call is recorded, also where the caller's place is taken", "[programs]") {
  if (::geteuid() != 0 || ::access("/sys/kernel/btf/vmlinux", R_OK) != 0) return;
  if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, BPF_FUNC_loop, nullptr) != 1) return;
  std::unique_ptr<watch_bpf, void (*)(watch_bpf*)> skeleton(watch_bpf__open(), watch_bpf__destroy);
  REQUIRE(skeleton);
  REQUIRE(bpf_map__set_max_entries(skeleton->maps.events, 1 << 16) == 0);
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, skeleton->obj) {
    bpf_program__set_autoload(program, program == skeleton->progs.on_signal || program == skeleton->progs.on_sys_exit);
  }
  replace_only_read(skeleton->obj, 0);  // as for a kernel before 6.2
  REQUIRE(watch_bpf__load(skeleton.get()) == 0);
  REQUIRE(watch_bpf__attach(skeleton.get()) == 0);
  std::array<int, SK_KINDS> seen{};
  auto count = [](void* kinds, void* record, std::size_t) {
    ++(*static_cast<std::array<int, SK_KINDS>*>(kinds))[static_cast<sk_header*>(record)->kind];
    return 0;
  };
  std::unique_ptr<ring_buffer, void (*)(ring_buffer*)> ring(
      ring_buffer__new(bpf_map__fd(skeleton->maps.events), count, &seen, nullptr), ring_buffer__free);
  REQUIRE(ring);
  auto send = [&] {
    seen.fill(0);
    REQUIRE(::kill(::getpid(), SIGURG) == 0);
    ring_buffer__consume(ring.get());
  };

  auto pid = static_cast<std::uint32_t>(::getpid());
  std::uint64_t any_start = 0;
  REQUIRE(bpf_map__update_elem(skeleton->maps.targets, &pid, sizeof pid, &any_start, sizeof any_start, BPF_ANY) == 0);
  send();
  CHECK(seen[SK_SIGNAL] == 0);  // no pid with these last bits was noted: the map is not searched
  skeleton->bss->noted[pid % SK_NOTED] = 1;
  send();
  CHECK(seen[SK_SIGNAL] == 1);
  CHECK(seen[SK_RETURNED] == 1);

  auto tid = static_cast<std::uint32_t>(::gettid());
  std::uint32_t& place = skeleton->bss->callers[tid % std::size(skeleton->bss->callers)];
  CHECK(place == 0);
  place = tid + static_cast<std::uint32_t>(std::size(skeleton->bss->callers));
  send();
  CHECK(seen[SK_RETURNED] == 1);
  CHECK(place != 0);
  CHECK(skeleton->bss->kept_elsewhere == 0);
  CHECK(skeleton->bss->inside_calls == 0);
}

TEST_CASE("programs: errors that are not the verifier's", "[programs]") {
  auto id_of = [](int error) { return load_or_explain([&] { return -error; }, {}).error().id; };
  CHECK(load_or_explain([] { return 0; }, {}));
  CHECK(id_of(EPERM) == "bpf.privilege");
  CHECK(id_of(ESRCH) == "bpf.btf");
  bool types = ::access("/sys/kernel/btf/vmlinux", R_OK) == 0;
  CHECK(id_of(E2BIG) == (types ? "bpf.load" : "bpf.btf"));
}
