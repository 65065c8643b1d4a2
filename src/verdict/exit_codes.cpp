// Sources: bash(1), timeout(1), env(1), xargs(1), ssh(1), sysexits.h, systemd.exec(5), docker-run(1), podman-run(1);
// containerd's cri (StartError, 255 for unknown) and the kubelet's status manager (ContainerStatusUnknown).
#include "verdict/exit_codes.h"

#include <algorithm>
#include <array>

#include "base/phrase.h"

namespace stapkill {
namespace {

constexpr std::string_view kSysexits = "sysexits.h", kLsb = msgid("init scripts (LSB), systemd"),
                           kSystemd = msgid("systemd, before it ran the program"),
                           kEnv = "env, nohup, nice, chroot, stdbuf", kContainer = "docker run, podman run",
                           kShell = msgid("a shell"), kItself = msgid("the program itself"),
                           kOwnMeaning =
                               msgid("Its own meaning: see the exit status section of its manual, and its log.");

// The likeliest first, where ranges overlap.
constexpr ExitMeaning kMeanings[] = {
    {0, 0, msgid("any program"), "", msgid("It succeeded, or says so. It ended by itself; no signal killed it.")},

    {1, 1, msgid("any program"), "", msgid("It failed. Also an uncaught exception in Python and on the JVM.")},
    {1, 1, "grep, diff, cmp, test", "", msgid("No fault: nothing was found, the files differ, the test is false.")},
    {2, 2, msgid("many programs, shell builtins"), "",
     msgid("Wrong usage: an option or argument that it does not know.")},
    {2, 2, msgid("Go programs"), "",
     msgid("A panic that nobody recovered, or SIGQUIT; the goroutines are on standard error.")},
    {2, 2, "grep, diff, make, ls", "", msgid("Real trouble: a file that cannot be read, a recipe that failed.")},
    {2, 2, kLsb, "INVALIDARGUMENT", msgid("Invalid or too many arguments.")},
    {3, 3, kLsb, "NOTIMPLEMENTED", msgid("The action is not implemented.")},
    {3, 3, msgid("the JVM"), "",
     msgid("Out of memory, with -XX:+ExitOnOutOfMemoryError. Its own heap limit, not the kernel's killer.")},
    {3, 3, "systemctl status, is-active", "", msgid("The unit is not running.")},
    {4, 4, kLsb, "NOPERMISSION", msgid("The user lacks the privilege.")},
    {5, 5, kLsb, "NOTINSTALLED", msgid("The program is not installed.")},
    {6, 6, kLsb, "NOTCONFIGURED", msgid("The program is not configured.")},
    {7, 7, kLsb, "NOTRUNNING", msgid("The program is not running.")},

    {64, 64, kSysexits, "EX_USAGE", msgid("The command was used wrongly.")},
    {65, 65, kSysexits, "EX_DATAERR", msgid("The input data were wrong.")},
    {66, 66, kSysexits, "EX_NOINPUT", msgid("An input file is missing or cannot be read.")},
    {67, 67, kSysexits, "EX_NOUSER", msgid("The user does not exist.")},
    {68, 68, kSysexits, "EX_NOHOST", msgid("The host does not exist.")},
    {69, 69, kSysexits, "EX_UNAVAILABLE", msgid("A service or helper that it needs is not there.")},
    {70, 70, kSysexits, "EX_SOFTWARE", msgid("An internal error of the program.")},
    {71, 71, kSysexits, "EX_OSERR", msgid("The operating system refused something: no fork, no pipe.")},
    {72, 72, kSysexits, "EX_OSFILE", msgid("A system file is missing or broken.")},
    {73, 73, kSysexits, "EX_CANTCREAT", msgid("An output file cannot be created.")},
    {74, 74, kSysexits, "EX_IOERR", msgid("Reading or writing a file failed.")},
    {75, 75, kSysexits, "EX_TEMPFAIL", msgid("A failure that may pass: try again later.")},
    {76, 76, kSysexits, "EX_PROTOCOL", msgid("The other side broke the protocol.")},
    {77, 77, kSysexits, "EX_NOPERM", msgid("Permission was denied.")},
    {78, 78, kSysexits, "EX_CONFIG", msgid("Something in the configuration is wrong.")},

    {101, 101, msgid("Rust programs"), "", msgid("A panic; its message is on standard error.")},

    {123, 123, "xargs", "", msgid("A command that it ran ended with 1 to 125.")},
    {124, 124, "timeout", "", msgid("The time was up, so it sent SIGTERM (or the signal of -s) to the command.")},
    {124, 124, "xargs", "", msgid("A command that it ran ended with 255.")},
    {125, 125, kContainer, "",
     msgid("Docker or podman itself failed: a wrong option, the daemon, the image. No program ran.")},
    {125, 125, "timeout", "", msgid("timeout itself failed; the command says nothing about it.")},
    {125, 125, kEnv, "",
     msgid("The wrapper itself failed, before it ran the command (nohup gives 127 under POSIXLY_CORRECT).")},
    {125, 125, "xargs", "", msgid("A command that it ran was killed by a signal.")},
    {126, 126, kShell, "",
     msgid("The command was found but cannot be run: no execute permission, a directory, a wrong format.")},
    {126, 126, kContainer, "", msgid("The container's command cannot be run. Also `docker exec` and `podman exec`.")},
    {126, 126, "timeout, xargs, env, nohup, nice, chroot", "", msgid("The command was found but cannot be run.")},
    {127, 127, kShell, "",
     msgid("The command was not found: a wrong name or PATH, or a script's interpreter is missing.")},
    {127, 127, msgid("the dynamic loader"), "",
     msgid("A shared library or a symbol version is missing; it says which on standard error.")},
    {127, 127, kContainer, "",
     msgid("The container's command was not found in the image. Also `docker exec` and `podman exec`.")},
    {127, 127, "timeout, xargs, env, nohup, nice, chroot", "", msgid("The command was not found.")},

    {128, 128, "git", "",
     msgid("A fatal error; the line with \"fatal:\" says what. 128 is no signal: there is none with number 0.")},
    {128, 128, "Kubernetes (containerd)", "StartError",
     msgid("The container could not be started: command, mount or image.")},

    // The caller shows 128+n itself, with the signal's name, above these (signal_in_status).
    {129, 129, msgid("the JVM"), "", msgid("It caught SIGHUP, ran its shutdown hooks, and exited by itself with 129.")},
    {130, 130, msgid("the JVM, many programs"), "",
     msgid("It caught ^C (SIGINT), cleaned up, and exited by itself with 130.")},
    {134, 134, msgid("Node, the JVM"), "",
     msgid("It aborted: Node's heap limit, or a crash of the JVM (look for hs_err_pid*.log).")},
    {137, 137, "docker, podman, Kubernetes", "",
     msgid("The container's main process was killed by SIGKILL: by the out-of-memory killer, by `docker kill`, or by a "
           "stop whose grace period ran out (docker 10 s, Kubernetes 30 s). Or it passed on the 137 of a child.")},
    {137, 137, "docker, podman, Kubernetes", "OOMKilled",
     msgid("The out-of-memory killer was at work in the container's memory cgroup: its limit, or one above it.")},
    {137, 137, "Kubernetes", "ContainerStatusUnknown",
     msgid("Not a real status: the kubelet lost track of the container (eviction, a node restart) and writes 137 for "
           "it.")},
    {137, 137, "timeout", "", msgid("It had to use SIGKILL (-s KILL, or -k and the command ignored SIGTERM).")},
    {137, 137, msgid("any program"), "",
     msgid("A plain exit(137), without a signal: mostly a wrapper that passes on a child's status.")},
    {141, 141, msgid("a pipeline with pipefail"), "", msgid("The reader had enough: `cmd | head`. Mostly harmless.")},
    {143, 143, "docker, podman, Kubernetes", "", msgid("A normal stop: SIGTERM, and the main process ended in time.")},
    {143, 143, msgid("the JVM"), "",
     msgid("It caught SIGTERM, ran its shutdown hooks, and exited by itself with 143.")},

    {200, 200, kSystemd, "CHDIR", msgid("The working directory cannot be entered (WorkingDirectory=).")},
    {201, 201, kSystemd, "NICE", msgid("The nice level could not be set (Nice=).")},
    {202, 202, kSystemd, "FDS", msgid("File descriptors could not be closed or passed on.")},
    {203, 203, kSystemd, "EXEC",
     msgid("The program could not be run: a wrong path, no execute permission, no interpreter.")},
    {204, 204, kSystemd, "MEMORY", msgid("Memory was short during the setup.")},
    {205, 205, kSystemd, "LIMITS", msgid("Resource limits could not be set (LimitNOFILE= and so on).")},
    {206, 206, kSystemd, "OOM_ADJUST", msgid("The OOM score could not be set (OOMScoreAdjust=).")},
    {207, 207, kSystemd, "SIGNAL_MASK", msgid("The signal mask could not be set.")},
    {208, 208, kSystemd, "STDIN", msgid("Standard input could not be set up (StandardInput=).")},
    {209, 209, kSystemd, "STDOUT",
     msgid("Standard output could not be set up (StandardOutput=): often a log file's path.")},
    {210, 210, kSystemd, "CHROOT", msgid("The root directory could not be changed (RootDirectory=).")},
    {211, 211, kSystemd, "IOPRIO", msgid("The I/O priority could not be set (IOSchedulingClass=).")},
    {212, 212, kSystemd, "TIMERSLACK", msgid("The timer slack could not be set (TimerSlackNSec=).")},
    {213, 213, kSystemd, "SECUREBITS", msgid("The secure bits could not be set (SecureBits=).")},
    {214, 214, kSystemd, "SETSCHEDULER", msgid("CPU scheduling could not be set (CPUSchedulingPolicy=).")},
    {215, 215, kSystemd, "CPUAFFINITY", msgid("The CPU affinity could not be set (CPUAffinity=).")},
    {216, 216, kSystemd, "GROUP", msgid("The group does not exist or could not be taken (Group=).")},
    {217, 217, kSystemd, "USER", msgid("The user does not exist or could not be taken (User=).")},
    {218, 218, kSystemd, "CAPABILITIES", msgid("Capabilities could not be dropped or given (CapabilityBoundingSet=).")},
    {219, 219, kSystemd, "CGROUP", msgid("The service's cgroup could not be set up.")},
    {220, 220, kSystemd, "SETSID", msgid("A new session could not be made.")},
    {221, 221, kSystemd, "CONFIRM", msgid("A person at the console said no.")},
    {222, 222, kSystemd, "STDERR", msgid("Standard error could not be set up (StandardError=).")},
    {224, 224, kSystemd, "PAM", msgid("The PAM session could not be opened (PAMName=).")},
    {225, 225, kSystemd, "NETWORK", msgid("The network namespace could not be set up (PrivateNetwork=).")},
    {226, 226, kSystemd, "NAMESPACE",
     msgid("Mounts could not be set up: often a path of ReadWritePaths= that does not exist.")},
    {227, 227, kSystemd, "NO_NEW_PRIVILEGES", msgid("New privileges could not be ruled out (NoNewPrivileges=).")},
    {228, 228, kSystemd, "SECCOMP", msgid("The system call filter could not be loaded (SystemCallFilter=).")},
    {229, 229, kSystemd, "SELINUX_CONTEXT",
     msgid("The SELinux context could not be found or taken (SELinuxContext=).")},
    {230, 230, kSystemd, "PERSONALITY", msgid("The execution domain could not be set (Personality=).")},
    {231, 231, kSystemd, "APPARMOR_PROFILE", msgid("The AppArmor profile could not be taken (AppArmorProfile=).")},
    {232, 232, kSystemd, "ADDRESS_FAMILIES",
     msgid("Address families could not be restricted (RestrictAddressFamilies=).")},
    {233, 233, kSystemd, "RUNTIME_DIRECTORY", msgid("The runtime directory could not be set up (RuntimeDirectory=).")},
    {235, 235, kSystemd, "CHOWN", msgid("A socket's owner could not be changed (socket units).")},
    {236, 236, kSystemd, "SMACK_PROCESS_LABEL", msgid("The SMACK label could not be set (SmackProcessLabel=).")},
    {237, 237, kSystemd, "KEYRING", msgid("The kernel keyring could not be set up.")},
    {238, 238, kSystemd, "STATE_DIRECTORY", msgid("The state directory could not be set up (StateDirectory=).")},
    {239, 239, kSystemd, "CACHE_DIRECTORY", msgid("The cache directory could not be set up (CacheDirectory=).")},
    {240, 240, kSystemd, "LOGS_DIRECTORY", msgid("The log directory could not be set up (LogsDirectory=).")},
    {241, 241, kSystemd, "CONFIGURATION_DIRECTORY",
     msgid("The configuration directory could not be set up (ConfigurationDirectory=).")},
    {242, 242, kSystemd, "NUMA_POLICY", msgid("The NUMA memory policy could not be set (NUMAPolicy=).")},
    {243, 243, kSystemd, "CREDENTIALS",
     msgid("The credentials could not be set up (LoadCredential=, SetCredential=).")},
    {245, 245, kSystemd, "BPF", msgid("BPF restrictions could not be applied (RestrictFileSystems=).")},

    {255, 255, "ssh", "",
     msgid("ssh itself failed: no connection, no login. Otherwise it returns the remote command's status.")},
    {255, 255, msgid("any program"), "",
     msgid("exit(-1): only the low 8 bits count. Also PHP's fatal error and, often, Perl's die.")},
    {255, 255, "Kubernetes (containerd)", "Unknown", msgid("The runtime does not know how the container ended.")},

    {2, 136, kItself, "", kOwnMeaning},
    {138, 254, kItself, "", kOwnMeaning},
};

constexpr Step kAskKernel = {
    msgid("next time ask the kernel: the report says \"killed by\" or \"exit status\", and who did it"),
    "stapkill watch --pid PID --until-death"};
constexpr Step kAskSystemd = {msgid("systemd says code=killed for a signal and code=exited for an exit status"),
                              "systemctl status UNIT"};
constexpr Step kAskedToEnd = {msgid("see whether it was asked to end: a SIGTERM before the exit is in the report"),
                              "stapkill watch --pid PID --until-death"};
constexpr Step kReadLog = {msgid("read the last lines that it logged"), "journalctl -u UNIT -n 50"};
constexpr Step kContainerLog = {msgid("in a container"), "docker logs --tail 50 CONTAINER"};
constexpr Step kPodState = {msgid("in Kubernetes: exit code and reason, of the last run too"),
                            "kubectl describe pod POD | grep -A6 State:"};

struct Advice {
  int first, last;
  std::string_view caution;
  Steps steps;
};

constexpr std::string_view kOnlyIfSaid = msgid(
    "128+n stands for signal n only when a shell or a container runtime made the number. A process killed by a signal "
    "has no exit status; one that exits with 128+n was not killed. (Python's subprocess says -n instead.)");

constexpr Steps kAnywhere = {{{kReadLog, kContainerLog, kPodState, kAskedToEnd}}};

// The first row that fits counts.
constexpr Advice kAdvice[] = {
    {0, 0, "", {{{kAskSystemd, kAskedToEnd}}}},
    {125,
     127,
     "",
     {{{{msgid("read standard error of what gave the number: docker, the shell or the wrapper names the reason"), ""},
        {msgid("is the command there, and may it be run?"), "command -v NAME; ls -l PATH; head -1 PATH"},
        {msgid("are its shared libraries there?"), "ldd PATH"},
        {msgid("see the command of a container"), "docker inspect -f '{{.Path}} {{.Args}} {{.State.Error}}' CONTAINER"},
        kPodState}}}},
    {137,
     137,
     kOnlyIfSaid,
     {{{kAskKernel,
        {msgid("docker: `true` means that the out-of-memory killer was at work; `false` does not rule it out: a child "
               "can have been killed and its 137 passed on"),
         "docker inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' CONTAINER"},
        {msgid("Kubernetes: reason OOMKilled, Error (some other SIGKILL) or ContainerStatusUnknown"),
         "kubectl describe pod POD | grep -A6 State:"},
        {msgid("the kernel writes a line for each out-of-memory kill; none at that time: it was another SIGKILL"),
         "journalctl -k | grep -iE 'oom-kill|killed process'"},
        {msgid("the cgroup counts them as oom_kill"), "cat /sys/fs/cgroup/CGROUP/memory.events"},
        kAskSystemd}}}},
    {129,
     192,
     kOnlyIfSaid,
     {{{kAskKernel,
        kAskSystemd,
        {msgid("docker: what the runtime saw"), "docker inspect -f '{{.State.ExitCode}} {{.State.Error}}' CONTAINER"},
        kPodState,
        {msgid("after a crash (134, 139 and the like) see whether there is a core dump"),
         "coredumpctl list --since today"}}}}},
    {223, 223, "", kAnywhere},  // these three are not systemd's
    {234, 234, "", kAnywhere},
    {244, 244, "", kAnywhere},
    {200,
     245,
     msgid("systemd gives these numbers only for services that it starts, before their program runs."),
     {{{{msgid("systemd shows the name beside the number: status=203/EXEC"), "systemctl status UNIT"},
        {msgid("and what exactly failed"), "journalctl -u UNIT -n 20"}}}}},
    {255,
     255,
     "",
     {{{{msgid("if it is ssh, see what it does"), "ssh -v HOST true"}, kReadLog, kContainerLog, kPodState}}}},
    {0, 255, "", kAnywhere},
};

const Advice& advice_for(int status) {
  return *std::find_if(std::begin(kAdvice), std::end(kAdvice) - 1,
                       [&](const Advice& row) { return row.first <= status && status <= row.last; });
}

}  // namespace

std::vector<const ExitMeaning*> meanings_of(int status) {
  std::vector<const ExitMeaning*> found;
  for (const auto& row : kMeanings) {
    if (row.first <= status && status <= row.last) found.push_back(&row);
  }
  return found;
}

/// The reason is set when the memory cgroup had a kill, whatever the main process ended with (containerd 1.7,
/// pkg/cri/server/events.go, TaskOOM).
constexpr std::string_view kOomReason = "OOMKilled";
constexpr std::string_view kOomOfAnother = msgid(
    "The out-of-memory killer was at work in the container's memory cgroup. It took another process than the main one, "
    "which ended with this status itself.");

std::string_view container_meaning(int status, std::string_view reason) {
  std::string_view likeliest;
  for (const auto* row : meanings_of(status)) {
    if (!reason.empty() && row->name == reason) return row->meaning;
    bool of_containers = row->who.find("docker") != std::string_view::npos;
    if (likeliest.empty() && of_containers && row->name.empty()) likeliest = row->meaning;
  }
  return reason == kOomReason ? kOomOfAnother : likeliest;
}

std::optional<int> signal_in_status(int status) {
  return status > 128 && status <= 128 + 64 ? std::optional(status - 128) : std::nullopt;
}

const Steps& how_to_tell(int status) {
  return advice_for(status).steps;
}

std::string_view caution(int status) {
  return advice_for(status).caution;
}

}  // namespace stapkill
