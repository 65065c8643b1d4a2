/* The records of the BPF programs, as they lie in the ring buffer. Included by the programs (C) and by decode.cpp.
 * Numbers are in the machine's byte order. */
#pragma once

#include <linux/types.h>

#define SK_COMM 16
#define SK_ONLY_READ 0x5ca57 /* the helper that no kernel has: a call of it is replaced (read.bpf.h) */
#define SK_ARGV 4096         /* bytes of an argv that are captured; its true length is known */
#define SK_PATHS 8192        /* bytes that the components of exe, cwd and cgroup share */
#define SK_PATH 3072         /* bytes that each may take: a longer path is unknown */
#define SK_NAME 256          /* a component with its NUL; NAME_MAX is 255 (include/uapi/linux/limits.h) */
#define SK_MOST_COMPONENTS 64
#define SK_MOST_ANCESTORS 64
#define SK_MOST_TARGETS 65536
#define SK_NOTED 65536    /* a power of two */
#define SK_MOST_LEVELS 16 /* of memory cgroups, from a process's own up */
#define SK_STACK_PARTS 4  /* a kernel stack has so many texts */
#define SK_STACK_PART 6   /* of so many functions each */
#define SK_STACK_TEXT 192 /* bytes; longer ones are truncated */
#define SK_STACK (SK_STACK_PARTS * SK_STACK_PART)
#define SK_REGISTERS 21 /* of struct pt_regs (arch/x86/include/uapi/asm/ptrace.h) */
#define SK_PAGE 4096
#define SK_STACK_PAGES 5 /* of a user-space stack, from the one of the stack pointer up */
#define SK_TTY 32
#define SK_SOCKET 108     /* a unix socket's path (UNIX_PATH_MAX, include/uapi/linux/un.h) */
#define SK_SOCKET_NAME 32 /* its last component with a NUL, if it is a manager's */

enum sk_kind {
  SK_DESCRIBE,      /* sk_image: the first signal of a process since its exec */
  SK_EXEC,          /* sk_image */
  SK_FORK,          /* sk_fork */
  SK_RENAME,        /* sk_rename */
  SK_SIGNAL,        /* sk_signal */
  SK_RETURNED,      /* sk_returned */
  SK_EXIT,          /* sk_exit */
  SK_OOM,           /* sk_oom */
  SK_CIRCUMSTANCES, /* sk_circumstances: right before their signal, from the same CPU */
  SK_SYSRQ,         /* sk_sysrq */
  SK_MOVED,         /* sk_image: only task and cgroup are set */
  SK_CONNECT,       /* sk_connect */
  SK_CODE,          /* sk_code: executable memory of the next sk_user_stack from the same CPU */
  SK_USER_STACK,    /* sk_user_stack: right before the signal that its task sends, from the same CPU; or at an exit */
  SK_KINDS,
};

struct sk_header {
  __u64 boot_ns; /* CLOCK_BOOTTIME */
  __u32 kind;
  __u32 cpu;
};

struct sk_task {
  __u64 start; /* clock ticks since boot, of the thread group's leader */
  __u32 pid;   /* thread group */
  __u32 tid;
  __u32 uid;
  char comm[SK_COMM]; /* the leader's */
  __u32 unused;
};

/* A path as its components: the last one first, each followed by a NUL. */
struct sk_path {
  __u32 bytes;
  __u32 flags;
};

#define SK_PATH_KNOWN 1   /* to the root of the process that has it */
#define SK_PATH_DELETED 2 /* its last component is no longer in its directory */

struct sk_image {
  struct sk_header header;
  struct sk_task task;
  __u32 parent; /* thread group */
  __u32 argv_known;
  __u64 argv_bytes;              /* its true length */
  __u32 login_known;             /* the kernel keeps logins (CONFIG_AUDIT) */
  __u32 loginuid, audit_session; /* of the current task; all bits set: none */
  __u32 unused;
  char tty[SK_TTY]; /* its terminal, with its NUL; empty: none */
  struct sk_path exe, cwd, cgroup;
  __u32 argv_taken;
  __u32 used; /* bytes of the paths */
  /* exe, cwd, cgroup and argv follow, each as long as given above */
};

struct sk_fork {
  struct sk_header header;
  struct sk_task parent; /* who forked */
  struct sk_task child;
  __u32 real_parent; /* another thread group with CLONE_PARENT */
  __u32 bash;        /* the line that a bash runs, and SK_BASH_* (base/kernel_numbers.h); 0: not known */
};

struct sk_rename {
  struct sk_header header;
  struct sk_task task;
};

struct sk_ancestor {
  __u64 start;
  __u32 pid;
  __u32 unused;
};

