/* What the bpf backend sees: signals and what becomes of them, forks, execs, renames, exits. One direction: programs
 * fill a record and hand it to the ring buffer; what does not fit is counted, never waited for. */
#include "backend/bpf/bystanders.bpf.h"
#include "backend/bpf/calls.bpf.h"
#include "backend/bpf/senders.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* include/trace/events/signal.h: 0 delivered, 1 ignored, 2 already pending */
static __always_inline __u64 limit_of(int signal, int result) {
  return result == 1 || result == 2 ? crowded : signal == 9 ? 0 : full;
}

/* How the target takes the signal, as bits of sk_signal.context. */
static __always_inline __u32 reception(struct task_struct* target, int number) {
  __u32 at = (__u32)(number - 1) & 63;
  struct k_sigaction* actions = &BPF_CORE_READ(target, sighand)->action[0];
  struct k_sigaction* action = (void*)actions + at * bpf_core_type_size(struct k_sigaction);
  __u32 context = BPF_CORE_READ(target, blocked.sig[0]) >> at & 1 ? SK_BLOCKED : 0;

  __u64 handler = (__u64)BPF_CORE_READ(action, sa.sa_handler);

  return handler > 1 ? context | SK_HANDLED : handler ? context | SK_REFUSED : context; /* 0 SIG_DFL, 1 SIG_IGN */
}

#define OR_IS(name, its_number) || number == its_number
static __always_inline int harmless(int number) {
  return 0 SK_HARMLESS_SIGNALS(OR_IS);
}

static __always_inline void tell_circumstances(const int by_helper, void* context, struct task_struct* task,
                                               struct task_struct* target, int number, struct kernel_siginfo* info) {
  __u32 place = WORK_CIRCUMSTANCES;
  union work* room = bpf_map_lookup_elem(&work, &place);

  if (!room) return;
  read_circumstances(by_helper, context, &room->circumstances, task, target, number, info);
  hand_over(&room->circumstances.seen, sizeof(room->circumstances.seen), SK_CIRCUMSTANCES, full);
}

/* signal_generate(sig, info, task, group, result) */
static __always_inline int signal_generated(const int by_helper, struct bpf_raw_tracepoint_args* ctx) {
  struct kernel_siginfo* info = (void*)ctx->args[1];
  struct task_struct *target = (void*)ctx->args[2], *task;
  __u32 pid = BPF_CORE_READ(target, tgid), place = WORK_SIGNAL;
  struct sk_signal* record;
  union work* room;
  __u32 depth, size;
  int own, sending, asked, target_is_watched = is_target(target, pid);

  task = current_task();
  if (!target_is_watched) { /* somebody's request to somebody else */
    if (harmless(ctx->args[0]) || ctx->args[4] == 1 || (__u32)BPF_CORE_READ(task, tgid) == pid) return 0;
    if (!sends(system_call(task), BPF_CORE_READ(task, thread_info.status) & TS_COMPAT)) return 0;
    if (!own_context(ctx, task) || BPF_CORE_READ(task, flags) & PF_EXITING || !has_room_for_bystander()) return 0;
  }
  room = bpf_map_lookup_elem(&work, &place);
  if (!room) return 0;
  own = own_context(ctx, task);
  if (own) describe_sender(by_helper, task);
  record = &room->signal.signal;
  read_header(&record->header, SK_SIGNAL);
  read_task(&record->sender, task);
  read_task(&record->target, target);
  record->number = ctx->args[0];
  /* 0 and 1 stand for SEND_SIG_NOINFO and SEND_SIG_PRIV (include/linux/signal.h) */
  record->code = !info ? SI_USER : (__u64)info == 1 ? SI_KERNEL : BPF_CORE_READ(info, si_code);
  record->result = ctx->args[4];
  record->call = own ? system_call(task) : -1;
  record->context = reception(target, record->number) | (own ? SK_OWN_CONTEXT : 0);
  if (own && BPF_CORE_READ(task, thread_info.status) & TS_COMPAT) record->context |= SK_COMPAT;
  if (BPF_CORE_READ(task, flags) & PF_EXITING) record->context |= SK_EXITING;
  sending = own && !(record->context & SK_EXITING) && sends(record->call, record->context & SK_COMPAT);
  asked = sending && record->code <= 0 && record->code != SI_TIMER;
  if (!target_is_watched && !asked) return 0;
  if (asked && record->call != 424) { /* pidfd_send_signal has no pid */
    record->aim = first_argument(task, record->context & SK_COMPAT);
    record->context |= SK_AIMED;
  }
  if (!asked && !harmless(record->number) && record->result != 1)
    tell_circumstances(by_helper, ctx, task, target, record->number, info);
  read_ancestors(by_helper, &room->signal, task);
  depth = record->depth;
  if (depth > SK_MOST_ANCESTORS) return 0;
  size = sizeof(*record) + depth * sizeof(struct sk_ancestor);
  if (!hand_over(&room->signal, size, SK_SIGNAL, limit_of(record->number, record->result))) return 0;
  room->signal.told = room->signal.now;
  if (sending && target_is_watched) remember_call(); /* whatever code it says (rt_sigqueueinfo(2)) */
  return 0;
}

