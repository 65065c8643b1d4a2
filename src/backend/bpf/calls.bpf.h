/* The results of the system calls that send signals: who is in one, and what it returns. */
#pragma once

#include "backend/bpf/state.bpf.h"

/* By thread: 1 while it is in a system call by which it sent something reported. Kept until the thread ends; nothing
 * else takes one away, for inside_calls counts them. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 16384);
  __type(key, __u32);
  __type(value, __u32);
} calling SEC(".maps");

__u32 inside_calls; /* so many threads are in a system call whose result is to be told */

static __always_inline void remember_call(void) {
  __u32 tid = bpf_get_current_pid_tgid(), yes = 1;
  __u32* inside = bpf_map_lookup_elem(&calling, &tid);

  if (inside && *inside) return; /* it has sent to another one already */
  if (inside)
    *inside = 1;
  else if (bpf_map_update_elem(&calling, &tid, &yes, BPF_ANY))
    return;
  __sync_fetch_and_add(&inside_calls, 1);
}

/* A thread that ends in its call, by what it sent itself, never returns from it. */
static __always_inline void forget_call(void) {
  __u32 tid = bpf_get_current_pid_tgid();
  __u32* inside = bpf_map_lookup_elem(&calling, &tid);

  if (!inside) return;
  if (*inside) __sync_fetch_and_add(&inside_calls, -1);
  bpf_map_delete_elem(&calling, &tid);
}

/* The result of a system call that sends signals; what it sent was reported within it. */
static __always_inline int returned(__s64 value) {
  struct sk_returned record = {};
  __u32 tid, *inside;
  __u64 ids;

  if (!inside_calls) /* as a rule, and all that other system calls are to pay for */
    return 0;
  ids = bpf_get_current_pid_tgid();
  tid = ids;
  inside = bpf_map_lookup_elem(&calling, &tid);
  if (!inside || !*inside) return 0;
  *inside = 0;
  __sync_fetch_and_add(&inside_calls, -1);
  read_header(&record.header, SK_RETURNED);
  record.pid = ids >> 32;
  record.tid = tid;
  record.value = value;
  hand_over(&record, sizeof(record), SK_RETURNED, full);
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

/* sys_exit(regs, value), for kernels that do not let programs be put at a function's exit: every system call of the
 * machine then passes here. */
SEC("?raw_tp/sys_exit")
int on_sys_exit(struct bpf_raw_tracepoint_args* ctx) {
  return returned(ctx->args[1]);
}
