/* What is read of a task: who it is, whether its own code runs, its system call. */
#pragma once

#include "backend/bpf/read.bpf.h"
#include "backend/bpf/record.h"
#include "base/kernel_numbers.h"

static __always_inline struct task_struct* current_task(const int typed) {
  if (typed) return ONLY_READ(typed, (struct task_struct*)bpf_get_current_task_btf());
  return (struct task_struct*)bpf_get_current_task();
}

static __always_inline __u64 start_of(const int typed, struct task_struct* leader) {
  return READ(typed, leader, start_boottime) / NSEC_PER_TICK;
}

struct words {
  __u32 word[SK_COMM / sizeof(__u32)]; /* the verifier lets integers be loaded from an array of char */
};

/* The pointers of which a task's identity is read. */
struct identity {
  struct task_struct *task, *leader;
  const struct cred* cred;
};

static __always_inline struct identity identity_of(const int typed, struct task_struct* task) {
  struct identity who = {task, READ(typed, task, group_leader), READ(typed, task, real_cred)};

  return who;
}

static __always_inline void read_identity(const int typed, struct sk_task* out, struct identity who) {
  struct task_struct* leader = who.leader;

  out->pid = READ(typed, who.task, tgid);
  out->tid = READ(typed, who.task, pid);
  out->start = start_of(typed, leader);
  out->uid = who.cred ? READ(typed, who.cred, uid.val) : 0;
  if (typed)
    *(struct words*)&out->comm = *(const struct words*)&leader->comm;
  else
    bpf_core_read(&out->comm, sizeof(out->comm), &leader->comm);
  out->unused = 0;
}

static __always_inline void read_task(const int typed, struct sk_task* out, struct task_struct* task) {
  read_identity(typed, out, identity_of(typed, task));
}

static __always_inline void read_header(struct sk_header* header, enum sk_kind kind) {
  header->boot_ns = bpf_ktime_get_boot_ns();
  header->kind = kind;
  header->cpu = bpf_get_smp_processor_id();
}

/* The registers with which the current task left its own code: they lie at the top of its stack, whose size differs
 * between kernels (KASAN doubles it). Before 5.15 that size is taken for the usual one. */
static __always_inline struct pt_regs* registers(const int typed, struct task_struct* task) {
  if (typed || bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
    return (struct pt_regs*)bpf_task_pt_regs(bpf_get_current_task_btf());
  return BPF_CORE_READ(task, stack) + X86_THREAD_SIZE - X86_SIZEOF_PT_REGS;
}

/* Whether a program was called from the current task's own stack: interrupts of the kernel's code have a stack of their
 * own (arch/x86/include/asm/irq_stack.h). One that came upon a program's code has not, but finds no system call there.
 * The arguments lie on the caller's stack. */
static __always_inline int on_own_stack(const int typed, void* arguments, struct task_struct* task,
                                        struct pt_regs* regs) {
  void* stack = READ(typed, task, stack);

  return arguments >= stack && arguments < (void*)regs;
}

/* Code of this task's own runs now: not an interrupt that only borrowed it, not a kernel thread. */
static __always_inline int own_context(const int typed, void* arguments, struct task_struct* task, struct mm_struct* mm,
                                       struct pt_regs* regs) {
  return !(READ(typed, task, flags) & PF_KTHREAD) && mm && on_own_stack(typed, arguments, task, regs);
}

/* In a system call of a 32-bit program. */
static __always_inline int compat(const int typed, struct task_struct* task) {
  return READ(typed, task, thread_info.status) & TS_COMPAT;
}

/* The number of the system call that the current task is in. */
static __always_inline int system_call(const int typed, struct pt_regs* regs) {
  return READ(typed, regs, orig_ax);
}

/* The first argument of a system call that sends signals: a pid in all but pidfd_send_signal. */
static __always_inline __s64 first_argument(const int typed, struct pt_regs* regs, int is_compat) {
  return (__s32)(is_compat ? READ(typed, regs, bx) : READ(typed, regs, di));
}

#define OR_IS_CALL(name, number, compat_number) || call == number
#define OR_IS_COMPAT_CALL(name, number, compat_number) || call == compat_number
/* Whether it is one of those that send signals. */
static __always_inline int sends(int call, int compat) {
  if (compat) return 0 SK_SENDING_CALLS(OR_IS_COMPAT_CALL);
  return 0 SK_SENDING_CALLS(OR_IS_CALL);
}

#define OR_IS(name, its_number) || number == its_number
static __always_inline int harmless(int number) {
  return 0 SK_HARMLESS_SIGNALS(OR_IS);
}

/* The pid of a process in the innermost of its pid namespaces. */
static __always_inline __u32 own_pid(const int typed, struct task_struct* leader) {
  struct pid* pid = READ(typed, leader, thread_pid);
  const char* numbers;
  __u32 number = 0, level;

  level = READ(typed, pid, level);
  numbers = (const void*)&pid->numbers[0];
  bpf_probe_read_kernel(&number, sizeof(number), numbers + offset_of(level, bpf_core_type_size(struct upid)));
  return number;
}
