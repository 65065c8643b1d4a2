/* What the programs share: whom to watch, the room in which a record is made, and the way out of the kernel. */
#pragma once

#include "backend/bpf/circumstances.bpf.h"
#include "backend/bpf/image.bpf.h"

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096); /* set when loading */
} events SEC(".maps");

/* Whom to watch: thread group id to start time in clock ticks; 0 is the process that has that id next. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, SK_MOST_TARGETS);
  __type(key, __u32);
  __type(value, __u64);
} targets SEC(".maps");

/* By thread group: its last description. One description too many costs little. */
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 8192);
  __type(key, __u32);
  __type(value, struct image_id);
} described SEC(".maps");

/* Identifies a process and its parent, and so its ancestors. */
struct descent_id {
  struct task_struct *leader, *parent;
  __u64 start;
};

struct signal_room {
  struct sk_signal signal;
  struct sk_ancestor ancestors[SK_MOST_ANCESTORS];
  __u32 watched;
  struct descent_id now, sent; /* sent: whose ancestors this CPU sent last */
};

struct connect_room {
  struct sk_connect connect;
  char comm[SK_COMM], name[SK_SOCKET_NAME];
};

union work {
  struct image_room image;
  struct signal_room signal;
  struct circumstances_room circumstances;
  struct connect_room connect;
};

/* Records that are too large for a program's stack are made here. One for each program that makes them: where a program
 * can be preempted another may run on the same CPU, but never the same one. */
enum work_of {
  WORK_SIGNAL,
  WORK_SENDER,
  WORK_EXEC,
  WORK_CIRCUMSTANCES,
  WORK_MOVE,
  WORK_FORK,
  WORK_CONNECT,
  WORK_PLACES
};
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, WORK_PLACES);
  __type(key, __u32);
  __type(value, union work);
} work SEC(".maps");

/* By the last bits of a pid: 1 if a target ever had a pid with these bits. Most signals go to other processes, and most
 * of their cost would be the search in the map of targets. */
__u8 noted[SK_NOTED];

const volatile __u8 everything;     /* every process is a target */
const volatile __u8 exit_says_last; /* sched_process_exit has the argument group_dead: since 6.16 */
const volatile __u8 children;       /* also what targets fork */
const volatile __u8 deaths_only;    /* no signals that end nobody by default */
/* Beyond so many waiting bytes signals are no longer let in: first those that change nothing, then all but SIGKILL.
 * What is left belongs to what the story of a process hangs on. */
const volatile __u64 crowded = 0, full = 0;

__u64 lost[SK_KINDS];
__u64 unwatched; /* children of targets for which there was no room among the targets */

static __always_inline int emit(void* record, __u64 size, enum sk_kind kind, __u64 limit) {
  if ((!limit || bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) <= limit) &&
      !bpf_ringbuf_output(&events, record, size, 0))
    return 1;
  __sync_fetch_and_add(&lost[kind], 1);
  return 0;
}

static __always_inline int is_target(const int typed, struct task_struct* leader, __u32 pid) {
  __u64 *start, now;

  if (everything) return 1;
  if (!noted[pid & (SK_NOTED - 1)]) return 0;
  start = bpf_map_lookup_elem(&targets, &pid);
  if (!start) return 0;
  now = start_of(typed, leader);
  if (!*start) *start = now;
  return *start == now;
}

/* 0: there is no room for another target. */
static __always_inline int watch_child(__u32 pid, __u64 start) {
  noted[pid & (SK_NOTED - 1)] = 1;
  return !bpf_map_update_elem(&targets, &pid, &start, BPF_ANY);
}
