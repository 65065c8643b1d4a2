#include "verdict/evidence.h"

#include <csignal>

#include "catch.h"

using namespace stapkill;

namespace {

struct Core {
  Process process;
  Surroundings around;
  int own_pid = 0;

  Core(std::string pattern, std::optional<bool> uses_pid, int own) : own_pid(own) {
    process.pid = 4321;
    process.comm = "server";
    process.uid = 33;
    process.cwd = "/srv";
    around.core_pattern = std::move(pattern);
    around.core_uses_pid = uses_pid;
  }
  std::string text() const {
    Death death{process, SIGSEGV | 0x80, 0, 1'700'000'000'500'000'000, own_pid};
    SignalRecord signal;
    signal.number = SIGSEGV;
    return core_text({death, signal, {}, around});
  }
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("core_text: the path as the kernel makes it", "[evidence]") {
  CHECK(has(Core("core", false, 4321).text(), "dumped to /srv/core by"));
  CHECK(has(Core("core", true, 4321).text(), "dumped to /srv/core.4321 by"));
  CHECK(has(Core("core.%p", true, 4321).text(), "dumped to /srv/core.4321 by"));
  CHECK(has(Core("/c/%e-%s-%u-%t-%%", false, 4321).text(), "dumped to /c/server-11-33-1700000000-% by"));
  CHECK(has(Core("/c/%h.%p%", false, 4321).text(), "dumped to /c/%h.4321 by"));
  CHECK(has(Core("|/usr/bin/keep %p", true, 4321).text(), "handed to /usr/bin/keep "));
}

TEST_CASE("core_text: %p is the pid in its own namespace, %P the first one's", "[evidence]") {
  CHECK(has(Core("/c/%p-%P", false, 7).text(), "dumped to /c/7-4321 by"));
  CHECK(has(Core("/c/%P", true, 7).text(), "dumped to /c/4321.7 by"));  // %P counts for none
}

TEST_CASE("core_text: what is not known is not made up", "[evidence]") {
  CHECK(has(Core("/c/%p", false, 0).text(), "dumped to /c/%p by"));
  CHECK(has(Core("/c/core", true, 0).text(), "dumped to /c/core.%p by"));
  CHECK(Core("/c/core", std::nullopt, 4321).text() == "core dumped by core_pattern /c/core");
  CHECK(has(Core("/c/%p", std::nullopt, 4321).text(), "dumped to /c/4321 by"));
  CHECK(Core("", std::nullopt, 4321).text() == "core dumped");
}

TEST_CASE("evidence: the memory of a victim of the out-of-memory killer", "[evidence]") {
  auto process = std::make_shared<Process>();
  process->pid = 4321;
  process->comm = "server";
  Death death{*process, SIGKILL};
  SignalRecord signal;
  signal.sender = signal.target = process;
  Circumstances seen;
  Surroundings around;
  for (Cause cause : {Cause::oom_memcg, Cause::oom_global}) {
    seen.held = Circumstances::Held{2560, 256, 128, 64, 0, 0};
    CHECK(evidence_of_circumstances(cause, {death, signal, seen, around}).front() ==
          "server(4321) held 1.8 MiB: anon 1.0 MiB, file 512.0 KiB, shmem 256.0 KiB; address space 10.0 MiB");
    seen.held = Circumstances::Held{2560, 256, 128, 64, 1, 8192};
    CHECK(has(evidence_of_circumstances(cause, {death, signal, seen, around}).front(),
              "shmem 256.0 KiB, and 4.0 KiB in swap; page tables 8.0 KiB; address space"));
  }
  seen.held.reset();
  CHECK_FALSE(has(evidence_of_circumstances(Cause::oom_memcg, {death, signal, seen, around}).front(), "held"));
}
