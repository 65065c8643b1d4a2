#include "host/procfs.h"

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;
using namespace std::string_view_literals;

namespace {

/// A /proc made by hand.
struct Proc {
  Temporary root;
  std::string path() const { return root.path(); }

  /// Name is as /proc/PID/status escapes it; comm as it stands in stat.
  void add(int pid, int parent, std::string_view comm, std::string_view name, std::string_view start = "4242",
           int terminal = 0) {
    std::string folder = std::to_string(pid) + '/', id = std::to_string(pid);
    root.write(folder + "status", "Name:\t" + std::string(name) + "\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t" + id +
                                      "\nNgid:\t0\nPid:\t" + id + "\nPPid:\t" + std::to_string(parent) +
                                      "\nTracerPid:\t0\nUid:\t1000\t1001\t1002\t1003\nGid:\t5\t5\t5\t5\n");
    root.write(folder + "stat", id + " (" + std::string(comm) + ") S " + std::to_string(parent) + " 5 6 " +
                                    std::to_string(terminal) + " -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 " +
                                    std::string(start) +
                                    " 1000 200 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n");
  }
  void add_file(int pid, std::string_view name, std::string_view text) {
    root.write(std::to_string(pid) + '/' + std::string(name), text);
  }
  void add_link(int pid, std::string_view name, std::string_view target) {
    std::filesystem::create_symlink(target, root / (std::to_string(pid) + '/' + std::string(name)));
  }
};

}  // namespace

TEST_CASE("procfs: a plain process", "[procfs]") {
  Proc proc;
  proc.add(123, 77, "sleep", "sleep");
  proc.add_file(123, "cmdline", "sleep\0 60\0\0"sv);
  proc.add_file(123, "cgroup", "0::/system.slice/x.service\n");
  proc.add_link(123, "exe", "/usr/bin/sleep");
  proc.add_link(123, "cwd", "/srv");
  auto entry = read_process(123, proc.path());
  REQUIRE(entry.has_value());
  CHECK(entry->parent == 77);
  const Process& process = entry->process;
  CHECK(process.pid == 123);
  CHECK(process.start == 4242);
  CHECK(process.comm == "sleep");
  CHECK(process.uid == 1000);  // the real one: it may signal the same processes as that user
  CHECK(process.exe == "/usr/bin/sleep");
  CHECK(process.cwd == "/srv");
  CHECK(process.cgroup == "/system.slice/x.service");
  CHECK(process.argv == std::vector<std::string>{"sleep", " 60", ""});
  CHECK(process.argv_bytes == 11);
}

