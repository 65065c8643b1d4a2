/* What is read of a task: who it is, whether its own code runs, its system call. Memory is read by helpers that fail
 * instead of faulting, so that a task which ends meanwhile costs a wrong or empty field, never more. */
#pragma once

/* The first has the types of the others. */
// clang-format off
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
// clang-format on

#include "backend/bpf/kernel.bpf.h"
#include "backend/bpf/record.h"
#include "base/kernel_numbers.h"

/* Takes at most so many steps, until one returns 1. With bpf_loop (5.17) the verifier looks at a step once and not at
 * each turn, which is most of the time that loading takes. Older kernels do not take a program that so much as names a
 * step as a callback: those that go around have one variant for each, and `by_helper` is a constant in both. */
#define repeat(by_helper, most, step, what)                                      \
  do {                                                                           \
    if (by_helper) {                                                             \
      bpf_loop(most, step, what, 0);                                             \
    } else {                                                                     \
      for (__u32 turn = 0; turn < (most) && !step(turn, what); turn++) continue; \
    }                                                                            \
  } while (0)

static __always_inline struct task_struct* current_task(void) {
  return (struct task_struct*)bpf_get_current_task();
}

static __always_inline __u64 start_of(struct task_struct* leader) {
  return BPF_CORE_READ(leader, start_boottime) / NSEC_PER_TICK;
}

static __always_inline void read_task(struct sk_task* out, struct task_struct* task) {
  struct task_struct* leader = BPF_CORE_READ(task, group_leader);

  out->pid = BPF_CORE_READ(task, tgid);
  out->tid = BPF_CORE_READ(task, pid);
  out->start = start_of(leader);
  out->uid = BPF_CORE_READ(task, real_cred, uid.val);
  bpf_core_read(&out->comm, sizeof(out->comm), &leader->comm);
  out->unused = 0;
}

static __always_inline void read_header(struct sk_header* header, enum sk_kind kind) {
  header->boot_ns = bpf_ktime_get_boot_ns();
  header->kind = kind;
  header->cpu = bpf_get_smp_processor_id();
}

/* The registers with which the current task left its own code: they lie at the top of its stack, whose size differs
 * between kernels (KASAN doubles it). Before 5.15 that size is taken for the usual one. */
static __always_inline struct pt_regs* registers(struct task_struct* task) {
  if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
    return (struct pt_regs*)bpf_task_pt_regs(bpf_get_current_task_btf());
  return BPF_CORE_READ(task, stack) + X86_THREAD_SIZE - X86_SIZEOF_PT_REGS;
}

/* Whether a program was called from the current task's own stack: interrupts of the kernel's code have a stack of their
 * own (arch/x86/include/asm/irq_stack.h). One that came upon a program's code has not, but finds no system call there.
 * The arguments lie on the caller's stack; the verifier hands their address out only by way of memory. */
static __always_inline int on_own_stack(void* arguments, struct task_struct* task) {
  void* volatile place = arguments;
  __u64 at = 0, stack = (__u64)BPF_CORE_READ(task, stack);

  bpf_probe_read_kernel(&at, sizeof(at), (void*)&place);
  return at - stack < X86_THREAD_SIZE;
}

/* Code of this task's own runs now: not an interrupt that only borrowed it, not a kernel thread. */
static __always_inline int own_context(void* arguments, struct task_struct* task) {
  return !(BPF_CORE_READ(task, flags) & PF_KTHREAD) && BPF_CORE_READ(task, mm) && on_own_stack(arguments, task);
}

/* The number of the system call that the current task is in. */
static __always_inline int system_call(struct task_struct* task) {
  struct pt_regs* regs = registers(task);

  return BPF_CORE_READ(regs, orig_ax);
}

/* The first argument of a system call that sends signals: a pid in all but pidfd_send_signal. */
static __always_inline __s64 first_argument(struct task_struct* task, int compat) {
  struct pt_regs* regs = registers(task);

  return (__s32)(compat ? BPF_CORE_READ(regs, bx) : BPF_CORE_READ(regs, di));
}

#define OR_IS_CALL(name, number, compat_number) || call == number
#define OR_IS_COMPAT_CALL(name, number, compat_number) || call == compat_number
/* Whether it is one of those that send signals. */
static __always_inline int sends(int call, int compat) {
  if (compat) return 0 SK_SENDING_CALLS(OR_IS_COMPAT_CALL);
  return 0 SK_SENDING_CALLS(OR_IS_CALL);
}

/* The pid of a process in the innermost of its pid namespaces. */
static __always_inline __u32 own_pid(struct task_struct* task) {
  struct pid* pid = BPF_CORE_READ(task, group_leader, thread_pid);
  __u32 level = BPF_CORE_READ(pid, level);
  const char* numbers = (const void*)&pid->numbers[0];
  __u32 number = 0;

  bpf_probe_read_kernel(&number, sizeof(number), numbers + level * bpf_core_type_size(struct upid));
  return number;
}
