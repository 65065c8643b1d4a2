/* The line of its script that a bash runs: bash keeps it in variables whose addresses its own symbols have. */
#pragma once

#include "backend/bpf/read.bpf.h"
#include "backend/bpf/record.h"
#include "base/kernel_numbers.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 64);
  __type(key, struct sk_bash_id);
  __type(value, struct sk_bash_places);
} bashes SEC(".maps");

/* One of the current task's variables; 0 where its page is away. */
static __always_inline __s32 bash_variable(__u64 data_end, __s64 place) {
  __s32 value = 0;

  bpf_probe_read_user(&value, sizeof(value), (const void*)(data_end + place));
  return value;
}

/* The line that the current task runs, packed with SK_BASH_*; 0 where it is no known bash. `mm` is its memory. */
static __always_inline __u32 bash_line(const int typed, struct mm_struct* mm) {
  __u64 data_end = READ(typed, mm, end_data);
  struct sk_bash_id id = {data_end - READ(typed, mm, start_data), data_end - READ(typed, mm, end_code)};
  struct sk_bash_places* places = bpf_map_lookup_elem(&bashes, &id);
  __s32 line;

  if (!places) return 0;
  line = bash_variable(data_end, places->line);
  if (line <= 0) return 0;
  return (__u32)line << SK_BASH_FLAG_BITS | (bash_variable(data_end, places->text) ? SK_BASH_TEXT : 0) |
         (bash_variable(data_end, places->function) ? SK_BASH_FUNCTION : 0) |
         (bash_variable(data_end, places->source) ? SK_BASH_SOURCE : 0);
}
