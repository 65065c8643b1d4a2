/* The executable memory of the current task: every mapping as a record of its own. It is found by the kernel's own
 * structure of mappings, which is read without its lock: one that changes at this moment may be missing. */
#pragma once

#include "backend/bpf/state.bpf.h"

#define MOST_SLOTS 4096 /* steps through the tree: several hundred mappings */
#define MOST_LEVELS 8   /* a power of two; a tree of a million mappings has six */
#define NODE_WORDS 32
/* The type of a node is in the lowest bits of its pointer (mte_node_type, lib/maple_tree.c). */
#define NODE_MASK 255UL
#define NODE_TYPE(node) ((node) >> 3 & 15)
#define LEAF 1 /* maple_leaf_64 */
#define ARANGE 3
#define NO_POINTER 0xffffUL /* the last slot can hold two bytes about its node instead of a pointer */

struct code_room {
  struct sk_code code;
  char text[SK_PATHS + SK_NAME]; /* as in struct paths_room */
  /* The way through the tree: the nodes from its root down, the next slot of each, and the last node's words. */
  __u64 nodes[MOST_LEVELS];
  __u32 slots[MOST_LEVELS];
  __u64 words[NODE_WORDS];
  __u32 level;
};

struct code_search {
  struct code_room* room;
  struct path* root;
  struct vm_area_struct* area; /* before 6.1 */
};

static __always_inline void take_area(struct code_search* search, struct vm_area_struct* area) {
  struct sk_code* code = &search->room->code;
  struct paths_room* paths = (struct paths_room*)&code->used;
  struct file* file;

  if (!(BPF_CORE_READ(area, vm_flags) & VM_EXEC)) return;
  file = BPF_CORE_READ(area, vm_file);
  read_header(&code->header, SK_CODE);
  code->start = BPF_CORE_READ(area, vm_start);
  code->end = BPF_CORE_READ(area, vm_end);
  code->offset = file ? BPF_CORE_READ(area, vm_pgoff) * PAGE_BYTES : 0;
  code->inode = file ? BPF_CORE_READ(file, f_inode, i_ino) : 0;
  code->device = file ? BPF_CORE_READ(file, f_inode, i_sb, s_dev) : 0;
  code->path.bytes = code->path.flags = code->used = 0;
  if (file) add_path(1, paths, &file->f_path, search->root, &code->path);
  if (code->used <= SK_PATHS) emit(code, sizeof(*code) + (code->used & (2 * SK_PATHS - 1)), SK_CODE, crowded);
}

static long next_area(__u32 turn, struct code_search* search) {
  struct vm_area_struct* area = search->area;

  (void)turn;
  if (!area) return 1;
  take_area(search, area);
  search->area = BPF_CORE_READ((struct vm_area_struct___before_6_1*)area, vm_next);
  return 0;
}

/* Read again from memory, so that the compiler cannot leave out the mask that the verifier needs. */
static __always_inline __u32 level_of(struct code_room* room) {
  return *(volatile __u32*)&room->level & (MOST_LEVELS - 1);
}

static __always_inline void read_node(struct code_room* room) {
  __u64 node = room->nodes[level_of(room)];

  bpf_probe_read_kernel(room->words, sizeof(room->words), (const void*)(node & ~NODE_MASK));
}

static __always_inline __u64 word_at(struct code_room* room, __u32 offset, __u32 index) {
  return room->words[(offset / 8 + index) & (NODE_WORDS - 1)];
}

/* One slot: down into a node, or a mapping, or up where the node has no more (ma_data_end, lib/maple_tree.c). */
static long next_slot(__u32 turn, struct code_search* search) {
  struct code_room* room = search->room;
  __u32 level = level_of(room), slot = room->slots[level];
  __u64 node = room->nodes[level], entry;
  int arange = NODE_TYPE(node) == ARANGE;
  __u32 pivots = arange ? bpf_core_field_offset(struct maple_arange_64, pivot)
                        : bpf_core_field_offset(struct maple_range_64, pivot);
  __u32 slots =
      arange ? bpf_core_field_offset(struct maple_arange_64, slot) : bpf_core_field_offset(struct maple_range_64, slot);

  (void)turn;
  if (slot > (arange ? 9 : 15) || (slot && !word_at(room, pivots, slot - 1))) {
    if (!level) return 1;
    room->level = level - 1;
    read_node(room);
    return 0;
  }
  entry = word_at(room, slots, slot);
  room->slots[level] = slot + 1;
  if (entry <= NO_POINTER) return 0;
  if (NODE_TYPE(node) == LEAF) {
    take_area(search, (void*)entry);
    return 0;
  }
  if (level + 1 >= MOST_LEVELS) return 1;
  room->level = level + 1;
  level = level_of(room);
  room->slots[level] = 0;
  room->nodes[level] = entry;
  read_node(room);
  return 0;
}

/* A tree of one mapping has no node (mas_start, lib/maple_tree.c). */
static __always_inline void emit_code(struct code_room* room, struct task_struct* task) {
  struct mm_struct* mm = BPF_CORE_READ(task, mm);
  struct fs_struct* fs = BPF_CORE_READ(task, fs);
  struct code_search search = {.room = room, .root = &fs->root};
  __u64 root;

  if (!bpf_core_field_exists(mm->mm_mt)) {
    search.area = BPF_CORE_READ((struct mm_struct___before_6_1*)mm, mmap);
    bpf_loop(MOST_SLOTS, next_area, &search, 0);
    return;
  }
  root = (__u64)BPF_CORE_READ(mm, mm_mt.ma_root);
  if (!(root & 2)) return;
  room->level = 0;
  room->slots[0] = 0;
  room->nodes[0] = root;
  read_node(room);
  bpf_loop(MOST_SLOTS, next_slot, &search, 0);
}
