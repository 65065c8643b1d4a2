/* How the programs read the kernel's memory. A read that faults gives zeros, by a load and by a helper: where a task
 * ends meanwhile, fields are wrong or empty, and nothing worse happens. */
#pragma once

/* The first has the types of the others. */
// clang-format off
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
// clang-format on

#include "backend/bpf/kernel.bpf.h"

/* There are two kinds of programs. What they share has an argument `typed`, which is a constant in each kind.
 *
 * tp_btf/...: typed. The verifier knows the types of a tracepoint's arguments, and of what they point to. The program
 * loads fields with plain loads. Each gets an entry in the exception table (BPF_PROBE_MEM, kernel/bpf/verifier.c).
 * Where there is a variant of the other kind, these run from Linux 5.17 on, which has bpf_loop.
 *
 * raw_tp/...: not typed, `*_before_5_17`. Pointers are numbers for the verifier, and each step is a call of a helper.
 */

/* READ(typed, task, group_leader, start_boottime): task->group_leader->start_boottime.
 *
 * A pointer from a field marked __rcu has to be compared with null before it is followed: the verifier wants that where
 * the kernel's BTF has the mark (kernels built by clang). It does not for the few fields in BTF_TYPE_SAFE_RCU,
 * since 6.3.
 *
 * Loading the programs takes longer with each load of a pointer from a task: the verifier then searches all of the
 * kernel's types by name, up to four times (type_is_trusted and its neighbours, kernel/bpf/verifier.c). On 6.18 this
 * took 0.8 ms for each such load on each path. So pointers are loaded early, where the verifier has few paths, and what
 * is read rarely is read by helpers in both kinds of programs. */
#define READ(typed, from, ...)                                                                   \
  ({                                                                                             \
    __typeof__(from) first_ = (from);                                                            \
    (typed) ? ARROWS(__VA_ARGS__, ARROWS_4, ARROWS_3, ARROWS_2, ARROWS_1, )(first_, __VA_ARGS__) \
            : BPF_CORE_READ(first_, __VA_ARGS__);                                                \
  })
#define ARROWS(a, b, c, d, chosen, ...) chosen
#define ARROWS_1(from, a) ((from)->a)
#define ARROWS_2(from, a, b) ((from)->a->b)
#define ARROWS_3(from, a, b, c) ((from)->a->b->c)
#define ARROWS_4(from, a, b, c, d) ((from)->a->b->c->d)

/* Where an element of a small array is, in bytes. The mask changes nothing: until 6.1 the verifier knows no limit of a
 * product, and adds nothing to a typed pointer that has none. */
static __always_inline __u32 offset_of(__u32 element, __u32 size) {
  return element * size & 4095;
}

/* Takes at most so many steps, until one returns 1. With bpf_loop the verifier checks a step once and not in each turn,
 * which is most of the time that loading takes. Kernels before 5.17 refuse a program that only mentions a step as a
 * callback. */
#define repeat(typed, most, step, what)                                          \
  do {                                                                           \
    if (typed) {                                                                 \
      bpf_loop(most, step, what, 0);                                             \
    } else {                                                                     \
      for (__u32 turn = 0; turn < (most) && !step(turn, what); turn++) continue; \
    }                                                                            \
  } while (0)
