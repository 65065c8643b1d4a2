/* What the kernel knew of a signal that no system call asked for: its own stack, by names, and what could be the reason
 * for it. Handed over right before the signal itself, and only for such signals. */
#pragma once

#include "backend/bpf/task.bpf.h"
#include "base/kernel_numbers.h"

struct circumstances_room {
  struct sk_circumstances seen;
  __u64 frames[SK_STACK];
};

#define STACK_SKIP 3 /* the innermost are those of BPF itself */

const char stack_form[] = "%ps,%ps,%ps,%ps,%ps,%ps"; /* SK_STACK_PART */

/* Names by the kernel: neither its symbols nor the right to see addresses are needed outside (bpf_snprintf, 5.13). */
static __always_inline void name_frames(char* text, __u64* frames) {
  bpf_snprintf(text, SK_STACK_TEXT, stack_form, frames, SK_STACK_PART * sizeof(*frames));
}

static __always_inline void read_stack(void* context, struct circumstances_room* room) {
  __builtin_memset(room->frames, 0, sizeof(room->frames));
  bpf_get_stack(context, room->frames, sizeof(room->frames), STACK_SKIP);
  name_frames(room->seen.stack[0], &room->frames[0 * SK_STACK_PART]);
  name_frames(room->seen.stack[1], &room->frames[1 * SK_STACK_PART]);
  name_frames(room->seen.stack[2], &room->frames[2 * SK_STACK_PART]);
  name_frames(room->seen.stack[3], &room->frames[3 * SK_STACK_PART]);
}

/* Whether the current task's memory is there, without faulting it in. */
static __always_inline __u32 can_be_read(__u64 address) {
  __u8 byte;

  return !bpf_probe_read_user(&byte, sizeof(byte), (const void*)address);
}

/* Only the stack can be handed to it. */
struct mapping {
  struct sk_circumstances* seen;
};

static long take_mapping(struct task_struct* task, struct vm_area_struct* area, struct mapping* mapping) {
  struct sk_circumstances* seen = mapping->seen;
  const unsigned char* name = BPF_CORE_READ(area, vm_file, f_path.dentry, d_name.name);

  (void)task;
  if (bpf_probe_read_kernel_str(seen->file, sizeof(seen->file), name) > 0)
    seen->place = seen->instruction - BPF_CORE_READ(area, vm_start) + BPF_CORE_READ(area, vm_pgoff) * PAGE_BYTES;
  return 0;
}

/* On the way up through memory cgroups: the one that has the least room left. */
struct memory_climb {
  struct sk_circumstances* seen;
  struct cgroup_subsys_state *state, *closest;
  __u64 least;
};

static long look_at_level(__u32 turn, struct memory_climb* climb) {
  struct cgroup_subsys_state* state = climb->state;
  struct mem_cgroup* group;
  __u64 usage, limit, room;

  if (!state) return 1;
  group = (void*)state - bpf_core_field_offset(struct mem_cgroup, css);
  usage = BPF_CORE_READ(group, memory.usage.counter);
  limit = BPF_CORE_READ(group, memory.max);
  room = limit > usage ? limit - usage : 0;
  if (limit < NO_MEMORY_LIMIT && room < climb->least) {
    climb->least = room;
    climb->seen->usage = usage;
    climb->seen->limit = limit;
    climb->seen->level = turn;
    climb->closest = state;
  }
  climb->state = BPF_CORE_READ(state, parent);
  return 0;
}

static __always_inline void read_memory(const int typed, struct sk_circumstances* seen, struct task_struct* target) {
  struct memory_climb climb = {.seen = seen, .least = ~0ULL};
  struct css_set* set = BPF_CORE_READ(target, cgroups);
  struct cgroup_subsys_state* closest;

  seen->level = -1;
  if (!bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id)) return;
  bpf_core_read(&climb.state, sizeof(climb.state),
                &set->subsys[0] + bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));
  repeat(typed, SK_MOST_LEVELS, look_at_level, &climb);
  closest = climb.closest;
  bpf_probe_read_kernel_str(seen->group, sizeof(seen->group), BPF_CORE_READ(closest, cgroup, kn, name));
}

