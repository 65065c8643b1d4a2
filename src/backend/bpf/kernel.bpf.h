/* The few fields of the kernel's types that the programs read. Their places are looked up in the running kernel's BTF
 * when the programs are loaded (CO-RE), so that neither order nor padding matters here. */
#pragma once

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct qstr {
  const unsigned char* name;
};

struct hlist_bl_node {
  struct hlist_bl_node** pprev;
};

struct dentry {
  struct hlist_bl_node d_hash;
  struct dentry* d_parent;
  struct qstr d_name;
};

struct vfsmount {
  struct dentry* mnt_root;
};

/* fs/mount.h */
struct mount {
  struct mount* mnt_parent;
  struct dentry* mnt_mountpoint;
  struct vfsmount mnt;
};

struct path {
  struct vfsmount* mnt;
  struct dentry* dentry;
};

struct super_block {
  __u32 s_dev;
};

struct inode {
  unsigned long i_ino;
  struct super_block* i_sb;
};

struct file {
  struct path f_path;
  struct inode* f_inode;
  void* private_data; /* of a socket: a struct socket */
};

struct fdtable {
  unsigned int max_fds;
  struct file** fd;
};

struct files_struct {
  struct fdtable* fdt;
};

struct fs_struct {
  struct path root;
  struct path pwd;
};

struct kernfs_node {
  const char* name;
  struct kernfs_node* __parent; /* since 6.15 */
};

struct kernfs_node___before_6_15 {
  struct kernfs_node* parent;
};

struct cgroup {
  int level; /* below the root of its hierarchy, which has 0 */
  struct kernfs_node* kn;
};

struct cgroup_subsys_state {
  struct cgroup* cgroup;
  struct cgroup_subsys_state* parent;
};

struct counter_long {
  long counter;
};

struct page_counter {
  struct counter_long usage;
  unsigned long max;
};

struct mem_cgroup {
  struct cgroup_subsys_state css;
  struct page_counter memory;
};

struct css_set {
  struct cgroup_subsys_state* subsys[16];
  struct cgroup* dfl_cgrp;
};

enum cgroup_subsys_id {
  memory_cgrp_id = 4, /* as the running kernel was built */
};

struct percpu_counter {
  __s64 count;
};

/* Of struct mm_struct's rss_stat, include/linux/mm_types_task.h */
enum { MM_FILEPAGES, MM_ANONPAGES, MM_SWAPENTS, MM_SHMEMPAGES, NR_MM_COUNTERS };

struct maple_tree {
  void* ma_root;
};

/* include/linux/maple_tree.h; a node has 256 bytes */
struct maple_range_64 {
  unsigned long pivot[15];
  void* slot[16];
};

struct maple_arange_64 {
  unsigned long pivot[9];
  void* slot[10];
};

struct mm_struct {
  struct maple_tree mm_mt; /* since 6.1 */
  unsigned long arg_start;
  unsigned long arg_end;
  unsigned long end_code;
  unsigned long start_data;
  unsigned long end_data;
  unsigned long start_stack;
  unsigned long total_vm;
  struct counter_long pgtables_bytes;
  struct percpu_counter rss_stat[NR_MM_COUNTERS]; /* since 6.2 */
  struct file* exe_file;
};

struct mm_rss_stat {
  struct counter_long count[NR_MM_COUNTERS];
};

struct mm_struct___before_6_1 {
  struct vm_area_struct* mmap;
};

struct mm_struct___before_6_2 {
  struct mm_rss_stat rss_stat;
};

struct kuid {
  unsigned int val;
};

struct cred {
  struct kuid uid;
};

struct counter {
  int counter;
};

struct tty_struct {
  char name[64];
};

struct rlimit {
  unsigned long rlim_cur;
  unsigned long rlim_max;
};

struct task_cputime_atomic {
  struct counter_long utime;
  struct counter_long stime;
};

struct thread_group_cputimer {
  struct task_cputime_atomic cputime_atomic;
};

struct sigset {
  unsigned long sig[1];
};

struct sigpending {
  struct sigset signal;
};

struct signal_struct {
  struct counter live;
  struct sigpending shared_pending;
  unsigned int flags;
  int group_exit_code;
  struct tty_struct* tty;
  struct thread_group_cputimer cputimer;
  struct rlimit rlim[16];
  short oom_score_adj;
};

struct sigaction {
  void* sa_handler;
};

struct k_sigaction {
  struct sigaction sa;
};

