/* What the current task runs in user space when it sends a fatal signal or faults: its registers, the top of its stack,
 * its executable memory. stapkill follows the calls back from these, whatever becomes of the task. */
#pragma once

#include "backend/bpf/code.bpf.h"

#define REGISTER_CS 17 /* places in sk_user_stack.registers */
#define REGISTER_SP 19
#define STACK_AGAIN 100000000 /* ns: one task's signals, and exits on one CPU, are looked at once in this time */

struct user_stack_room {
  struct sk_user_stack stack;
  char memory[SK_STACK_PAGES * SK_PAGE];
};

struct stack_rooms {
  struct code_room code;
  struct user_stack_room stack;
  struct task_struct* last; /* whose stack this CPU has sent last, and when */
  __u64 last_at;
  __u64 last_exit;
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct stack_rooms);
} stacks SEC(".maps");

const volatile __u8 wants_stacks;

/* Whole pages, because one that is away lets the whole read fail. */
static __always_inline void read_memory_of_stack(struct user_stack_room* room, __u64 stack_pointer) {
  __u64 from = stack_pointer & ~(__u64)(SK_PAGE - 1);

  room->stack.from = from;
  room->stack.bytes = 0;
#pragma unroll
  for (__u32 page = 0; page < SK_STACK_PAGES; page++) {
    if (bpf_probe_read_user(&room->memory[page * SK_PAGE], SK_PAGE, (const void*)(from + page * SK_PAGE))) break;
    room->stack.bytes += SK_PAGE;
  }
}

/* By the code segment that it ran in: of Linux or, below it, of Xen (arch/x86/include/asm/segment.h, user_64bit_mode).
 * The upper bits can have other things (FRED). */
static __always_inline int is_64_bits(__u64 segment) {
  segment &= 0xffff;
  return segment == 0x33 || segment == 0xe033;
}

/* Sends the current task's. A global function: the verifier checks it once, not on each way to a call. */
__noinline int send_user_stack(__u32 at_exit) {
  __u32 place = 0;
  struct stack_rooms* rooms = bpf_map_lookup_elem(&stacks, &place);
  struct task_struct *task = bpf_get_current_task_btf(), *leader = BPF_CORE_READ(task, group_leader);
  struct sk_user_stack* stack;

  if (!rooms) return 0;
  stack = &rooms->stack.stack;
  if (bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > crowded) return 0; /* the signals themselves come first */
  bpf_probe_read_kernel(stack->registers, sizeof(stack->registers), registers(1, task));
  if (!is_64_bits(stack->registers[REGISTER_CS])) return 0;
  emit_code(&rooms->code, task);
  read_header(&stack->header, SK_USER_STACK);
  stack->start = start_of(0, leader);
  stack->pid = BPF_CORE_READ(task, tgid);
  stack->tid = BPF_CORE_READ(task, pid);
  stack->at_exit = at_exit;
  read_memory_of_stack(&rooms->stack, stack->registers[REGISTER_SP]);
  if (stack->bytes <= SK_STACK_PAGES * SK_PAGE) emit(stack, sizeof(*stack) + stack->bytes, SK_USER_STACK, crowded);
  return 0;
}

/* Right before the signal that the current task sends or causes. */
static __always_inline void emit_user_stack(struct task_struct* task) {
  __u32 place = 0;
  struct stack_rooms* rooms = bpf_map_lookup_elem(&stacks, &place);
  __u64 now = bpf_ktime_get_boot_ns();

  if (!rooms || (rooms->last == task && now - rooms->last_at < STACK_AGAIN)) return;
  rooms->last = task;
  rooms->last_at = now;
  send_user_stack(0);
}

/* Where the current task, a target, calls exit_group(2) with a status other than 0. */
static __always_inline void emit_exit_stack(struct task_struct* task, __u32 status) {
  __u32 place = 0;
  struct stack_rooms* rooms;
  __u64 now = bpf_ktime_get_boot_ns();

  if (!(status & 255) || everything || !is_target(1, task->group_leader, task->tgid)) return;
  if (compat(1, task) || registers(1, task)->orig_ax != CALL_EXIT_GROUP) return; /* another thread called it */
  rooms = bpf_map_lookup_elem(&stacks, &place);
  if (!rooms || now - rooms->last_exit < STACK_AGAIN) return;
  rooms->last_exit = now;
  send_user_stack(1);
}

/* Signals that a program handles in order to end. */
static __always_inline int asks_to_end(int number) {
  return number == SIGHUP || number == SIGINT || number == SIGQUIT || number == SIGTERM;
}

/* Whether that signal, which the current task's own code sent or caused, is likely to end its target. `asked`: by a
 * system call. */
static __always_inline int is_fatal(const struct sk_signal* record, int asked) {
  int number = record->number;

  if (!number || harmless(number) || (number >= SIGSTOP && number <= SIGTTOU)) return 0;
  if (record->result || record->context & (SK_COMPAT | SK_REFUSED | SK_EXITING)) return 0;
  return !(record->context & SK_HANDLED) || (asked && asks_to_end(number));
}