static __always_inline void read_limits(struct sk_circumstances* seen, struct signal_struct* group) {
  struct rlimit limits[RLIMIT_CORE + 1] = {};

  bpf_core_read(&limits, sizeof(limits), &group->rlim);
  seen->cpu_soft = limits[RLIMIT_CPU].rlim_cur;
  seen->cpu_hard = limits[RLIMIT_CPU].rlim_max;
  seen->file_size = limits[RLIMIT_FSIZE].rlim_cur;
  seen->core_size = limits[RLIMIT_CORE].rlim_cur;
  seen->stack_limit = limits[RLIMIT_STACK].rlim_cur;
  seen->cpu_ns = BPF_CORE_READ(group, cputimer.cputime_atomic.utime.counter) +
                 BPF_CORE_READ(group, cputimer.cputime_atomic.stime.counter);
}

static __always_inline __u64 no_less_than_none(__s64 pages) {
  return pages > 0 ? pages : 0;
}

/* A macro: only an index that is a constant where it is written is looked up in the running kernel's types. */
#define pages_of(mm, kind)                                                                                   \
  no_less_than_none(bpf_core_field_exists((mm)->rss_stat[0].count) ? BPF_CORE_READ(mm, rss_stat[kind].count) \
                    : bpf_core_field_exists(((struct mm_struct___before_6_2*)(mm))->rss_stat.count)          \
                        ? BPF_CORE_READ((struct mm_struct___before_6_2*)(mm), rss_stat.count[kind].counter)  \
                        : 0)

/* As the out-of-memory killer's own line has it (mm/oom_kill.c, __oom_kill_process). */
static __always_inline void read_held(struct sk_circumstances* seen, struct task_struct* target) {
  struct mm_struct* mm = BPF_CORE_READ(target, mm);

  seen->held_total = BPF_CORE_READ(mm, total_vm);
  seen->held_anon = pages_of(mm, MM_ANONPAGES);
  seen->held_file = pages_of(mm, MM_FILEPAGES);
  seen->held_shmem = pages_of(mm, MM_SHMEMPAGES);
  seen->held_swap = pages_of(mm, MM_SWAPENTS);
  seen->held_tables = bpf_core_field_exists(mm->pgtables_bytes) ? BPF_CORE_READ(mm, pgtables_bytes.counter) : 0;
}

/* Of the sender's threads those that live on: none where the whole process ends. */
static __always_inline __u32 living_threads(struct signal_struct* group) {
  if (BPF_CORE_READ(group, flags) & SIGNAL_GROUP_EXIT) return 0;
  return BPF_CORE_READ(group, live.counter);
}

/* Fills the room; `context` is the program's own. */
static __always_inline void read_circumstances(const int typed, void* context, struct circumstances_room* room,
                                               struct task_struct* task, struct task_struct* target, int number,
                                               struct kernel_siginfo* info) {
  struct sk_circumstances* seen = &room->seen;
  struct signal_struct* group = BPF_CORE_READ(target, signal);
  struct mapping mapping = {.seen = seen};

  read_header(&seen->header, SK_CIRCUMSTANCES);
  seen->target = BPF_CORE_READ(target, pid);
  seen->number = number;
  seen->address = seen->instruction = seen->place = 0;
  seen->file[0] = seen->tty[0] = seen->group[0] = 0;
  seen->stack[0][0] = seen->stack[1][0] = seen->stack[2][0] = seen->stack[3][0] = 0;
  seen->pdeath_signal = BPF_CORE_READ(target, pdeath_signal);
  seen->ptrace = BPF_CORE_READ(target, ptrace);
  seen->threads = living_threads(BPF_CORE_READ(task, signal));
  seen->oom_score_adj = BPF_CORE_READ(group, oom_score_adj);
  seen->stack_above = 0;
  seen->usage = seen->limit = 0;
  seen->stack_pointer = 0;
  seen->stack_top = BPF_CORE_READ(target, mm, start_stack);
  seen->held_total = seen->held_anon = seen->held_file = seen->held_shmem = seen->held_swap = seen->held_tables = 0;
  if (number == SIGKILL) read_held(seen, target);
  read_limits(seen, group);
  read_memory(typed, seen, target);
  bpf_probe_read_kernel_str(seen->tty, sizeof(seen->tty), &BPF_CORE_READ(group, tty)->name);
  if (typed) read_stack(context, room);
  if ((__u64)info <= 1 || task != target) return; /* not a fault of its own */
  seen->address = (__u64)BPF_CORE_READ(info, _sifields._sigfault._addr);
  seen->instruction = BPF_CORE_READ(registers(typed, task), ip);
  seen->stack_pointer = BPF_CORE_READ(registers(typed, task), sp);
  seen->stack_above = can_be_read(seen->stack_pointer + SK_STACK_ABOVE);
  if (typed) bpf_find_vma(bpf_get_current_task_btf(), seen->instruction, take_mapping, &mapping, 0);
}
