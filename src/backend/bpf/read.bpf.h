/* How the programs read the kernel's memory. Either way a read that faults gives zeros: a task that ends meanwhile
 * costs a wrong or empty field, never more. */
#pragma once

/* The first has the types of the others. */
// clang-format off
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
// clang-format on

#include "backend/bpf/kernel.bpf.h"

/* Programs come in two kinds, and what they share has an argument for it, `typed`, which is a constant in each:
 *
 * tp_btf/..., typed. The verifier knows the types of a tracepoint's arguments and of what they point to. It lets the
 * program load a field as the kernel's own code does, and gives each such load an entry in the exception table
 * (BPF_PROBE_MEM, kernel/bpf/verifier.c). Those that have a variant of the other kind run from 5.17 on, where there is
 * bpf_loop.
 *
 * raw_tp/..., not typed: `*_before_5_17`. Pointers are numbers there, and each step is a call of a helper. */

/* READ(typed, task, group_leader, start_boottime): task->group_leader->start_boottime.
 *
 * Two things are to be known of those loads. What a field marked __rcu points to may be null for the verifier where the
 * kernel's BTF has that mark (by clang): it has to be looked at first, save for those few that the verifier knows
 * better (BTF_TYPE_SAFE_RCU, there since 6.3). And before the verifier lets a pointer be loaded from a task it searches
 * all of the kernel's types by name, several times (type_is_trusted and its like): 0.8 ms were measured on 6.18, for
 * each pointer on each path that it looks at. So pointers are loaded early, where there are few paths yet, and what is
 * not read often is left to the helpers in programs of both kinds. */
#define READ(typed, from, ...)                                                                \
  ((typed) ? ARROWS(__VA_ARGS__, ARROWS_4, ARROWS_3, ARROWS_2, ARROWS_1, )(from, __VA_ARGS__) \
           : BPF_CORE_READ(from, __VA_ARGS__))
#define ARROWS(a, b, c, d, chosen, ...) chosen
#define ARROWS_1(from, a) ((from)->a)
#define ARROWS_2(from, a, b) ((from)->a->b)
#define ARROWS_3(from, a, b, c) ((from)->a->b->c)
#define ARROWS_4(from, a, b, c, d) ((from)->a->b->c->d)

/* Takes at most so many steps, until one returns 1. With bpf_loop the verifier looks at a step once and not at each
 * turn, which is most of the time that loading takes. Kernels before 5.17 do not take a program that so much as names a
 * step as a callback. */
#define repeat(typed, most, step, what)                                          \
  do {                                                                           \
    if (typed) {                                                                 \
      bpf_loop(most, step, what, 0);                                             \
    } else {                                                                     \
      for (__u32 turn = 0; turn < (most) && !step(turn, what); turn++) continue; \
    }                                                                            \
  } while (0)