#define SK_OWN_CONTEXT 1 /* the sender's own code ran: no interrupt, no kernel thread */
#define SK_COMPAT 2      /* in a 32-bit system call */
#define SK_AS_BEFORE 4   /* its ancestors are those of the last signal from this CPU */
#define SK_EXITING 8     /* the sender is ending: no system call of its own sent this */
#define SK_BLOCKED 16    /* the target's thread blocks the signal */
#define SK_HANDLED 32    /* the target has a handler for it */
#define SK_REFUSED 64    /* the target ignores it (SIG_IGN) */
#define SK_AIMED 128     /* aim is known */

struct sk_signal {
  struct sk_header header;
  struct sk_task sender;
  struct sk_task target;
  __s32 number;
  __s32 code;
  __s32 result;
  __s32 call; /* number of the system call, -1 for none */
  __u32 context;
  __u32 depth; /* so many sk_ancestor follow, the sender's parent first; 0 with SK_AS_BEFORE */
  __s64 aim;   /* the call's first argument */
  __u32 bash;  /* the sender's, as in sk_fork */
  __u32 unused;
};

/* What the kernel knew of a signal that no system call sent. Limits and sizes of memory are in pages. */
struct sk_circumstances {
  struct sk_header header;
  __u32 target; /* thread */
  __s32 number;
  __u64 address;     /* of a fault, as siginfo has it */
  __u64 instruction; /* where the current task left user code */
  __u64 place;       /* its offset in the file that is mapped there */
  __u64 cpu_ns;      /* CPU time of the target, where a limit or a timer makes the kernel count it */
  __u64 cpu_soft, cpu_hard, file_size, core_size; /* RLIMIT_CPU in seconds, RLIMIT_FSIZE, RLIMIT_CORE in bytes */
  __u64 stack_pointer;                            /* at a fault; 0: none */
  __u64 stack_top, stack_limit;                   /* of the target's first thread; RLIMIT_STACK in bytes */
  /* The target's memory by kind, for a victim of the out-of-memory killer; tables in bytes */
  __u64 held_total, held_anon, held_file, held_shmem, held_swap, held_tables;
  __u64 usage, limit; /* of the memory cgroup with the least room left, from the target's own up */
  __s32 level;        /* of that one, above the target's own; -1: none has a limit */
  __s32 oom_score_adj;
  __u32 pdeath_signal;
  __u32 ptrace;                              /* task_struct.ptrace of the target */
  __u32 threads;                             /* of the sender that are not ending */
  __u32 stack_above;                         /* at a fault: memory can be read SK_STACK_ABOVE above the stack pointer */
  char tty[SK_TTY];                          /* the target's terminal, with its NUL; empty: none */
  char group[SK_NAME];                       /* the last component of that memory cgroup's path */
  char file[SK_NAME];                        /* name of the file that is mapped at the instruction; empty: unknown */
  char stack[SK_STACK_PARTS][SK_STACK_TEXT]; /* "function,function,…", innermost first; each part ends with a NUL */
};

/* A build of bash, and where its variables are (model/bash_layout.h). */
struct sk_bash_id {
  __u64 data, code;
};

struct sk_bash_places {
  __s64 line, text, function, source;
};

/* Executable memory of the current task. */
struct sk_code {
  struct sk_header header;
  __u64 start, end; /* addresses */
  __u64 offset;     /* of `start` in the file, in bytes */
  __u64 inode;      /* 0: memory without a file */
  __u32 device;
  struct sk_path path;
  __u32 used; /* bytes of the path, which follows */
};

/* What is needed to follow the current task's calls back. */
struct sk_user_stack {
  struct sk_header header;
  __u64 start; /* of the thread group, as in sk_task */
  __u32 pid, tid;
  __u64 registers[SK_REGISTERS]; /* r15 r14 r13 r12 bp bx r11 r10 r9 r8 ax cx dx si di orig_ax ip cs flags sp ss */
  __u64 from;                    /* address of the memory that follows */
  __u32 bytes;
  __u32 at_exit; /* it calls exit_group(2) with a status other than 0; no signal follows */
};

/* SysRq f was requested: the out-of-memory killer will run in a kernel thread. */
struct sk_sysrq {
  struct sk_header header;
  struct sk_task task;
  __u32 context; /* SK_OWN_CONTEXT: by that task, not from a keyboard */
  __u32 unused;
};

/* A process connects to a manager's socket. */
struct sk_connect {
  struct sk_header header;
  struct sk_task task;
  struct sk_ancestor listener; /* pid 0: not known */
  char socket[SK_SOCKET];      /* its path; '@' in place of the NUL that begins an abstract name */
  __u32 unused;
};

struct sk_returned {
  struct sk_header header;
  __u32 pid;
  __u32 tid;
  __s64 value;
};

struct sk_exit {
  struct sk_header header;
  struct sk_task task;
  __s32 status; /* as wait(2) gives it */
  __u32 watched;
  __u32 seccomp; /* task_struct.seccomp.mode of the last thread */
  __u32 own_pid; /* its pid in its own pid namespace */
  __u64 pending; /* signals pending for the process: bit 0 is signal 1 */
};

struct sk_oom {
  struct sk_header header;
  __u32 tid; /* of the victim */
  __u32 unused;
};
