#include "sys/privileges.h"

#include <linux/bpf.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>

#include "sys/unprivileged.h"

namespace stapkill {
namespace {

// Numbers from include/uapi/linux/capability.h: an older libcap has no name for the last.
constexpr cap_value_t kKept[] = {
    CAP_SYS_PTRACE,       // /proc/PID/exe, cwd and root of processes with more capabilities or another user
    CAP_DAC_READ_SEARCH,  // scripts and programs in other users' directories
    CAP_SETUID,           // the child that follows stacks becomes nobody (sys/unprivileged.h); see the filter
    CAP_SETGID,
    CAP_KILL,  // to end that child
    39,        // CAP_BPF: until Linux 5.19 even a map that is open needs it (kernel/bpf/syscall.c); see the filter
};

// What no recorder and none of its children (journalctl, stapkill frames, a hook) does once the programs run.
constexpr const char* kDenied[] = {
    // file systems and namespaces
    "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount",
    "fspick", "mount_setattr", "setns", "unshare", "open_by_handle_at", "quotactl", "quotactl_fd",
    // the kernel, its modules and its time
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff",
    "acct", "syslog", "iopl", "ioperm", "settimeofday", "stime", "clock_settime", "clock_settime64", "clock_adjtime",
    "clock_adjtime64", "adjtimex", "sethostname", "setdomainname", "nfsservctl", "vhangup", "perf_event_open",
    "userfaultfd", "io_uring_setup", "lookup_dcookie",
    // keys
    "add_key", "keyctl", "request_key",
    // other processes' memory
    "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp",
    // other users
    "setuid", "setgid", "setreuid", "setregid", "setfsuid", "setfsgid", "setuid32", "setgid32", "setreuid32",
    "setregid32", "setfsuid32", "setfsgid32", "capset",
#ifndef __SANITIZE_ADDRESS__
    "ptrace",  // LeakSanitizer looks at its own process by it
#endif
};

// The bpf(2) commands on maps, programs and links that are open.
constexpr int kBpfKept[] = {BPF_MAP_LOOKUP_ELEM,  BPF_MAP_UPDATE_ELEM,    BPF_MAP_DELETE_ELEM,
                            BPF_MAP_GET_NEXT_KEY, BPF_OBJ_GET_INFO_BY_FD, BPF_LINK_DETACH};
constexpr int kBpfLast = 63;  // more than there are

constexpr unsigned kNamespaces =
    CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;

/// A filter under construction; remembers the first error.
class Filter {
 public:
  Filter() : rules_(seccomp_init(SCMP_ACT_ALLOW)) {
    if (!rules_) {
      note(-ENOMEM);
      return;
    }
    note(seccomp_attr_set(rules_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM)));
    (void)seccomp_attr_set(rules_.get(), SCMP_FLTATR_CTL_TSYNC, 1);  // not before Linux 3.17
  }

  /// A call that this libseccomp or this machine lacks has no rule. The kernel's own comparison is of 64 bits: what is
  /// not exactly what is allowed is denied.
  template <typename... Conditions>
  void deny(const char* name, Conditions... conditions) {
    add(SCMP_ACT_ERRNO(EPERM), name, conditions...);
  }
  /// As a kernel that has not got it: libc then calls the older one.
  void hide(const char* name) { add(SCMP_ACT_ERRNO(ENOSYS), name); }

  int load() {
    if (!error_) note(seccomp_load(rules_.get()));
    return error_;
  }

 private:
  struct Release {
    void operator()(void* rules) const { seccomp_release(rules); }
  };
  void note(int error) {
    if (error < 0 && !error_) error_ = -error;
  }
  template <typename... Conditions>
  void add(std::uint32_t action, const char* name, Conditions... conditions) {
    int number = seccomp_syscall_resolve_name(name);
    if (number < 0 || error_) return;
    note(seccomp_rule_add(rules_.get(), action, number, sizeof...(conditions), conditions...));
  }

  std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, Release> rules_;
  int error_ = 0;
};

scmp_arg_cmp is_other(unsigned argument, std::uint64_t value) {
  return {argument, SCMP_CMP_NE, value, 0};
}

void deny_bpf(Filter& filter) {
  for (int command = 0; command <= kBpfLast; ++command) {
    if (std::find(std::begin(kBpfKept), std::end(kBpfKept), command) == std::end(kBpfKept))
      filter.deny("bpf", scmp_arg_cmp{0, SCMP_CMP_EQ, static_cast<std::uint64_t>(command), 0});
  }
  filter.deny("bpf", scmp_arg_cmp{0, SCMP_CMP_GT, kBpfLast, 0});
}

/// Nobody is the only other user.
void deny_users(Filter& filter) {
  for (const char* name : {"setresuid", "setresgid", "setresuid32", "setresgid32"}) {
    for (unsigned argument : {0U, 1U, 2U}) filter.deny(name, is_other(argument, kNobody));
  }
  for (const char* name : {"setgroups", "setgroups32"}) filter.deny(name, is_other(0, 0));
}

/// New namespaces by clone(2). clone3(2) has its flags in memory, where no filter can see them.
void deny_namespaces(Filter& filter) {
  for (unsigned bit = 1; bit; bit <<= 1U) {
    if (kNamespaces & bit) filter.deny("clone", scmp_arg_cmp{0, SCMP_CMP_MASKED_EQ, bit, bit});
  }
  filter.hide("clone3");
}

int load_filter(const RecorderNeeds& needs) {
  Filter filter;
  for (const char* name : kDenied) filter.deny(name);
  deny_bpf(filter);
  deny_users(filter);
  deny_namespaces(filter);
  if (!needs.network) filter.deny("socket", is_other(0, AF_UNIX));
  return filter.load();
}

/// Those of kKept that the process has; whether the kernel took them.
bool keep_capabilities() {
  std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)> had(cap_get_proc(), cap_free),
      kept(cap_init(), cap_free);
  if (!had || !kept) return false;
  for (auto capability : kKept) {
    cap_flag_value_t has = CAP_CLEAR;
    if (cap_get_flag(had.get(), capability, CAP_PERMITTED, &has) != 0 || has != CAP_SET) continue;
    cap_set_flag(kept.get(), CAP_PERMITTED, 1, &capability, CAP_SET);
    cap_set_flag(kept.get(), CAP_EFFECTIVE, 1, &capability, CAP_SET);
  }
  (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  return cap_set_proc(kept.get()) == 0;
}

}  // namespace

Result<void> keep_recorder_privileges(const RecorderNeeds& needs) {
  // no_new_privs first: from then on no exec, not even one of root's, gives a capability back (security/commoncap.c).
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !keep_capabilities())
    return fail(phrase("cannot give up privileges: {}", std::strerror(errno)));
  if (int error = load_filter(needs))
    return fail(phrase("cannot limit its own system calls: {}", std::strerror(error)));
  return {};
}

}  // namespace stapkill
