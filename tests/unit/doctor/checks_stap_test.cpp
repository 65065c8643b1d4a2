#include "made_host.h"

using namespace stapkill;

namespace {

std::string version_text(const std::string& version, const std::string& newest) {
  return "Systemtap translator/driver (version " + version + "/0.188)\ntested kernel versions: 2.6.32 ... " + newest +
         "\n";
}

MadeHost saved(const std::string& version, const std::string& newest, int status = 0, const std::string& err = "") {
  MadeHost host;
  host.say("program", "stap", "/usr/local/bin/stap").say("program", "staprun", "/usr/local/bin/staprun");
  host.say("outcome", "/usr/local/bin/stap -V",
           {{"status", status}, {"out", version.empty() ? "" : version_text(version, newest)}, {"err", err}});
  return host;
}

MadeHost& staprun(MadeHost& host, const std::string& version, unsigned mode) {
  host.say("outcome", "/usr/local/bin/staprun -V",
           {{"status", 0}, {"out", ""}, {"err", "Systemtap module loader/runner (version " + version + "/0.188)"}});
  return host.say("inode", "/usr/local/bin/staprun",
                  {{"type", "-"}, {"mode", mode}, {"uid", 0}, {"gid", 0}, {"size", 1}});
}

MadeHost& headers_and_runtime(MadeHost& host) {
  host.program("usr/bin/stap").write("usr/share/systemtap/runtime/sym.c");
  auto build = "lib/modules/" + host.release + "/build/";
  host.write(build + "Module.symvers").write(build + "include/linux/sched.h", "struct task_struct {\n");
  for (const char* name : {"args", "task_work", "uprobes", "hrtimer", "module", "proc_fs", "mm_types", "timer"})
    host.write(build + "include/linux/" + name + ".h");
  for (const char* name : {"stp_task_work.c", "transport/transport.c", "linux/timer.h", "transport/symbols.c",
                           "procfs-probes.c", "linux/task_finder2.c", "procfs.c", "transport/relay_v2.c"})
    host.write("usr/share/systemtap/runtime/" + std::string(name));
  return host;
}

}  // namespace

TEST_CASE("stap.present", "[checks]") {
  MadeHost none;
  auto finding = none.check(check_stap_present);
  CHECK(word(finding) == "fail");
  CHECK(finding.remedy->commands == std::vector<std::string>{"apt-get install systemtap gcc make"});
  none.program("usr/bin/stap");
  CHECK(word(none.check(check_stap_present)) == "pass");
  MadeHost named;
  named.say("program", "stap", "/no/such/stap").deny("inode", "/no/such/stap");
  finding = named.check(check_stap_present);
  CHECK(word(finding) == "fail");
  CHECK(has(finding.evidence[0].value, "/no/such/stap"));
}

TEST_CASE("stap.version", "[checks]") {
  CHECK(word(saved("4.8", "6.1.0-rc3").check(check_stap_version)) == "pass");
  auto finding = saved("4.4", "5.10.0-rc").check(check_stap_version);
  CHECK(word(finding) == "warn");
  CHECK(has(finding.message, "up to 5.10.0-rc, and this is 6.1"));
  CHECK(has(finding.remedy->text, "4.8 or later"));
  finding = saved("", "", 127 << 8, "error while loading shared libraries\nmore").check(check_stap_version);
  CHECK(word(finding) == "fail");
  CHECK(has(finding.message, "error while loading shared libraries"));
  CHECK_FALSE(has(finding.message, "more"));
  CHECK(word(MadeHost().check(check_stap_version)) == "warn");
  MadeHost packaged;
  packaged.program("usr/bin/stap")
      .write("var/lib/dpkg/status", "Package: systemtap\nStatus: install ok installed\nVersion: 1:4.8-2+b1\n");
  CHECK(has(packaged.check(check_stap_version).message, "SystemTap 4.8 was tested"));
  packaged.write("var/lib/dpkg/status", "Package: systemtap\nStatus: install ok installed\nVersion: 77.1-1\n");
  CHECK(has(packaged.check(check_stap_version).message, "not known"));
}

TEST_CASE("stap.runtime", "[checks]") {
  CHECK(word(MadeHost().check(check_stap_runtime)) == "skip");
  MadeHost fits;
  CHECK(word(headers_and_runtime(fits).check(check_stap_runtime)) == "pass");
  MadeHost torn;
  headers_and_runtime(torn);
  std::filesystem::remove(torn.root / "tree/usr/share/systemtap/runtime/sym.c");
  CHECK(word(torn.check(check_stap_runtime)) == "fail");
  MadeHost odd;
  headers_and_runtime(odd).write("lib/modules/" + odd.release + "/build/include/linux/sched.h", "nothing");
  CHECK(word(odd.check(check_stap_runtime)) == "warn");
}

TEST_CASE("stap.runtime: what a shim fixes, and what none does", "[checks]") {
  MadeHost host;
  headers_and_runtime(host);
  host.write("lib/modules/" + host.release + "/build/include/linux/task_work.h", "task_work_cancel_func(");
  host.write("usr/share/systemtap/runtime/stp_task_work.c", "kallsyms_lookup_name(\"task_work_cancel\")");
  auto finding = host.check(check_stap_runtime);
  CHECK(word(finding) == "pass");
  CHECK(has(finding.message, "shims: task_work_cancel"));
  host.shims = Shims::leave_out;
  finding = host.check(check_stap_runtime);
  CHECK(word(finding) == "fail");
  CHECK(has(finding.message, "SystemTap 5.2 does"));
  CHECK(has(finding.remedy->text, "leave --no-shims out"));
  host.shims = Shims::apply;
  host.write("lib/modules/" + host.release + "/build/include/linux/hrtimer.h", "hrtimer_setup(");
  finding = host.check(check_stap_runtime);
  CHECK(word(finding) == "fail");
  CHECK(has(finding.message, "SystemTap 5.3 does"));
}

TEST_CASE("stap.staprun", "[checks]") {
  MadeHost none;
  CHECK(word(none.check(check_stap_staprun)) == "fail");
  auto host = saved("4.8", "6.1");
  CHECK(word(staprun(host, "4.8", 04110).check(check_stap_staprun)) == "pass");
  host.identity(1000, 0);
  CHECK(word(host.check(check_stap_staprun)) == "pass");
  CHECK(word(staprun(host, "4.8", 0755).check(check_stap_staprun)) == "fail");
  host.identity(0, ~0ULL);
  CHECK(word(host.check(check_stap_staprun)) == "pass");
  auto finding = staprun(host, "5.1", 0755).check(check_stap_staprun);
  CHECK(word(finding) == "fail");
  CHECK(has(finding.message, "staprun is of version 5.1, stap of 4.8"));
  MadeHost packaged;
  packaged.program("usr/bin/stap").program("usr/bin/staprun");
  packaged.write("var/lib/dpkg/status",
                 "Package: systemtap\nStatus: install ok installed\nVersion: 4.8-2\n\n"
                 "Package: systemtap-runtime\nStatus: install ok installed\nVersion: 4.8-1\n");
  CHECK(word(packaged.check(check_stap_staprun)) == "fail");
  // Debian's is rwsr-xr-- root:stapusr: for others it is not on the PATH, and not missing either.
  MadeHost other;
  other.deny("program", "staprun")
      .say("inode", "/usr/bin/staprun", {{"type", "-"}, {"mode", 04754}, {"uid", 0}, {"gid", 106}, {"size", 1}});
  CHECK(has(other.check(check_stap_staprun).message, "stapusr"));
}
