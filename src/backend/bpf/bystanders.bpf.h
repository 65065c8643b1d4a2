/* Signals between processes that are not watched: how many of them are looked at. */
#pragma once

#include "backend/bpf/state.bpf.h"

/* How many signals between others a CPU reports in a tenth of a second: they explain a sender later (a stop that is
 * passed on), or belong to what becomes a target at its exec. A flood of them is no business of the watch. */
#define BYSTANDERS 64
struct bystanders {
  __u64 window;
  __u64 count;
};
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct bystanders);
} bystanders SEC(".maps");

static __always_inline int has_room_for_bystander(void) {
  __u32 zero = 0;
  struct bystanders* seen = bpf_map_lookup_elem(&bystanders, &zero);
  __u64 window = bpf_ktime_get_boot_ns() / 100000000;

  if (!seen) return 0;
  if (seen->window != window) {
    seen->window = window;
    seen->count = 0;
  }
  return seen->count++ < BYSTANDERS && bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) <= crowded;
}