struct sighand_struct {
  struct k_sigaction action[64];
};

struct seccomp {
  int mode;
};

struct vm_area_struct {
  unsigned long vm_start;
  unsigned long vm_end;
  unsigned long vm_flags;
  unsigned long vm_pgoff;
  struct file* vm_file;
};

struct vm_area_struct___before_6_1 {
  struct vm_area_struct* vm_next;
};

struct thread_info {
  __u32 status; /* x86 */
};

struct upid {
  int nr;
  void* ns;
};

struct hlist_node {
  struct hlist_node* next;
};

struct hlist_head {
  struct hlist_node* first;
};

struct pid {
  unsigned int level;
  struct hlist_head tasks[4]; /* the first: of the threads that have it as their own, at most one */
  struct upid numbers[1];
};

struct sock_common {
  unsigned short skc_family;
};

struct sock {
  struct sock_common __sk_common;
  struct pid* sk_peer_pid;
};

struct socket {
  struct sock* sk;
};

struct sockaddr_un {
  char sun_path[108];
};

struct unix_address {
  int len; /* of the name, from its family on */
  struct sockaddr_un name[];
};

struct unix_sock {
  struct sock* peer; /* the other end of a connection */
  struct unix_address* addr;
  struct path path; /* of its file; an abstract one has none */
};

struct task_struct {
  struct thread_info thread_info;
  void* stack;
  unsigned int flags;
  int exit_code;
  int pid;
  int tgid;
  unsigned in_execve : 1;
  struct task_struct* real_parent;
  struct task_struct* group_leader;
  __u64 start_boottime;
  const struct cred* real_cred;
  struct kuid loginuid; /* with CONFIG_AUDIT, as the next */
  unsigned int sessionid;
  char comm[16];
  struct mm_struct* mm;
  struct fs_struct* fs;
  struct files_struct* files;
  struct signal_struct* signal;
  struct sighand_struct* sighand;
  struct sigset blocked;
  struct css_set* cgroups;
  struct seccomp seccomp;
  unsigned int ptrace;
  int pdeath_signal;
  struct pid* thread_pid;
  struct hlist_node pid_links[4];
};

union __sifields {
  struct {
    void* _addr;
  } _sigfault;
};

struct kernel_siginfo {
  int si_code;
  union __sifields _sifields;
};

struct pt_regs {
  unsigned long ax;
  unsigned long bx;
  unsigned long di;
  unsigned long orig_ax;
  unsigned long ip;
  unsigned long sp;
};

/* What tells which argument a tracepoint has. For a type that the kernel lacks, libbpf 1.1 looks into the modules'
 * types too, which needs CAP_SYS_ADMIN: there must be none here. */
struct trace_event_raw_mark_victim {
  __u32 uid; /* since 6.9, and in stable kernels: the task is handed over, not its id */
};

#pragma clang attribute pop

#define PF_EXITING 0x00000004 /* include/linux/sched.h */
#define PF_KTHREAD 0x00200000
#define SIGNAL_GROUP_EXIT 0x00000004 /* include/linux/sched/signal.h */
#define TS_COMPAT 0x0002             /* arch/x86/include/asm/thread_info.h */
#define X86_THREAD_SIZE 16384        /* arch/x86/include/asm/page_64_types.h, without KASAN */
#define X86_SIZEOF_PT_REGS 168       /* arch/x86/include/asm/ptrace.h */
#define PAGE_BYTES 4096
#define NO_MEMORY_LIMIT \
  (~0UL >> 13)                 /* what is above stands for none (PAGE_COUNTER_MAX, include/linux/page_counter.h) */
#define NSEC_PER_TICK 10000000 /* USER_HZ is 100 (include/asm-generic/param.h) */
#define RLIMIT_CPU 0           /* include/uapi/asm-generic/resource.h */
#define RLIMIT_FSIZE 1
#define RLIMIT_STACK 3
#define RLIMIT_CORE 4
#define VM_EXEC 4           /* include/linux/mm.h */
#define CALL_EXIT_GROUP 231 /* arch/x86/entry/syscalls/syscall_64.tbl */
#define AF_UNIX 1           /* include/linux/socket.h */
#define SIGHUP 1
#define SIGINT 2
#define SIGQUIT 3
#define SIGKILL 9
#define SIGTERM 15
#define SIGSTOP 19
#define SIGTTOU 22
#define SI_USER 0
#define SI_TIMER (-2)
#define SI_KERNEL 0x80
