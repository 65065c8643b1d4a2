// staprun and stapio: loading the module and talking to it.
#include "backend/stap/messages.h"
#include "base/phrase.h"

namespace stapkill {
namespace {

using Level = DiagnosticRecord::Level;

// id, level, pattern, cause, remedy, check, options, source, context
constexpr Message kMessages[] = {
    {"insert.format", Level::error,
     R"(\b[Ii]nsert(ing)? (module |'|\w+ \(/).*: (-1 )?([Ii]nvalid module format|Exec format error))",
     msgid("The module does not fit the running kernel: its version magic, symbol versions or structures differ."),
     msgid("install the headers of the running build, or reboot into the installed kernel; dmesg has the reason; if it "
           "says "
           "\"no symbol version\", a script with -g needs -BCONFIG_MODVERSIONS=y"),
     "kernel.build", "",
     "staprun/staprun.c:214 with moderror(), staprun_funcs.c:38 (4.8=5.5; 1.6 :188); kmod 30 insmod.c, modprobe.c",
     false},
    {"insert.unknown-symbol", Level::error, R"(\b[Ii]nsert(ing)? (module |'|\w+ \(/).*: (-1 )?Unknown symb)",
     msgid("The kernel lacks a symbol that the module wants (dmesg names it), or the module's file is not there."),
     msgid("install the headers of the running build, or reboot into the installed kernel; if the file is missing, "
           "compile "
           "again"),
     "kernel.build", "",
     "staprun/staprun.c:214 with moderror(), staprun_funcs.c:38 (4.8=5.5; 1.6 :188); kmod 30 insmod.c, modprobe.c",
     false},
    {"kernel.signing", Level::error,
     R"(\b[Ii]nsert(ing)? (module |'|\w+ \(/).*: (-1 )?(Key was rej|Required key|Key has (expired|been revoked)))",
     msgid("The kernel takes only modules signed with a key it knows (Secure Boot or module.sig_enforce)."),
     msgid(
         "enrol a machine owner key for SystemTap (mokutil --import), or switch Secure Boot or module.sig_enforce off"),
     "kernel.signing", "",
     "staprun/staprun.c:214 with moderror(), staprun_funcs.c:38 (4.8=5.5; 1.6 :188); kmod 30 insmod.c, modprobe.c",
     false},
    {"insert.fips", Level::error, "Couldn't insert module in FIPS mode '",
     msgid("The kernel runs in FIPS mode, where staprun refuses unsigned modules itself."),
     msgid(
         "boot without fips=1; STAP_FIPS_OVERRIDE=1 in staprun's environment tries it anyway, and may end in a panic"),
     "kernel.signing", "", "staprun.c:204 (4.8)", false},
    {"insert.permitted", Level::error, R"(\b[Ii]nsert(ing)? (module |'|\w+ \(/).*: (-1 )?Operation not permitted)",
     msgid("The kernel forbids it: no CAP_SYS_MODULE (a container), kernel.modules_disabled=1, or lockdown."),
     msgid("run as root outside containers; on a kernel that is locked down enrol a machine owner key (mokutil "
           "--import) or "
           "switch Secure Boot off"),
     "kernel.lockdown", "",
     "staprun/staprun.c:214 with moderror(), staprun_funcs.c:38 (4.8=5.5; 1.6 :188); kmod 30 insmod.c, modprobe.c",
     false},
    {"insert.denied", Level::error, R"(\b[Ii]nsert(ing)? (module |'|\w+ \(/).*: (-1 )?Permission denied)",
     msgid("SELinux or AppArmor forbids the process to load modules, as in a container; or the module's file cannot be "
           "read."),
     msgid(
         "run it on the host, or in a container that is not confined (--security-opt label=disable); the denial is in "
         "ausearch -m avc, or in dmesg"),
     "env.container", "",
     "staprun/staprun.c:214 with moderror(), staprun_funcs.c:38 (4.8=5.5); kmod 30 insmod.c; security/selinux/hooks.c "
     "selinux_kernel_module_from_file",
     false},
    {"insert.exists", Level::error,
     R"(\b[Ii]nsert(ing)? (module |'|\w+ \(/).*: (-1 )?(File exists|Module already in kernel))",
     msgid("A module of that name is loaded already: another run of the same cached script, or one left over."),
     msgid("remove it with staprun -d NAME when nothing uses it, or give staprun -R"), "", "",
     "staprun/staprun.c:214 with moderror(), staprun_funcs.c:38 (4.8=5.5; 1.6 :188); kmod 30 insmod.c, modprobe.c",
     false},
    {"insert.memory", Level::error, R"(\b[Ii]nsert(ing)? (module |'|\w+ \(/).*: (-1 )?Cannot allocate memory)",
     msgid("The kernel has not enough memory for the module, or for its buffers."),
     msgid("free memory, or ask for less"), "", "-s4 -DMAXMAPENTRIES=2048",
     "staprun/staprun.c:214 with moderror(), staprun_funcs.c:38 (4.8=5.5; 1.6 :188); kmod 30 insmod.c, modprobe.c",
     false},
    {"insert.busy", Level::error, R"(\b[Ii]nsert(ing)? (module |'|\w+ \(/).*: (-1 )?Device or resource busy)",
     msgid("The kernel is loading or unloading a module of that name just now, or a notifier refused it."),
     msgid("try again in a moment"), "", "",
     "staprun/staprun.c:214 with moderror(), staprun_funcs.c:38 (4.8=5.5; 1.6 :188); kmod 30 insmod.c, modprobe.c",
     false},
    {"insert.parameters", Level::error, R"(\b[Ii]nsert(ing)? (module |'|\w+ \(/).*: (-1 )?Invalid parameters)",
     msgid("The module refused itself (the line before says why), or a VAR=VALUE names no global of the script."),
     msgid("see the line before it; check the names given with -G"), "kernel.build", "",
     "staprun/staprun.c:214 with moderror(), staprun_funcs.c:38 (4.8=5.5; 1.6 :188); kmod 30 insmod.c, modprobe.c",
     false},
    {"insert.nosys", Level::error,
     R"(\b[Ii]nsert(ing)? (module |'|\w+ \(/).*: (-1 )?(Function not implemented|Kernel does not have module support))",
     msgid("The kernel has no loadable modules (CONFIG_MODULES=n), or a sandbox kernel (gVisor)."),
     msgid("boot a kernel with CONFIG_MODULES"), "kernel.modules", "",
     "staprun/staprun.c:214 with moderror(), staprun_funcs.c:38 (4.8=5.5; 1.6 :188); kmod 30 insmod.c, modprobe.c",
     false},
    {"insert.symbol-version", Level::error, R"(\b[Ii]nsert(ing)? (module |'|\w+ \(/).*: (-1 )?Module has wrong symbol)",
     msgid("The module's symbol versions are not the kernel's."),
     msgid("install the headers of the running build, or reboot into the installed kernel"), "kernel.build", "",
     "staprun/staprun.c:214 with moderror(), staprun_funcs.c:38 (4.8=5.5; 1.6 :188); kmod 30 insmod.c, modprobe.c",
     false},
    {"insert.other", Level::error, R"(\b(Couldn't|could not|can't|[Ee]rror) insert(ing)? (module |'|\w+ \(/))",
     msgid("The kernel refused the module; the reason is at the end of the line, unless it was cut off."),
     msgid("see dmesg, which says more"), "kernel.modules", "",
     "staprun/staprun.c:214 with moderror(), staprun_funcs.c:38 (4.8=5.5; 1.6 :188); kmod 30 insmod.c, modprobe.c",
     false},
    {"staprun.rerun-R", Level::warning, "Rerun with staprun option '-R' to rename this module",
     msgid("Advice that follows \"File exists\"."), msgid("give staprun -R; stap itself does so without -m"), "", "",
     "staprun.c:420 (4.8)", false},
    {"stap.bpf", Level::error, R"(Error loading \S+\.bo: )",
     msgid("The script was compiled to BPF (--runtime=bpf), and the kernel refused the program: a loop without a fixed "
           "end, "
           "too many instructions, no permission, or a kernel that is too old."),
     msgid("leave out --runtime=bpf, which knows only a part of the language; else run it as root, with shorter "
           "handlers and "
           "without loops"),
     "", "", "stapbpf/stapbpf.cxx (4.8)", false},
    {"staprun.path", Level::error,
     R"((Unable to canonicalize path "|ERROR: Couldn't open '[^']*\.ko'|ERROR: ?(Error (stat'ing|reading)|Unexpected EOF reading) '))",
     msgid("The module file is missing or cannot be read (cache cleaned, other root, full disk)."),
     msgid("compile the module again"), "fs.space", "", "staprun_funcs.c:101-154 (4.8)", false},
    {"staprun.setuid", Level::error, "The effective user ID of staprun must be set to the root user",
     msgid("staprun has lost its setuid bit, or lies on a nosuid mount (container, NFS)."),
     msgid("reinstall the package with staprun, or run as root"), "stap.staprun", "", "staprun.c:524 (4.8)", false},
    {"user.privilege", Level::error, "You are trying to (run systemtap|load the module .*) as a normal user",
     msgid("The user is neither root nor in the groups of SystemTap."),
     msgid("run it with sudo, or join the groups stapdev and stapusr"), "user.privilege", "",
     "session.cxx:1921; staprun_funcs.c:801,853 (4.8)", false},
    {"user.privilege.directory", Level::error,
     R"((Members of the "stapusr" and "stapsys" groups can only use |ERROR: The module ".*" must (be owned by root|not be world writable)))",
     msgid("A stapusr member may load only modules that root put into /lib/modules/RELEASE/systemtap."),
     msgid("run it with sudo, join stapdev, or let root copy the module there"), "user.privilege", "",
     "staprun_funcs.c:473-550 (4.8)", false},
    {"user.staprun-denied", Level::error,
     R"(WARNING: .*(staprun|stapio) is not executable \(Permission denied|(sh|env|bash): .*(staprun|stapio).*: Permission denied)",
     msgid("staprun is mode 4754 root:stapusr: only members of stapusr may run it."),
     msgid("run it with sudo, or: usermod -aG stapusr,stapdev USER, and log in again"), "user.privilege", "",
     "util.cxx:895 (4.8)", false},
    {"stap.staprun-missing", Level::error,
     "(staprun|stapio)'?: (No such file or directory|not found|command not found)|WARNING: .*(staprun|stapio) is not "
     "executable",
     msgid("The package with staprun/stapio is not installed (on Debian systemtap-runtime), or stap was built with "
           "another "
           "prefix."),
     msgid("install the package with staprun (systemtap-runtime); SYSTEMTAP_STAPRUN and SYSTEMTAP_STAPIO name others"),
     "stap.staprun", "", "util.cxx:895; staprun.c run_as/execvp (4.8)", false},
    {"staprun.debugfs", Level::error,
     "Couldn't (mount|create) (/sys/kernel/debug|/mnt/relay)|ERROR: /mnt/relay exists but isn't a directory",
     msgid("debugfs is not mounted and staprun could not mount it (container without CAP_SYS_ADMIN, lockdown)."),
     msgid("mount it on the host: mount -t debugfs debugfs /sys/kernel/debug"), "fs.tracefs", "",
     "staprun_funcs.c:335,350,394,401 (4.8)", false},
    {"staprun.zombie", Level::warning, "'.*' is not a zombie ",
     msgid("staprun -d was asked to remove a module that is in use, of another user, or not loaded."),
     msgid("ignore it if the module is gone; else rmmod NAME as root"), "", "", "staprun.c:272 (4.8)", false},
    {"staprun.control", Level::error,
     R"((Cannot attach to module .* control channel; not running\?|Failed to initialize control channel|Couldn't enter main loop|cannot open control channel))",
     msgid("The module is not loaded, or its .ctl file below /sys/kernel/debug/systemtap or /proc/systemtap cannot be "
           "opened "
           "(two debugfs views in a container, module already gone after an init error)."),
     msgid("see the ERROR lines before it; run it on the host, not in a container"), "fs.tracefs", "",
     "ctl.c:78, mainloop.c:271, stapio.c:84 (4.8=5.5)", false},
    {"staprun.relay", Level::error,
     R"((couldn't open .*trace\d*: |Couldn't open file for cpu \d+|Too many CPUs: get_nprocs_conf))",
     msgid(
         "The trace buffers of the module cannot be opened (debugfs hidden, or more CPUs than staprun was built for)."),
     msgid("run it on the host, with debugfs mounted"), "fs.tracefs", "", "relay.c:121,399,439 (4.8)", false},
    {"staprun.output", Level::error, R"(Couldn't (open output file |write to output \d+ for cpu ))",
     msgid("The -o file cannot be written (directory missing, disk full, reader of the pipe gone)."),
     msgid("name another file with -o, or free some space"), "fs.space", "", "relay.c:105,304,482 (4.8)", false},
    {"staprun.remove", Level::warning,
     R"(Couldn't remove module '.*': |could not remove (module )?'?\S+: |ERROR: Removing '\S+': |Module \S+ is in use)",
     msgid("The module is still in use (a probe handler runs, a process holds its files) or the kernel cannot unload."),
     msgid("end stap and stapio first; then staprun -d NAME or rmmod NAME"), "", "",
     "staprun.c:288 (4.8); kmod 30 rmmod.c; module-init-tools rmmod.c", false},
    {"rmmod.not-loaded", Level::warning, R"(Module \S+ (is not currently loaded|does not exist in /proc/modules))",
     msgid("The module is already gone, or was never loaded."),
     msgid("nothing needs to be done; lsmod shows what is loaded"), "", "",
     "kmod 30 rmmod.c; module-init-tools rmmod.c", false},
    {"modprobe.not-found", Level::error, R"((modprobe: )?FATAL: Module \S+ not found)",
     msgid("modprobe looks only below /lib/modules of the running release, where stap's modules are not."),
     msgid("load stap's modules with staprun FILE.ko; the kernel's own modules are missing after an update without a "
           "reboot, "
           "or in a container"),
     "kernel.modules", "", "kmod 30 modprobe.c", false},
    {"modprobe.no-modules", Level::error,
     "kmod_search_moddep|could not open moddep file '|Could not open '?/lib/modules/\\S*modules.dep",
     msgid(
         "The running kernel's modules are not in /lib/modules: the kernel was updated without a reboot, or this is a "
         "container."),
     msgid("reboot into the installed kernel, or run it on the host"), "kernel.modules", "", "libkmod 30 libkmod.c",
     false, "modprobe.not-found"},
    {"staprun.signature", Level::error, "Unable to verify the (signature for the module|signed module) ",
     msgid("The .sgn file of SystemTap does not belong to the module."),
     msgid("compile it again, or run it as root or as a member of stapdev"), "user.privilege", "",
     "staprun_funcs.c:739, modverify.c:261 (4.8)", false},
    {"staprun.child", Level::warning, R"(WARNING: Child process exited with (signal|status) \d+)",
     msgid("The command given with -c ended by a signal or with a status; not a fault of SystemTap, but stap then "
           "exits 1."),
     msgid("nothing needs to be done: it says how the command ended"), "", "", "mainloop.c:131,136 (4.8)", false},
    {"staprun.relocation", Level::warning, "(reloc|module) name too long: ",
     msgid("The name of a section is too long for staprun; only addresses in that section are not shown by name."),
     msgid("nothing needs to be done"), "", "", "staprun.c:605,611 (4.8; an ERROR in 1.x)", false},
    {"staprun.internal", Level::error, R"(\b(staprun|stapio):\w+:\d+: ERROR:)",
     msgid("A system call failed inside staprun; text and errno follow."),
     msgid("read the reason at the end of the line: most often memory or permissions"), "stap.staprun", "",
     "staprun.h:133,136 (4.8)", false},
    {"staprun.options", Level::error,
     R"(ERROR: (Need a module name or path to load|Invalid (buffer size|file descriptor option|file size option|target namespaces pid|FILE name format|monitor interval|reader timeout value|option)|Module name \('.*'\) is too long|You (can't|have to) specify |Cannot have module options with attach))",
     msgid("staprun was called with wrong options."), msgid("correct staprun's options"), "", "",
     "common.c:84-340 (4.8)", false},
};

}  // namespace

std::span<const Message> loading_messages() {
  return kMessages;
}

}  // namespace stapkill
