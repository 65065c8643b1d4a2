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

struct file {
  struct path f_path;
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
  struct kernfs_node* kn;
};

struct cgroup_subsys_state {
  struct cgroup* cgroup;
};

struct css_set {
  struct cgroup_subsys_state* subsys[16];
  struct cgroup* dfl_cgrp;
};

enum cgroup_subsys_id {
  memory_cgrp_id = 4, /* as the running kernel was built */
};

struct mm_struct {
  unsigned long arg_start;
  unsigned long arg_end;
  struct file* exe_file;
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

struct signal_struct {
  struct counter live;
  unsigned int flags;
  int group_exit_code;
};

struct thread_info {
  __u32 status; /* x86 */
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
  char comm[16];
  struct mm_struct* mm;
  struct fs_struct* fs;
  struct signal_struct* signal;
  struct css_set* cgroups;
};

struct kernel_siginfo {
  int si_code;
};

struct pt_regs {
  unsigned long ax;
  unsigned long orig_ax;
};

/* What tells which arguments a tracepoint has. */
struct trace_event_raw_sched_process_exit {
  _Bool group_dead; /* since 6.16 */
};

struct trace_event_raw_mark_victim {
  __u32 uid; /* since 6.9, and in stable kernels: the task is handed over, not its id */
};

#pragma clang attribute pop

#define PF_KTHREAD 0x00200000        /* include/linux/sched.h */
#define SIGNAL_GROUP_EXIT 0x00000004 /* include/linux/sched/signal.h */
#define TS_COMPAT 0x0002             /* arch/x86/include/asm/thread_info.h */
#define X86_THREAD_SIZE 16384        /* arch/x86/include/asm/page_64_types.h, without KASAN */
#define X86_SIZEOF_PT_REGS 168       /* arch/x86/include/asm/ptrace.h */
#define NSEC_PER_TICK 10000000       /* USER_HZ is 100 (include/asm-generic/param.h) */
#define SI_USER 0
#define SI_KERNEL 0x80
