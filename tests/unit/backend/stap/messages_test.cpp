#include "backend/stap/messages.h"

#include "catch.h"

using namespace stapkill;
using Level = DiagnosticRecord::Level;

namespace {

struct Case {
  const char* line;
  const char* id;
  Level level;
};

}  // namespace

TEST_CASE("messages: those of SystemTap that a driver should know", "[messages]") {
  const Case cases[] = {
      {"WARNING: Number of errors: 0, skipped probes: 3", "stap.skipped", Level::warning},
      {"WARNING: There were 12 transport failures. Try stap -s to increase the buffer size from 16.", "stap.transport",
       Level::warning},
      {"ERROR: Skipped too many probes, check MAXSKIPPED or try again with stap -t for more details.", "stap.overload",
       Level::error},
      {"ERROR: MAXACTION exceeded near identifier 'log' at /usr/share/systemtap/tapset/logging.stp:29:10",
       "stap.maxaction", Level::error},
      {"ERROR: Array overflow, check MAXMAPENTRIES near identifier 'a' at <input>:1:30", "stap.maxmapentries",
       Level::error},
      {"ERROR: probe overhead (1000 cycles) exceeded threshold (500 cycles) in last 1000 cycles", "stap.overload",
       Level::error},
      {"ERROR: read fault [man error::fault] at 0x0000000000000008 near operator '@cast' at x.stp:1:1", "stap.error",
       Level::error},
      {"ERROR: user string copy fault -14 at 0000000000000000 near identifier 'x'", "stap.error", Level::error},
      {"semantic error: no match (similar functions: do_exit, do_group_exit)", "stap.probe", Level::error},
      {"semantic error: missing x86_64 kernel/module debuginfo [man warning::debuginfo] under "
       "'/lib/modules/6.1.0/build'",
       "kernel.debuginfo", Level::error},
      {"semantic error: unable to find member 'real_start_time' for struct task_struct", "stap.runtime", Level::error},
      {"semantic error: 'struct task_struct' is being accessed instead of a member", "stap.pass2", Level::error},
      {"Checking \"/lib/modules/6.1.0/build/.config\" failed with error: No such file or directory", "kernel.build",
       Level::error},
      {"WARNING: kbuild exited with status: 2", "stap.runtime", Level::error},
      {"ERROR: module version mismatch (#1 SMP X vs #1 SMP Y), release 6.1.0", "kernel.build", Level::error},
      {"ERROR: Couldn't insert module '/tmp/x.ko': Invalid module format", "kernel.build", Level::error},
      {"ERROR: Couldn't insert module '/tmp/x.ko': Unknown symbol in module", "kernel.build", Level::error},
      {"ERROR: Couldn't insert module '/tmp/x.ko': Key was rejected by service", "kernel.signing", Level::error},
      {"ERROR: Couldn't insert module '/tmp/x.ko': Required key not available", "kernel.signing", Level::error},
      {"ERROR: Couldn't insert module '/tmp/x.ko': Operation not permitted", "kernel.modules", Level::error},
      {"ERROR: Build-id mismatch [man error::buildid] \"kernel\" byte 0 (0x12 vs 0x34) address 0xffffffff81000000 rc 0",
       "kernel.debuginfo.match", Level::error},
      {"semantic error: user-space process-tracking facilities not available [man error::process-tracking]",
       "kernel.config", Level::error},
      {"ERROR: You are trying to run systemtap as a normal user.", "user.privilege", Level::error},
      {"Your privilege credentials (unprivileged) are insufficient to run stap.", "user.privilege", Level::error},
      {"ERROR: The effective user ID of staprun must be set to the root user.", "stap.staprun", Level::error},
      {"write error: No space left on device", "fs.space", Level::error},
      {"ERROR: Can't resolve uprobe_unregister!", "stap.error", Level::error},
  };
  for (const auto& row : cases) {
    INFO(row.line);
    auto known = explain_message(row.line);
    REQUIRE(known.has_value());
    CHECK(known->id == row.id);
    CHECK(known->level == row.level);
    CHECK(known->message == row.line);
    CHECK(known->time == 0);
  }
}

TEST_CASE("messages: what a person can do is told where there is something", "[messages]") {
  for (const char* line :
       {"There were 12 transport failures.", "Skipped too many probes", "Key was rejected by service",
        "Invalid module format", "No space left on device", "module version mismatch",
        "missing x86_64 kernel/module debuginfo", "You are trying to run systemtap as a normal user."}) {
    INFO(line);
    auto known = explain_message(line);
    REQUIRE(known.has_value());
    CHECK_FALSE(known->remedy.empty());
  }
}

TEST_CASE("messages: debuginfo is missing on other architectures too", "[messages]") {
  auto known =
      explain_message("semantic error: missing aarch64 kernel/module debuginfo under '/lib/modules/6.1.0/build'");
  REQUIRE(known.has_value());
  CHECK(known->id == "kernel.debuginfo");
}

TEST_CASE("messages: progress and noise mean nothing to a person", "[messages]") {
  for (const char* line : {"",
                           "Pass 1: parsed user script and 482 library scripts using "
                           "94700virt/67220res/6880shr/60540data kb, in 130usr ms.",
                           "Pass 5: starting run.", "Keeping temporary directory \"/tmp/stapX\"",
                           "make: Nothing to be done", "WARNING: \"x\" [y.ko] undefined!", "Truncating module name"}) {
    INFO(line);
    CHECK_FALSE(explain_message(line).has_value());
  }
}
