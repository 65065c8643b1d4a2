#pragma once
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm_types.h>
#include <linux/resource.h>

#define PF_EXITING 0x4
#define PF_KTHREAD 0x200000
#define SIGCHLD 17
#define SIGCONT 18
#define SIGURG 23
#define SIGWINCH 28
#define SI_USER 0
#define SI_KERNEL 0x80
#define SI_TIMER -2

typedef struct { unsigned long sig[1]; } sigset_t;
int sigismember(sigset_t *set, int sig);
struct k_sigaction { struct { void (*sa_handler)(int); } sa; };
struct sighand_struct { struct k_sigaction action[64]; };

@if 3.10 el7 3.13 4.4 4.9 4.14 4.19
struct siginfo {
@end
@if el8 5.10 6.1 7.2
struct kernel_siginfo {
@end
	int si_signo, si_errno, si_code;
	void __user *si_addr;
};

@if 3.10 el7 3.13 4.4 4.9
typedef unsigned long cputime_t;
#define cputime_to_jiffies(time) (time)
struct task_cputime {
	cputime_t utime;
	cputime_t stime;
};
@end
@if 4.4 4.9 4.14 el8 4.19 5.10 6.1 7.2
struct task_cputime_atomic { atomic64_t utime, stime; };
@end
@if 3.10 el7 3.13
struct thread_group_cputimer { struct task_cputime cputime; };
@end
@if 4.4 4.9
struct thread_group_cputimer {
	struct task_cputime_atomic cputime_atomic;
};
@end

struct tty_struct;
struct upid { int nr; };
struct pid { unsigned int level; struct upid numbers[1]; };
@if 3.10 el7 3.13 4.4 4.9
#define SIGNAL_GROUP_EXIT 0x4
struct signal_struct {
	atomic_t live;
	int group_exit_code;
	unsigned int flags;
	struct thread_group_cputimer cputimer;
	struct tty_struct *tty;
	struct rlimit rlim[RLIM_NLIMITS];
	short oom_score_adj;
};
#define SEND_SIG_NOINFO ((struct siginfo *) 0)
#define SEND_SIG_PRIV	((struct siginfo *) 1)
#define SEND_SIG_FORCED	((struct siginfo *) 2)
@end

@if el8
#define RH_KABI_DEPRECATE(_type, _orig) _type rh_reserved_##_orig;
struct task_struct_rh {
	u64				self_exec_id;
};
@end
@if el7
#define RH_KABI_DEPRECATE(_type, _orig) _type rh_reserved_##_orig;
@end
struct task_struct {
	unsigned int flags;
	unsigned int ptrace;
@if el8
	struct task_struct_rh		*task_struct_rh;
@end
	struct mm_struct *mm;
	int exit_code;
	int pdeath_signal;
	pid_t pid, tgid;
	struct task_struct *real_parent, *group_leader;
@if 3.10 el7 3.13
	struct timespec real_start_time;
@end
@if 4.4 4.9 4.14 el8 4.19
	u64				real_start_time;
@end
@if 5.10 6.1 7.2
	u64				start_boottime;
@end
	char comm[TASK_COMM_LEN];
	struct fs_struct *fs;
	struct signal_struct *signal;
	struct sighand_struct *sighand;
	sigset_t blocked;
	struct { int mode; } seccomp;
@if 3.10 3.13 4.4 4.9 4.14 4.19
	u32 self_exec_id;
@end
@if el7 el8
	RH_KABI_DEPRECATE(u32, self_exec_id)
@end
@if el7 5.10 6.1 7.2
	u64 self_exec_id;
@end
};
extern struct task_struct *current;
struct pid *task_pid(struct task_struct *task);
kuid_t task_uid(struct task_struct *task);
struct user_namespace { int level; };
extern struct user_namespace init_user_ns;
uid_t from_kuid(struct user_namespace *to, kuid_t uid);
