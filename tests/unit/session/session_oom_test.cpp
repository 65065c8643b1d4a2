// Which processes the out-of-memory killer's marks are reported for.
#include "session/scene.h"

namespace {

constexpr char kMemcg[] = "do_send_sig_info,__oom_kill_process,oom_kill_process,out_of_memory,mem_cgroup_out_of_memory";
constexpr char kGlobal[] = "do_send_sig_info,__oom_kill_process,oom_kill_process,out_of_memory,__alloc_pages_slowpath";

KernelEvent mark(int tid) {
  return events::event(kernel::OomVictim{tid});
}

KernelEvent in_cgroup(kernel::Task who, std::string_view cgroup) {
  auto event = events::exec(who, 1, "/bin/x", "x");
  events::image_of(event).cgroup = cgroup;
  return event;
}

/// What precedes the killer's signal to that thread.
KernelEvent circumstances(kernel::Task target, const char* stack, const char* group = "limited", int level = 0) {
  auto seen = std::make_shared<Circumstances>();
  seen->target_tid = target.tid;
  seen->signal = 9;
  seen->stack = stack_names(stack);
  seen->memory = Circumstances::Memory{.level = level, .usage = 1000, .limit = 1010, .group = group};
  return events::event(kernel::Around{std::move(seen)});
}

void kill(FakeBackend& fake, kernel::Task target, const char* stack = kMemcg, const char* group = "limited") {
  fake.report(circumstances(target, stack, group), kernel_signal(target, 9), mark(target.tid));
}

std::string evidence(const json& death) {
  std::string text;
  for (const auto& line : death["verdict"]["evidence"]) text += line.get<std::string>() + '\n';
  return text;
}

json death_of(const Scene& scene, int pid) {
  for (const auto& death : scene.all("death")) {
    if (death["process"]["pid"] == pid) return death;
  }
  FAIL("nobody of that pid died");
  return {};
}

bool tells_of_others(const json& death) {
  return evidence(death).find("mark_victim") != std::string::npos;
}

}  // namespace

TEST_CASE("session: the mark of its own thread is the victim's", "[session][oom]") {
  auto thread = kVictim;
  thread.tid = kVictimPid + 1;  // the leader has ended
  for (const char* stack : {kMemcg, ""}) {
    INFO(stack);
    Scene scene;
    scene.run([&](FakeBackend& fake) {
      appear(fake);
      fake.report(in_cgroup(kVictim, "/limited"));
      kill(fake, thread, stack);
      fake.report(events::exit(kVictim, 9));
      fake.end({});
    });
    auto death = scene.one("death");
    CHECK(death["verdict"]["cause"] == "oom-memcg");
    CHECK_FALSE(tells_of_others(death));
  }
}

TEST_CASE("session: others that were marked for the same limit are reported", "[session][oom]") {
  auto thread = kOther;
  thread.tid = kOther.pid + 7;
  Scene scene;
  scene.targets.names = {"^skt-"};
  scene.run([&](FakeBackend& fake) {
    fake.report(in_cgroup(kVictim, "/limited"), in_cgroup(kOther, "/limited/below"), in_cgroup(kKiller, "/elsewhere"));
    kill(fake, kVictim);
    fake.report(circumstances(thread, kMemcg, "limited", 1), kernel_signal(thread, 9));
    fake.report(events::exit(kOther, 9), mark(thread.tid));  // from another CPU, after its end
    kill(fake, kKiller, kMemcg, "elsewhere");
    fake.report(events::exit(kVictim, 9), events::exit(kKiller, 9));
    fake.end({});
  });
  auto victim = evidence(death_of(scene, kVictimPid));
  CHECK(victim.find("chose skt-other(5000300) as well\n") != std::string::npos);
  CHECK_FALSE(tells_of_others(death_of(scene, kKiller.pid)));
}

TEST_CASE("session: others that are not watched are reported by their cgroup, and unknown ones are not",
          "[session][oom]") {
  Scene scene;
  scene.run([&](FakeBackend& fake) {
    appear(fake);
    fake.report(in_cgroup(kVictim, "/limited"), in_cgroup(kOther, "/limited"), in_cgroup(kKiller, "/limited2"));
    kill(fake, kVictim);
    fake.report(events::exit(kOther, 9), mark(kOther.pid), mark(kKiller.pid), mark(5'000'999));
    fake.report(events::exit(kVictim, 9));
    fake.end({});
  });
  CHECK(evidence(scene.one("death")).find("chose skt-other(5000300) as well\n") != std::string::npos);
}

TEST_CASE("session: the machine's victims are not those of a cgroup's limit", "[session][oom]") {
  Scene scene;
  scene.targets.names = {"^skt-"};
  scene.run([&](FakeBackend& fake) {
    fake.report(in_cgroup(kVictim, "/a"), in_cgroup(kOther, "/b"), in_cgroup(kKiller, "/limited"));
    kill(fake, kVictim, kGlobal, "a");
    kill(fake, kOther, kGlobal, "b");
    kill(fake, kKiller);
    fake.report(events::exit(kVictim, 9), events::exit(kKiller, 9));
    fake.end({});
  });
  auto victim = death_of(scene, kVictimPid);
  CHECK(victim["verdict"]["cause"] == "oom-global");
  CHECK(evidence(victim).find("chose skt-other(5000300) as well at about that time\n") != std::string::npos);
  CHECK_FALSE(tells_of_others(death_of(scene, kKiller.pid)));
}