SEC("?raw_tp/signal_generate")
int on_signal(struct bpf_raw_tracepoint_args* ctx) {
  return signal_generated(1, ctx);
}

SEC("?raw_tp/signal_generate")
int on_signal_before_5_17(struct bpf_raw_tracepoint_args* ctx) {
  return signal_generated(0, ctx);
}

static __always_inline void tell_cgroup(const int by_helper, struct task_struct* task, __u32 place) {
  union work* room = bpf_map_lookup_elem(&work, &place);
  __u32 size;

  if (!room) return;
  read_header(&room->image.image.header, SK_MOVED);
  size = read_cgroup(by_helper, &room->image, task);
  if (size <= sizeof(room->image)) hand_over(&room->image, size, SK_MOVED, 0);
}

/* cgroup_attach_task(to, path, task, threadgroup), after the move and for every hierarchy: only those count whose path
 * can be told. A leader that has ended is not moved with its threads (cgroup_migrate_add_task, kernel/cgroup/cgroup.c).
 */
static __always_inline int moved(const int by_helper, struct bpf_raw_tracepoint_args* ctx) {
  struct cgroup* to = (void*)ctx->args[0];
  struct task_struct* task = (void*)ctx->args[2];

  if (BPF_CORE_READ(task, pid) != BPF_CORE_READ(task, tgid)) return 0; /* a thread alone */
  if (to == BPF_CORE_READ(task, cgroups, dfl_cgrp) || to == memory_cgroup(task))
    tell_cgroup(by_helper, task, WORK_MOVE);
  return 0;
}

SEC("?raw_tp/cgroup_attach_task")
int on_move(struct bpf_raw_tracepoint_args* ctx) {
  return moved(1, ctx);
}

SEC("?raw_tp/cgroup_attach_task")
int on_move_before_5_17(struct bpf_raw_tracepoint_args* ctx) {
  return moved(0, ctx);
}

/* sched_process_fork(parent, child). The child's cgroup is final then (cgroup_post_fork, in copy_process): where it is
 * not its parent's, by CLONE_INTO_CGROUP as a rule, that is told first, for the child is born there. */
static __always_inline int forked(const int by_helper, struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct *parent = (void*)ctx->args[0], *child = (void*)ctx->args[1];
  __u32 from = BPF_CORE_READ(parent, tgid), pid = BPF_CORE_READ(child, tgid), tid = BPF_CORE_READ(child, pid);
  struct sk_fork record = {};

  if (pid != tid) return 0; /* a thread */
  read_header(&record.header, SK_FORK);
  read_task(&record.parent, parent);
  read_task(&record.child, child);
  record.real_parent = BPF_CORE_READ(child, real_parent, tgid);
  if (children && !everything && is_target(parent, from) &&
      bpf_map_update_elem(&targets, &pid, &record.child.start, BPF_ANY))
    __sync_fetch_and_add(&unwatched, 1);
  if (told_cgroup(child) != told_cgroup(BPF_CORE_READ(parent, group_leader))) tell_cgroup(by_helper, child, WORK_FORK);
  hand_over(&record, sizeof(record), SK_FORK, 0);
  return 0;
}

SEC("?raw_tp/sched_process_fork")
int on_fork(struct bpf_raw_tracepoint_args* ctx) {
  return forked(1, ctx);
}

SEC("?raw_tp/sched_process_fork")
int on_fork_before_5_17(struct bpf_raw_tracepoint_args* ctx) {
  return forked(0, ctx);
}

