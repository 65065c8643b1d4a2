/* The results of the system calls that send signals: who is in one, and what it returns. */
#pragma once

#include "backend/bpf/state.bpf.h"

/* The threads that are in a system call whose result is to be recorded, because it sent something that was. Most have a
 * place of their own here, found by the last bits of their tid: this avoids a search in the map. 0 is no thread. */
#define CALLERS 1024
__u32 callers[CALLERS];

/* The other threads in such a call. An entry exists exactly as long as its thread is in the call. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __type(key, __u32);
  __type(value, __u32);
} calling SEC(".maps");

__u32 inside_calls;   /* number of all these threads */
__u32 kept_elsewhere; /* number of those in the map */

/* Takes a thread's place among the callers; 0: another thread has it. Two CPUs can want the same place at once: taking
 * it needs an instruction that came with 5.12. */
static __always_inline int takes_place(__u32* place, __u32 tid) {
  if (*place == tid) return 1; /* the same call has sent to another process already */
  if (*place || __sync_val_compare_and_swap(place, 0, tid)) return 0;
  __sync_fetch_and_add(&inside_calls, 1);
  return 1;
}

static __always_inline void remember_call(const int typed, __u32 tid) {
  __u32 nothing = 0;

  if (typed && takes_place(&callers[tid & (CALLERS - 1)], tid)) return;
  if (bpf_map_update_elem(&calling, &tid, &nothing, BPF_NOEXIST)) return; /* it is there already, or the map is full */
  __sync_fetch_and_add(&kept_elsewhere, 1);
  __sync_fetch_and_add(&inside_calls, 1);
}

/* Forgets a thread's call, at its return or at the thread's end: who ends in a call never returns from it. 0: it was in
 * none. */
static __always_inline int forget_call(__u32 tid) {
  __u32* place = &callers[tid & (CALLERS - 1)];

  if (*place == tid) {
    *place = 0;
  } else {
    if (!kept_elsewhere || bpf_map_delete_elem(&calling, &tid)) return 0;
    __sync_fetch_and_add(&kept_elsewhere, -1);
  }
  __sync_fetch_and_add(&inside_calls, -1);
  return 1;
}

/* The result of a system call that sends signals; what it sent was reported within it. */
static __always_inline int returned(__s64 value) {
  struct sk_returned record = {};
  __u64 ids;
  __u32 tid;

  if (!inside_calls) /* as a rule, and all that other system calls are to pay for */
    return 0;
  ids = bpf_get_current_pid_tgid();
  tid = ids;
  if (!forget_call(tid)) return 0;
  read_header(&record.header, SK_RETURNED);
  record.pid = ids >> 32;
  record.tid = tid;
  record.value = value;
  emit(&record, sizeof(record), SK_RETURNED, full);
  return 0;
}

/* At the exit of a function of one argument its result is the second word. */
#define RETURNED(call)                \
  SEC("?fexit/__x64_sys_" #call)      \
  int call##_returned(__s64* words) { \
    return returned(words[1]);        \
  }
RETURNED(kill)
RETURNED(tkill)
RETURNED(tgkill)
RETURNED(rt_sigqueueinfo)
RETURNED(rt_tgsigqueueinfo)
RETURNED(pidfd_send_signal)
