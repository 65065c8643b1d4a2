/* What a process is: exe, cwd, cgroup, argv. All of it is read by helpers, because it is sent rarely (see read.bpf.h).
 * Paths are handed over as components, for stapkill to put together: walking up is all that a program has to do. Names
 * are read without the kernel's locks; one that is being renamed at this moment can be half old, half new. */
#pragma once

#include "backend/bpf/task.bpf.h"

/* Differs when a process has another program, directory or cgroup than before, or its program was deleted. */
struct image_id {
  __u64 start;
  const void *memory, *directory, *cgroup;
  __u64 deleted;
};

/* Twice SK_ARGV: of two reads the verifier sees no more than that neither is longer. */
struct image_room {
  struct sk_image image;
  char text[SK_PATHS + 2 * SK_ARGV];
  struct image_id id;
  /* The last process that this CPU found described already, and the number of descriptions then. */
  struct image_id last;
  __u64 last_at;
  __u32 last_pid;
};

/* The end of a record with paths, and its text. How far that is filled is kept in memory, where the verifier does not
 * follow it: it would look at every length that every name can have. */
struct paths_room {
  __u32 used;
  char text[SK_PATHS + SK_NAME];
};

static __always_inline struct paths_room* paths_of(struct image_room* room) {
  return (struct paths_room*)&room->image.used;
}

static __always_inline void add_name(struct paths_room* room, const void* name) {
  long length = bpf_probe_read_kernel_str(&room->text[room->used & (SK_PATHS - 1)], SK_NAME, name);

  if (length > 0) room->used += length;
}

/* On the way up from a place in the file system. */
struct walk {
  struct paths_room* room;
  struct dentry *entry, *root_entry;
  struct mount* mount;
  struct vfsmount* root_mount;
  __u32 from, flags;
};

static long step_up(__u32 turn, struct walk* walk) {
  struct dentry *entry = walk->entry, *parent;
  struct mount* mount = walk->mount;

  (void)turn;
  if (walk->room->used - walk->from > SK_PATH - SK_NAME) return 1;
  if (entry == walk->root_entry && &mount->mnt == walk->root_mount) {
    walk->flags |= SK_PATH_KNOWN;
    return 1;
  }
  if (entry == BPF_CORE_READ(mount, mnt.mnt_root)) {
    struct mount* above = BPF_CORE_READ(mount, mnt_parent);

    walk->entry = BPF_CORE_READ(mount, mnt_mountpoint);
    walk->mount = above;
    if (above != mount) return 0;
    walk->flags |= SK_PATH_KNOWN; /* out of reach of that root: the path as far as it goes */
    return 1;
  }
  parent = BPF_CORE_READ(entry, d_parent);
  add_name(walk->room, BPF_CORE_READ(entry, d_name.name));
  walk->entry = parent;
  if (parent != entry) return 0;
  walk->flags |=
      SK_PATH_KNOWN | SK_PATH_DELETED; /* in no directory: a memfd and its like (fs/d_path.c, simple_dname) */
  return 1;
}

/* Walks from a place up to a root, over mount points (fs/d_path.c, prepend_path). */
static __always_inline void add_path(const int typed, struct paths_room* room, struct path* place, struct path* root,
                                     struct sk_path* out) {
  struct dentry* entry = BPF_CORE_READ(place, dentry);
  struct walk walk = {.room = room, .entry = entry, .from = room->used};

  walk.mount = (void*)BPF_CORE_READ(place, mnt) - bpf_core_field_offset(struct mount, mnt);
  walk.root_entry = BPF_CORE_READ(root, dentry);
  walk.root_mount = BPF_CORE_READ(root, mnt);
  if (BPF_CORE_READ(entry, d_parent) != entry && !BPF_CORE_READ(entry, d_hash.pprev)) walk.flags = SK_PATH_DELETED;
  repeat(typed, SK_MOST_COMPONENTS, step_up, &walk);
  out->flags = walk.flags;
  out->bytes = room->used - walk.from;
}

static __always_inline struct kernfs_node* node_above(struct kernfs_node* node) {
  if (bpf_core_field_exists(node->__parent)) return BPF_CORE_READ(node, __parent);
  return BPF_CORE_READ((struct kernfs_node___before_6_15*)node, parent);
}

struct climb {
  struct image_room* room;
  struct kernfs_node* node;
  __u32 from;
};

static long climb_up(__u32 turn, struct climb* climb) {
  struct kernfs_node *node = climb->node, *above = node ? node_above(node) : 0;

  (void)turn;
  if (!above) climb->room->image.cgroup.flags = node ? SK_PATH_KNOWN : 0;
  if (!above || climb->room->image.used - climb->from > SK_PATH - SK_NAME) return 1;
  add_name(paths_of(climb->room), BPF_CORE_READ(node, name));
  climb->node = above;
  return 0;
}

