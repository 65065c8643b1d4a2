#include "verdict/oom_marks.h"

#include "catch.h"

using namespace stapkill;

namespace {

ProcessPtr make(int pid, std::uint64_t start, std::optional<std::string> cgroup = "/a/b") {
  auto process = std::make_shared<Process>();
  process->pid = pid;
  process->start = start;
  process->cgroup = std::move(cgroup);
  return process;
}

OomMark mark_with(const char* stack, std::optional<std::string> cgroup = "/a/b", const char* group = "a",
                  int level = 1) {
  auto seen = std::make_shared<Circumstances>();
  seen->stack = stack_names(stack);
  seen->memory = Circumstances::Memory{.level = level, .usage = 1, .limit = 1, .group = group};
  return {1, 100, make(100, 5, std::move(cgroup)), std::move(seen)};
}

}  // namespace

TEST_CASE("is_mark_of: by who it is, else by the thread that was killed", "[oom]") {
  CHECK(is_mark_of({1, 100, make(100, 5), nullptr}, *make(100, 5), nullptr));
  CHECK_FALSE(is_mark_of({1, 100, make(100, 5), nullptr}, *make(100, 6), nullptr));  // the pid's last owner
  CHECK(is_mark_of({1, 100, nullptr, nullptr}, *make(100, 5), nullptr));
  SignalRecord killed;
  killed.target_tid = 101;
  CHECK(is_mark_of({1, 101, nullptr, nullptr}, *make(100, 5), &killed));
  CHECK_FALSE(is_mark_of({1, 102, nullptr, nullptr}, *make(100, 5), &killed));
  CHECK_FALSE(is_mark_of({1, 101, nullptr, nullptr}, *make(100, 5), nullptr));
}

TEST_CASE("is_for_limit_of: below that cgroup, and for no other limit", "[oom]") {
  constexpr char memcg[] = "oom_kill_process,out_of_memory,mem_cgroup_out_of_memory";
  CHECK(is_for_limit_of(mark_with(memcg), "/a"));
  CHECK(is_for_limit_of({1, 100, make(100, 5), nullptr}, "/a"));
  CHECK(is_for_limit_of(mark_with(""), "/a"));
  CHECK_FALSE(is_for_limit_of(mark_with(memcg, "/ab"), "/a"));
  CHECK_FALSE(is_for_limit_of(mark_with(memcg, std::nullopt), "/a"));
  CHECK_FALSE(is_for_limit_of(mark_with(memcg), "a"));                   // whose path is not known
  CHECK_FALSE(is_for_limit_of(mark_with(memcg, "/a/b", "b", 0), "/a"));  // for its own
  CHECK_FALSE(is_for_limit_of(mark_with("out_of_memory,__alloc_pages_slowpath"), "/a"));
  CHECK(is_for_limit_of(mark_with("oom_kill_memcg_member,mem_cgroup_out_of_memory", "/a/b", "b", 0), "/a"));
  CHECK_FALSE(is_for_limit_of({1, 100, nullptr, nullptr}, "/a"));
}

TEST_CASE("limited_path: so many levels above, where the name agrees", "[oom]") {
  CHECK(limited_path(*make(1, 1, "/a/b/c"), {.level = 0, .group = "c"}) == "/a/b/c");
  CHECK(limited_path(*make(1, 1, "/a/b/c"), {.level = 2, .group = "a"}) == "/a");
  CHECK(limited_path(*make(1, 1, "/x"), {.level = 0, .group = "c"}) == "c");
  CHECK(limited_path(*make(1, 1, std::nullopt), {.level = 0, .group = "c"}) == "c");
}
