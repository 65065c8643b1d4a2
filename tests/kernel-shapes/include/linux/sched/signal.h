@if 4.14 el8 4.19 5.10 6.1 7.2
#pragma once
#include <linux/sched.h>
#define SIGNAL_GROUP_EXIT 0x4
struct thread_group_cputimer {
	struct task_cputime_atomic cputime_atomic;
};
struct signal_struct {
	atomic_t live;
	int group_exit_code;
	unsigned int flags;
	struct thread_group_cputimer cputimer;
	struct tty_struct *tty;
	struct rlimit rlim[RLIM_NLIMITS];
	short oom_score_adj;
};
@if 4.14 4.19
#define SEND_SIG_NOINFO ((struct siginfo *) 0)
#define SEND_SIG_PRIV	((struct siginfo *) 1)
#define SEND_SIG_FORCED	((struct siginfo *) 2)
@end
@if el8 5.10 6.1 7.2
#define SEND_SIG_NOINFO ((struct kernel_siginfo *) 0)
#define SEND_SIG_PRIV	((struct kernel_siginfo *) 1)
@end
@end
