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
#include "backend/bpf/record.h"

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
 * Loading the programs takes longer with each load of a pointer from a trusted one, as a tracepoint's arguments are:
 * the verifier then searches all of the kernel's types by name, up to four times (type_is_trusted and its neighbours,
 * kernel/bpf/verifier.c, since 6.4). On 6.18 this took 0.8 ms for each such load on each path. So these pointers go
 * through ONLY_READ first. */
#define READ(typed, from, ...)                                                                   \
  ({                                                                                             \
    __typeof__(from) first_ = (from);                                                            \
    (typed) ? ARROWS(__VA_ARGS__, ARROWS_4, ARROWS_3, ARROWS_2, ARROWS_1, )(first_, __VA_ARGS__) \
            : BPF_CORE_READ(first_, __VA_ARGS__);                                                \
  })
/* The same pointer, as one that is only read: nothing is searched for what is loaded from it, and helpers do not take
 * it. stapkill makes this call one of bpf_rdonly_cast, which the verifier replaces by a move (since 6.2,
 * kernel/bpf/verifier.c, fixup_kfunc_call), or that move itself (programs.cpp). An extern of libbpf would not do: where
 * the kernel lacks the function, libbpf looks for it in all modules, which needs CAP_SYS_ADMIN. Not in subprograms. */
static void* (*const only_read)(const void* pointer, __u32 type) = (void*)SK_ONLY_READ;
#define ONLY_READ(typed, pointer)                                                               \
  ({                                                                                            \
    __typeof__(pointer) it_ = (pointer);                                                        \
    (typed) ? (__typeof__(it_))only_read(it_, bpf_core_type_id_kernel(__typeof__(*it_))) : it_; \
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
