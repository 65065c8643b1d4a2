/* What the reader has to know of a sender: the program that it runs, and its parents. Each is sent when it has changed
 * since the last time. */
#pragma once

#include "backend/bpf/state.bpf.h"

/* The pointers of which the id of a task's image is read. */
struct image_parts {
  struct task_struct* leader;
  struct mm_struct* mm;
  struct fs_struct* fs;
  struct cgroup* cgroup;
};

static __always_inline struct image_parts image_parts_of(const int typed, struct task_struct* task) {
  struct image_parts parts = {READ(typed, task, group_leader), READ(typed, task, mm), READ(typed, task, fs),
                              READ(typed, task, cgroups, dfl_cgrp)};

  return parts;
}

static __always_inline void read_image_id(const int typed, struct image_id* out, struct image_parts parts) {
  struct file* exe = READ(typed, parts.mm, exe_file);

  out->start = READ(typed, parts.leader, start_boottime);
  out->memory = parts.mm;
  out->directory = READ(typed, parts.fs, pwd.dentry);
  out->cgroup = parts.cgroup;
  out->deleted = !exe || !READ(typed, exe, f_path.dentry, d_hash.pprev);
}

static __always_inline int same_image(const struct image_id* one, const struct image_id* other) {
  return one->start == other->start && one->memory == other->memory && one->directory == other->directory &&
         one->cgroup == other->cgroup && one->deleted == other->deleted;
}

/* Counts them. While it does not change, the last process that this CPU found described still is: no search is needed.
 */
__u64 descriptions;

/* Describes the current task, whose id is in the room already. */
static __always_inline void describe(const int typed, struct task_struct* task, enum sk_kind kind, union work* room,
                                     __u32 tid) {
  __u32 pid, size;

  __sync_fetch_and_add(&descriptions, 1);
  read_header(&room->image.image.header, kind);
  size = read_image(typed, &room->image, task);
  room->image.image.task.tid = tid;
  if (size > sizeof(room->image)) return;
  pid = room->image.image.task.pid;
  if (emit(&room->image, size, kind, 0)) bpf_map_update_elem(&described, &pid, &room->image.id, BPF_ANY);
}

static __always_inline void describe_sender(const int typed, struct task_struct* task, struct image_parts parts) {
  __u32 pid = READ(typed, task, tgid), place = WORK_SENDER;
  union work* room = bpf_map_lookup_elem(&work, &place);
  __u64 at = descriptions;
  struct image_id* known;

  if (!room) return;
  read_image_id(typed, &room->image.id, parts);
  if (room->image.last_at == at && room->image.last_pid == pid && same_image(&room->image.last, &room->image.id))
    return;
  known = bpf_map_lookup_elem(&described, &pid);
  if (!known || !same_image(known, &room->image.id)) {
    describe(typed, task, SK_DESCRIBE, room, READ(typed, task, pid));
    return;
  }
  room->image.last = room->image.id;
  room->image.last_pid = pid;
  room->image.last_at = at;
}

static __always_inline void describe_current(const int typed, enum sk_kind kind, __u32 place, __u32 tid) {
  struct task_struct* task = current_task(typed);
  union work* room = bpf_map_lookup_elem(&work, &place);

  if (!room) return;
  read_image_id(0, &room->image.id, image_parts_of(0, task)); /* not often: see read.bpf.h */
  describe(typed, task, kind, room, tid);
}

struct descent {
  struct signal_room* room;
  struct task_struct* leader;
  __u32 pid;
};

static __always_inline long add_ancestor(const int typed, __u32 turn, struct descent* descent) {
  struct sk_ancestor* out = &descent->room->ancestors[turn & (SK_MOST_ANCESTORS - 1)];
  struct task_struct* leader = descent->leader;

  if (descent->pid <= 1) return 1;
  leader = READ(typed, leader, real_parent, group_leader);
  descent->leader = leader;
  descent->pid = out->pid = READ(typed, leader, tgid);
  if (!out->pid) return 1;
  out->start = start_of(typed, leader);
  out->unused = 0;
  descent->room->signal.depth = turn + 1;
  return 0;
}

static long load_ancestor(__u32 turn, struct descent* descent) {
  return add_ancestor(1, turn, descent);
}

static long ask_for_ancestor(__u32 turn, struct descent* descent) {
  return add_ancestor(0, turn, descent);
}

/* The parents of the current process up to pid 1, unless this CPU sent the same ones last. */
static __always_inline void read_ancestors(const int typed, struct signal_room* room, struct task_struct* leader,
                                           struct task_struct* parent, __u32 pid) {
  struct descent descent = {.room = room, .leader = leader, .pid = pid};
  struct descent_id *now = &room->now, *sent = &room->sent;

  now->leader = leader;
  now->parent = parent;
  now->start = READ(typed, leader, start_boottime);
  room->signal.depth = 0;
  if (now->leader == sent->leader && now->parent == sent->parent && now->start == sent->start)
    room->signal.context |= SK_AS_BEFORE;
  else if (typed)
    repeat(1, SK_MOST_ANCESTORS, load_ancestor, &descent);
  else
    repeat(0, SK_MOST_ANCESTORS, ask_for_ancestor, &descent);
}