TEST_CASE("procfs: the children of a process", "[procfs]") {
  Temporary root;
  root.write("7/task/7/children", "8 90 ");
  root.write("9/task/9/children", "");
  CHECK(children_of(7, root.path()) == std::vector<int>{8, 90});
  CHECK(children_of(9, root.path()).empty());
  CHECK(children_of(10, root.path()).empty());
  int child = ::fork();
  if (child == 0) ::_exit(::pause());
  auto own = children_of(::getpid());
  CHECK(std::count(own.begin(), own.end(), child) ==
        (std::filesystem::exists("/proc/self/task/" + std::to_string(::getpid()) + "/children") ? 1 : 0));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

TEST_CASE("procfs: hostile names", "[procfs]") {
  const std::pair<std::string_view, std::string_view> names[] = {
      {"a) R 1 (b", "a) R 1 (b"},
      {")", ")"},
      {"(", "("},
      {"", ""},
      {") S 1 2 3 (", ") S 1 2 3 ("},
      {"a\nTgid:\t1\nb", "a\\nTgid:\\t1\\nb"},
      {"Uid:\t0", "Uid:\t0"},
      {"PPid:\t9", "PPid:\t9"},
      {"Tgid:\t9", "Tgid:\t9"},
      {"\xff\xfe\n\x1b", "\xff\xfe\\n\x1b"},
      {" ", " "},
      {"((((((((((((((", "(((((((((((((("},
  };
  int pid = 100;
  for (const auto& [comm, escaped] : names) {
    INFO(comm);
    Proc proc;
    proc.add(++pid, 77, comm, escaped);
    auto entry = read_process(pid, proc.path());
    REQUIRE(entry.has_value());
    CHECK(entry->process.comm == comm);
    CHECK(entry->process.pid == pid);
    CHECK(entry->process.start == 4242);
    CHECK(entry->process.uid == 1000);
    CHECK(entry->parent == 77);
  }
}

TEST_CASE("procfs: what cannot be read stays empty", "[procfs]") {
  Proc proc;
  proc.add(123, 2, "kworker/0:1", "kworker/0:1");
  proc.add_file(123, "cmdline", "");
  auto entry = read_process(123, proc.path());
  REQUIRE(entry.has_value());
  CHECK_FALSE(entry->process.argv.has_value());
  CHECK_FALSE(entry->process.exe.has_value());
  CHECK_FALSE(entry->process.cwd.has_value());
  CHECK_FALSE(entry->process.cgroup.has_value());
}

TEST_CASE("procfs: a command line that its process has overwritten", "[procfs]") {
  Proc proc;
  proc.add(123, 1, "sshd", "sshd");
  proc.add_file(123, "cmdline", "sshd: root@pts/0");
  CHECK(read_process(123, proc.path())->process.argv == std::vector<std::string>{"sshd: root@pts/0"});
  proc.add_file(123, "cmdline", "\0\0x"sv);
  CHECK(read_process(123, proc.path())->process.argv == std::vector<std::string>{"", "", "x"});
}

TEST_CASE("procfs: no such process, or a damaged one", "[procfs]") {
  Proc proc;
  CHECK_FALSE(read_process(5, proc.path()).has_value());
  CHECK_FALSE(read_process(-5, proc.path()).has_value());
  proc.add(6, 1, "x", "x");
  for (const char* stat :
       {"", "6", "6 (x", "6 x) S", "6 (x)", "6 (x) S 1 2 3", ") ( S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
        "6 (x) S 1 5 6 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 no 1000"}) {
    INFO(stat);
    proc.add_file(6, "stat", stat);
    CHECK_FALSE(read_process(6, proc.path()).has_value());
  }
  std::filesystem::remove(proc.root / "6/stat");
  CHECK_FALSE(read_process(6, proc.path()).has_value());
}

TEST_CASE("procfs: the largest start time", "[procfs]") {
  Proc proc;
  proc.add(6, 1, "x", "x", "18446744073709551615");
  CHECK(read_process(6, proc.path())->process.start == UINT64_MAX);
}

TEST_CASE("procfs: a thread's id gives its process", "[procfs]") {
  Proc proc;
  proc.add(123, 1, "main", "main");
  proc.add_file(124, "status", "Name:\tworker\nTgid:\t123\nPid:\t124\nPPid:\t1\n");
  auto entry = read_process(124, proc.path());
  REQUIRE(entry.has_value());
  CHECK(entry->process.pid == 123);
  CHECK(entry->process.comm == "main");
}

TEST_CASE("procfs: a process that is ending, and one whose leader alone has ended", "[procfs]") {
  auto stat = [](int id, const char* state, const char* flags) {
    return std::to_string(id) + " (x) " + state + " 1 5 6 0 -1 " + flags + " 100 0 0 0 1 2 0 0 20 0 2 0 4242 1000\n";
  };
  Proc proc;
  proc.add(6, 1, "x", "x");
  auto ending = [&] {
    bool is_ending = read_process(6, proc.path())->ending;
    CHECK(process_lives(6, 4242, proc.path()) == !is_ending);
    return is_ending;
  };
  CHECK_FALSE(ending());
  proc.add_file(6, "stat", stat(6, "R", "4194564"));  // PF_EXITING
  CHECK(ending());
  proc.add_file(6, "stat", stat(6, "Z", "4194560"));
  CHECK(ending());
  proc.add_file(6, "task/6/stat", stat(6, "Z", "4194560"));
  proc.add_file(6, "task/7/stat", stat(7, "S", "4194560"));
  CHECK_FALSE(ending());
  proc.add_file(6, "task/7/stat", stat(7, "R", "4194564"));
  CHECK(ending());
  CHECK_FALSE(process_lives(6, 4243, proc.path()));
}

TEST_CASE("procfs: every process is visited once", "[procfs]") {
  Proc proc;
  proc.add(1, 0, "init", "init");
  proc.add(20, 1, "a", "a");
  proc.add(300, 20, "b", "b");
  proc.root.write("sys/kernel/x", "");
  proc.root.write("uptime", "1 2\n");
  std::filesystem::create_directory(proc.root / "4000");  // ends while it is read
  std::map<int, int> seen;
  for_each_process([&](ProcEntry entry) { ++seen[entry.process.pid]; }, proc.path());
  CHECK(seen == std::map<int, int>{{1, 1}, {20, 1}, {300, 1}});
  for_each_process([&](ProcEntry) { FAIL("there is none"); }, (proc.root / "nothing").string());
}

TEST_CASE("procfs: this process", "[procfs]") {
  auto entry = read_process(::getpid());
  REQUIRE(entry.has_value());
  const Process& process = entry->process;
  CHECK(entry->parent == ::getppid());
  CHECK(process.pid == ::getpid());
  CHECK(process.uid == static_cast<std::int64_t>(::getuid()));
  CHECK(process.exe == std::filesystem::read_symlink("/proc/self/exe").string());
  CHECK(process.cwd == std::filesystem::current_path().string());
  CHECK(process.start > 0);
  REQUIRE(process.argv.has_value());
  CHECK_FALSE(process.argv->empty());
  CHECK(process.comm == "stapkill_unit");
  std::size_t seen = 0;
  for_each_process([&](ProcEntry one) { seen += one.process.pid == ::getpid() && one.process.start == process.start; });
  CHECK(seen == 1);
}

TEST_CASE("procfs: a thread of this process", "[procfs]") {
  std::mutex mutex;
  std::condition_variable changed;
  int tid = 0;
  bool done = false;
  std::thread thread([&] {
    std::unique_lock lock(mutex);
    tid = static_cast<int>(::syscall(SYS_gettid));
    changed.notify_all();
    changed.wait(lock, [&] { return done; });
  });
  std::optional<ProcEntry> entry;
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return tid != 0; });
    entry = read_process(tid);
    done = true;
  }
  changed.notify_all();
  thread.join();
  CHECK(tid != ::getpid());
  REQUIRE(entry.has_value());
  CHECK(entry->process.pid == ::getpid());
}