/* sched_process_exec(task, old pid, bprm) */
SEC("?raw_tp/sched_process_exec")
int on_exec(struct bpf_raw_tracepoint_args* ctx) {
  describe(1, current_task(), SK_EXEC, WORK_EXEC, ctx->args[1]);
  return 0;
}

SEC("?raw_tp/sched_process_exec")
int on_exec_before_5_17(struct bpf_raw_tracepoint_args* ctx) {
  describe(0, current_task(), SK_EXEC, WORK_EXEC, ctx->args[1]);
  return 0;
}

/* task_rename(task, comm); an exec tells its name itself */
SEC("raw_tp/task_rename")
int on_rename(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct* task = (void*)ctx->args[0];
  struct sk_rename record = {};

  if (BPF_CORE_READ(task, pid) != BPF_CORE_READ(task, tgid)) return 0;
  if (bpf_core_field_exists(task->in_execve) && BPF_CORE_READ_BITFIELD_PROBED(task, in_execve)) return 0;
  read_header(&record.header, SK_RENAME);
  read_task(&record.task, task);
  bpf_probe_read_kernel_str(record.task.comm, sizeof(record.task.comm), (void*)ctx->args[1]);
  hand_over(&record, sizeof(record), SK_RENAME, 0);
  return 0;
}

/* sched_process_exit(task, group_dead since 6.16). A process is over with its last thread; its status is the group's
 * where a group exit set it (kernel/exit.c, synchronize_group_exit and do_group_exit), else its leader's
 * (wait_task_zombie). */
SEC("raw_tp/sched_process_exit")
int on_exit(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct* task = (void*)ctx->args[0];
  struct sk_exit record = {};
  __u32 pid = BPF_CORE_READ(task, tgid);

  forget_call();
  if (bpf_core_field_exists(struct trace_event_raw_sched_process_exit, group_dead)) {
    if (!(ctx->args[1] & 1)) return 0;
  } else if (BPF_CORE_READ(task, signal, live.counter)) {
    return 0;
  }
  read_header(&record.header, SK_EXIT);
  read_task(&record.task, task);
  record.status = BPF_CORE_READ(task, signal, flags) & SIGNAL_GROUP_EXIT ? BPF_CORE_READ(task, signal, group_exit_code)
                                                                         : BPF_CORE_READ(task, group_leader, exit_code);
  record.watched = everything || is_target(task, pid);
  if (bpf_core_field_exists(task->seccomp)) record.seccomp = BPF_CORE_READ(task, seccomp.mode);
  record.own_pid = own_pid(task);
  record.pending = BPF_CORE_READ(task, signal, shared_pending.signal.sig[0]);
  hand_over(&record, sizeof(record), SK_EXIT, 0);
  if (!everything) bpf_map_delete_elem(&targets, &pid);
  bpf_map_delete_elem(&described, &pid);
  return 0;
}

/* mark_victim(task, uid), before 6.9 mark_victim(tid) */
SEC("raw_tp/mark_victim")
int on_oom_victim(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct* task = (void*)ctx->args[0];
  struct sk_oom record = {};

  read_header(&record.header, SK_OOM);
  record.tid = bpf_core_field_exists(struct trace_event_raw_mark_victim, uid) ? BPF_CORE_READ(task, pid) : (__u64)task;
  hand_over(&record, sizeof(record), SK_OOM, 0);
  return 0;
}

const char asks_for_oom_killer[] = "sysrq: Manual OOM exec";

/* console(text, length): what the kernel says, to whomever. One line tells who asked for SysRq's f, which a kernel
 * thread then does (drivers/tty/sysrq.c, sysrq_handle_moom). */
SEC("raw_tp/console")
int on_console(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct* task;
  struct sk_sysrq record = {};
  char said[sizeof(asks_for_oom_killer)];

  if (bpf_probe_read_kernel_str(said, sizeof(said), (void*)ctx->args[0]) != sizeof(said)) return 0;
  for (__u32 at = 0; at < sizeof(said); at++)
    if (said[at] != asks_for_oom_killer[at]) return 0;
  task = current_task();
  read_header(&record.header, SK_SYSRQ);
  read_task(&record.task, task);
  record.context = own_context(ctx, task) ? SK_OWN_CONTEXT : 0;
  hand_over(&record, sizeof(record), SK_SYSRQ, 0);
  return 0;
}
