/* What the reader has to know of who sends: as what the process runs, and its parents. Each is handed over when it has
 * changed since the last time. */
#pragma once

#include "backend/bpf/state.bpf.h"

/* As what the current process would be described: its program, whether that was deleted, its place and its cgroup. */
static __always_inline __u64 image_id(struct task_struct* task) {
  struct mm_struct* mm = BPF_CORE_READ(task, mm);

  return BPF_CORE_READ(task, group_leader, start_boottime) ^ (__u64)mm ^
         !BPF_CORE_READ(mm, exe_file, f_path.dentry, d_hash.pprev) ^ (__u64)BPF_CORE_READ(task, fs, pwd.dentry) << 7 ^
         (__u64)BPF_CORE_READ(task, cgroups, dfl_cgrp) << 13;
}

static __always_inline void describe(const int by_helper, struct task_struct* task, enum sk_kind kind, __u32 place,
                                     __u32 tid) {
  union work* room = bpf_map_lookup_elem(&work, &place);
  __u64 id = image_id(task);
  __u32 pid, size;

  if (!room) return;
  read_header(&room->image.image.header, kind);
  size = read_image(by_helper, &room->image, task);
  room->image.image.task.tid = tid;
  if (size > sizeof(room->image)) return;
  pid = room->image.image.task.pid;
  if (hand_over(&room->image, size, kind, 0)) bpf_map_update_elem(&described, &pid, &id, BPF_ANY);
}

static __always_inline void describe_sender(const int by_helper, struct task_struct* task) {
  __u32 pid = BPF_CORE_READ(task, tgid);
  __u64* known = bpf_map_lookup_elem(&described, &pid);

  if (!known || *known != image_id(task)) describe(by_helper, task, SK_DESCRIBE, WORK_SENDER, BPF_CORE_READ(task, pid));
}

struct descent {
  struct signal_room* room;
  struct task_struct* leader;
  __u32 pid;
};

static long add_ancestor(__u32 turn, struct descent* descent) {
  struct sk_ancestor* out = &descent->room->ancestors[turn & (SK_MOST_ANCESTORS - 1)];
  struct task_struct* leader = descent->leader;

  if (descent->pid <= 1) return 1;
  leader = BPF_CORE_READ(leader, real_parent, group_leader);
  descent->leader = leader;
  descent->pid = out->pid = BPF_CORE_READ(leader, tgid);
  if (!out->pid) return 1;
  out->start = start_of(leader);
  out->unused = 0;
  descent->room->signal.depth = turn + 1;
  return 0;
}

/* The parents of the current process up to pid 1, unless the reader was told of them last. */
static __always_inline void read_ancestors(const int by_helper, struct signal_room* room, struct task_struct* task) {
  struct task_struct* leader = BPF_CORE_READ(task, group_leader);
  struct descent descent = {.room = room, .leader = leader, .pid = room->signal.sender.pid};
  struct descent_id *now = &room->now, *told = &room->told;

  now->leader = leader;
  now->parent = BPF_CORE_READ(leader, real_parent);
  now->start = BPF_CORE_READ(leader, start_boottime);
  room->signal.depth = 0;
  if (now->leader == told->leader && now->parent == told->parent && now->start == told->start)
    room->signal.context |= SK_AS_BEFORE;
  else
    repeat(by_helper, SK_MOST_ANCESTORS, add_ancestor, &descent);
}