TEST_CASE("procfs: this boot's id", "[procfs]") {
  CHECK(boot_id().size() == 36);
  CHECK(boot_id() == boot_id());
}

TEST_CASE("procfs: who logged in", "[procfs]") {
  Proc proc;
  proc.add(6, 1, "a", "a");
  CHECK_FALSE(read_process(6, proc.path())->process.login);  // a kernel without audit
  proc.add_file(6, "loginuid", "4294967295");
  proc.add_file(6, "sessionid", "4294967295");
  CHECK(read_process(6, proc.path())->process.login == Login{-1, -1});
  proc.add_file(6, "loginuid", "1000");
  proc.add_file(6, "sessionid", "3");
  CHECK(read_process(6, proc.path())->process.login == Login{1000, 3});
  // Not asked of a machine's containers: it costs one more file for each process.
  proc.add_file(6, "cgroup", "0::/system.slice/docker-" + std::string(64, 'a') + ".scope\n");
  CHECK_FALSE(read_process(6, proc.path())->process.login);
  proc.add_file(6, "cgroup", "0::/user.slice/user-1000.slice/libpod-" + std::string(64, 'a') + ".scope/container\n");
  CHECK(read_process(6, proc.path())->process.login == Login{1000, 3});
}

TEST_CASE("procfs: the terminal by its device's number", "[procfs]") {
  Proc proc;
  const std::pair<int, std::optional<std::string>> rows[] = {
      {0, ""},         {34816, "pts/0"},     {34819, "pts/3"},   {1083392, "pts/256"},
      {1025, "tty1"},  {1088, "ttyS0"},      {1281, "console"},  {52288, "ttyAMA0"},
      {58624, "hvc0"}, {1280, std::nullopt}, {-1, std::nullopt},
  };
  for (const auto& [number, name] : rows) {
    INFO(number);
    proc.add(6, 1, "a b) S", "a", "4242", number);
    CHECK(read_process(6, proc.path())->process.tty == name);
  }
}
