#include "host/machine.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "catch.h"
#include "connection.h"
#include "host/procfs.h"
#include "temporary.h"

using namespace stapkill;
namespace fs = std::filesystem;

TEST_CASE("machine: memory and the core pattern", "[machine]") {
  CHECK(memory_bytes() > 1 << 20);
  Temporary root;
  fs::create_directories(root.path() / "sys/kernel");
  std::ofstream(root.path() / "sys/kernel/core_pattern") << "|/usr/bin/keep %p\n";
  CHECK(core_pattern(root.path()) == "|/usr/bin/keep %p");
  CHECK(core_pattern(root.path() / "none").empty());
  CHECK_FALSE(core_uses_pid(root.path()));
  for (bool uses : {false, true}) {
    root.write("sys/kernel/core_uses_pid", uses ? "1\n" : "0\n");
    CHECK(core_uses_pid(root.path()) == uses);
  }
}

TEST_CASE("machine: the other end of a connection, of that very process", "[machine]") {
  auto self = read_process(::getpid());
  REQUIRE(self);
  Connection connection;
  CHECK(tcp_peer(self->process) == "127.0.0.1");
  auto other = self->process;
  other.start += 1;
  CHECK_FALSE(tcp_peer(other));
}

namespace {

/// A made /proc with one process, of pid 12 and start 34.
struct MadeProcess {
  Temporary proc;
  Process process;

  MadeProcess() {
    process.pid = 12;
    process.start = 34;
    proc.write("12/stat", "12 (sh) S 1 12 12 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 34 0 0\n");
    fs::create_directories(proc.path() / "12/fd");
  }
  void open(int number, const std::string& path, const std::string& flags) const {
    fs::create_symlink(path, proc.path() / "12/fd" / std::to_string(number));
    proc.write("12/fdinfo/" + std::to_string(number), "pos:\t0\nflags:\t" + flags + "\nmnt_id:\t1\n");
  }
  std::optional<std::string> script(std::string_view word) const {
    return script_directory(process, word, proc.path());
  }
};

constexpr const char* kShells = "02100000";  // O_RDONLY | O_LARGEFILE | O_CLOEXEC

}  // namespace

TEST_CASE("machine: where a shell's script is", "[machine]") {
  MadeProcess made;
  made.open(255, "/opt/app/run.sh", kShells);
  CHECK(made.script("run.sh") == "/opt/app");
  CHECK(made.script("./run.sh") == "/opt/app");
  CHECK(made.script("app/run.sh") == "/opt");
  CHECK(made.script("opt/app/run.sh") == "/");
  CHECK_FALSE(made.script("un.sh"));
  CHECK_FALSE(made.script("other.sh"));
  CHECK_FALSE(made.script("/opt/app/run.sh"));
  CHECK_FALSE(made.script(""));
  made.process.start = 35;
  CHECK_FALSE(made.script("run.sh"));
}

TEST_CASE("machine: a file that a script opened is not the script", "[machine]") {
  MadeProcess made;
  made.open(3, "/opt/app/run.sh", kShells);
  made.open(10, "/opt/app/run.sh", "0100000");
  made.open(255, "/opt/app/run.sh", "02100001");
  CHECK_FALSE(made.script("run.sh"));
  made.open(11, "/srv/run.sh (deleted)", kShells);
  CHECK(made.script("run.sh") == "/srv");
}

TEST_CASE("machine: the file of a job of at", "[machine]") {
  for (const auto& [path, is_job] :
       {std::pair("/var/spool/cron/atjobs/a0000101c2d3e4 (deleted)", true),
        std::pair("/var/spool/at/b0001f01c2d3e4", true), std::pair("/var/spool/cron/atjobs/a0000101c2d3", false),
        std::pair("/var/spool/cron/atjobs/a00001-1c2d3e4", false), std::pair("/srv/a0000101c2d3e4", false),
        std::pair("pipe:[1]", false)}) {
    MadeProcess made;
    made.open(0, path, "0100000");
    auto job = at_job(made.process, made.proc.path());
    INFO(path);
    CHECK(job.has_value() == is_job);
    if (job) CHECK_FALSE(job->ends_with(')'));
    made.process.start = 35;
    CHECK_FALSE(at_job(made.process, made.proc.path()));
  }
}

TEST_CASE("machine: unit files", "[machine]") {
  Temporary root;
  fs::create_directories(root.path() / "etc/systemd/system");
  std::ofstream(root.path() / "etc/systemd/system/a.timer") << "[Timer]\n";
  CHECK(has_unit_file("a.timer", root.path()));
  CHECK_FALSE(has_unit_file("b.timer", root.path()));
  CHECK_FALSE(has_unit_file("../system/a.timer", root.path()));
  CHECK_FALSE(has_unit_file("", root.path()));
}

TEST_CASE("machine: where a login came from", "[machine]") {
  Temporary root;
  auto origin = [&](std::string_view text) {
    root.write("run/systemd/sessions/3", text);
    return login_origin(3, root.path());
  };
  CHECK_FALSE(login_origin(3, root.path()));
  // As systemd 252 writes them, shortened.
  CHECK(
      origin("# private\nUID=1000\nUSER=alice\nREMOTE=1\nTYPE=tty\nREMOTE_HOST=192.0.2.7\nSERVICE=sshd\nTTY=pts/0\n") ==
      "ssh from 192.0.2.7");
  CHECK(origin("UID=0\nTTY=tty1\nSERVICE=login\n") == "login on tty1");
  CHECK(origin("UID=1000\nSERVICE=gdm-password\nTTY=tty2\n") == "gdm-password on tty2");
  CHECK(origin("UID=1000\nSERVICE=cron\n") == "cron");
  CHECK_FALSE(origin("UID=1000\nNOSERVICE=x\n"));
  CHECK_FALSE(origin(""));
  CHECK_FALSE(login_origin(-1, root.path()));
}