/* A task's cgroup in the hierarchy of the memory controller, 0 in a kernel that has none. */
static __always_inline struct cgroup* memory_cgroup(struct task_struct* task) {
  struct cgroup_subsys_state* state = 0;
  struct css_set* set = BPF_CORE_READ(task, cgroups);

  if (!bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id)) return 0;
  bpf_core_read(&state, sizeof(state), &set->subsys[0] + bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id));
  return BPF_CORE_READ(state, cgroup);
}

/* The cgroup that is reported for a task: that of the memory controller where it is not its hierarchy's root and at
 * least as deep as the unified one, else the unified one. Where the controller is part of the unified hierarchy that is
 * the same one, or one above it (cgroup_e_css_by_mask, kernel/cgroup/cgroup.c), which is less deep. */
static __always_inline struct cgroup* cgroup_of(struct task_struct* task) {
  struct cgroup *unified = BPF_CORE_READ(task, cgroups, dfl_cgrp), *memory = memory_cgroup(task);
  int level = memory ? BPF_CORE_READ(memory, level) : 0;

  return level > 0 && level >= BPF_CORE_READ(unified, level) ? memory : unified;
}

/* Its path. */
static __always_inline void add_cgroup(const int typed, struct image_room* room, struct task_struct* task) {
  struct climb climb = {.room = room, .from = room->image.used};
  struct cgroup* cgroup = cgroup_of(task);

  climb.node = BPF_CORE_READ(cgroup, kn);
  room->image.cgroup.flags = 0;
  repeat(typed, SK_MOST_COMPONENTS, climb_up, &climb);
  room->image.cgroup.bytes = room->image.used - climb.from;
}

/* The argv of the current task, from its own memory and without faulting pages in. Two reads, for an argv can begin
 * anywhere in a page, and one page of two may be away. */
static __always_inline void add_argv(struct image_room* room, struct mm_struct* mm) {
  unsigned long start = BPF_CORE_READ(mm, arg_start), end = BPF_CORE_READ(mm, arg_end);
  __u64 size = end > start ? end - start : 0;
  __u64 first = 4096 - (start & 4095), second;
  struct sk_image* image = &room->image;
  char* text = &room->text[image->used & (SK_PATHS - 1)];

  image->argv_bytes = size;
  image->argv_taken = 0;
  if (size > SK_ARGV) size = SK_ARGV;
  if (first > size) first = size;
  second = size - first;
  if (first > SK_ARGV || second > SK_ARGV) /* never, but the verifier cannot know it */
    return;
  image->argv_known = !bpf_probe_read_user(text, first, (const void*)start);
  if (!image->argv_known) return;
  if (second &&
      !bpf_probe_read_user(text + (first & (SK_ARGV - 1)), second & (SK_ARGV - 1), (const void*)(start + first)))
    first += second;
  image->argv_taken = first;
}

/* Who logged in to start the current task, and its terminal. */
static __always_inline void add_login(struct sk_image* image, struct task_struct* task) {
  image->login_known = bpf_core_field_exists(task->loginuid);
  image->unused = 0;
  if (image->login_known) {
    image->loginuid = BPF_CORE_READ(task, loginuid.val);
    image->audit_session = BPF_CORE_READ(task, sessionid);
  }
  bpf_probe_read_kernel_str(image->tty, sizeof(image->tty), &BPF_CORE_READ(task, signal, tty)->name);
}

/* What the current task is. Returns the record's size. */
static __always_inline __u32 read_image(const int typed, struct image_room* room, struct task_struct* task) {
  struct sk_image* image = &room->image;
  struct mm_struct* mm = BPF_CORE_READ(task, mm);
  struct fs_struct* fs = BPF_CORE_READ(task, fs);
  struct file* exe = BPF_CORE_READ(mm, exe_file);

  read_task(0, &image->task, task);
  image->parent = BPF_CORE_READ(task, group_leader, real_parent, tgid);
  image->used = 0;
  image->exe.bytes = image->exe.flags = image->cwd.bytes = image->cwd.flags = 0;
  if (exe) add_path(typed, paths_of(room), &exe->f_path, &fs->root, &image->exe);
  if (fs) add_path(typed, paths_of(room), &fs->pwd, &fs->root, &image->cwd);
  add_cgroup(typed, room, task);
  add_login(image, task);
  add_argv(room, mm);
  return sizeof(*image) + image->used + image->argv_taken;
}

/* In which cgroup a task is; it need not be the current one. Returns the record's size. */
static __always_inline __u32 read_cgroup(const int typed, struct image_room* room, struct task_struct* task) {
  struct sk_image* image = &room->image;

  read_task(0, &image->task, task);
  image->parent = image->argv_known = image->argv_taken = image->used = 0;
  image->argv_bytes = 0;
  image->login_known = 0;
  image->exe.bytes = image->exe.flags = image->cwd.bytes = image->cwd.flags = 0;
  add_cgroup(typed, room, task);
  return sizeof(*image) + image->used;
}
