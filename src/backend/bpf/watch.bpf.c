/* What the bpf backend sees: signals and what becomes of them, forks, execs, renames, exits. One direction: programs
 * fill a record and hand it to the ring buffer; what does not fit is counted, never waited for. */
#include "backend/bpf/bash.bpf.h"
#include "backend/bpf/bystanders.bpf.h"
#include "backend/bpf/calls.bpf.h"
#include "backend/bpf/requests.bpf.h"
#include "backend/bpf/senders.bpf.h"
#include "backend/bpf/user_stack.bpf.h"

char LICENSE[] SEC("license") = "GPL";

/* include/trace/events/signal.h: 0 delivered, 1 ignored, 2 already pending */
static __always_inline __u64 limit_of(int signal, int result) {
  return result == 1 || result == 2 ? crowded : signal == 9 ? 0 : full;
}

/* How the target takes the signal, as bits of sk_signal.context. */
static __always_inline __u32 reception(const int typed, struct task_struct* target, struct sighand_struct* sighand,
                                       int number) {
  __u32 at = (__u32)(number - 1) & 63;
  __u32 context = READ(typed, target, blocked.sig[0]) >> at & 1 ? SK_BLOCKED : 0;
  struct k_sigaction* action;
  __u64 handler;

  if (!sighand) return context;
  action = (void*)&sighand->action[0] + offset_of(at, bpf_core_type_size(struct k_sigaction));
  handler = (__u64)BPF_CORE_READ(action, sa.sa_handler); /* the verifier does not follow the index */
  return handler > 1 ? context | SK_HANDLED : handler ? context | SK_REFUSED : context; /* 0 SIG_DFL, 1 SIG_IGN */
}

static __always_inline void emit_circumstances(const int typed, void* context, struct task_struct* task,
                                               struct task_struct* target, int number, struct kernel_siginfo* info) {
  __u32 place = WORK_CIRCUMSTANCES;
  union work* room = bpf_map_lookup_elem(&work, &place);

  if (!room) return;
  read_circumstances(typed, context, &room->circumstances, task, target, number, info);
  emit(&room->circumstances.seen, sizeof(room->circumstances.seen), SK_CIRCUMSTANCES, full);
}

/* signal_generate(sig, info, task, group, result). All pointers are loaded at once: see read.bpf.h. */
static __always_inline int signal_generated(const int typed, struct bpf_raw_tracepoint_args* ctx) {
  struct kernel_siginfo* info = (void*)ctx->args[1];
  struct task_struct *target = ONLY_READ(typed, (struct task_struct*)ctx->args[2]), *task, *parent;
  struct task_struct* target_leader = READ(typed, target, group_leader);
  __u32 pid = READ(typed, target, tgid), place = WORK_SIGNAL, depth, size;
  int own, sending, asked, watched = is_target(typed, target_leader, pid);
  volatile __u32* is_watched;
  struct identity sender, receiver;
  struct image_parts parts;
  struct sk_signal* record;
  struct sighand_struct* handlers;
  struct pt_regs* regs;
  union work* room;

  if ((!watched || deaths_only) && harmless(ctx->args[0])) return 0; /* most signals on a machine */
  if (!watched && ctx->args[4] == 1) return 0;
  room = bpf_map_lookup_elem(&work, &place);
  if (!room) return 0;
  is_watched = &room->signal.watched; /* the verifier does not follow it there: else it would check the rest twice */
  *is_watched = watched;
  record = &room->signal.signal;
  task = current_task(typed);
  regs = registers(typed, task);
  if (!*is_watched) { /* somebody's request to somebody else */
    if ((__u32)READ(typed, task, tgid) == pid || READ(typed, task, flags) & (PF_EXITING | PF_KTHREAD)) return 0;
    if (!sends(system_call(typed, regs), compat(typed, task))) return 0;
    if (!own_context(typed, ctx, task, READ(typed, task, mm), regs) || !has_room_for_bystander()) return 0;
  }
  sender = identity_of(typed, task);
  receiver = (struct identity){target, target_leader, READ(typed, target, real_cred)};
  parent = READ(typed, sender.leader, real_parent);
  parts = image_parts_of(typed, task);
  handlers = READ(typed, target, sighand);
  record->context = 0;
  read_ancestors(typed, &room->signal, sender.leader, parent, READ(typed, task, tgid));
  read_identity(typed, &record->sender, sender);
  read_identity(typed, &record->target, receiver);
  record->number = ctx->args[0];
  record->context |= reception(typed, target, handlers, record->number);
  own = own_context(typed, ctx, task, parts.mm, regs);
  if (own) describe_sender(typed, task, parts);
  read_header(&record->header, SK_SIGNAL);
  /* 0 and 1 stand for SEND_SIG_NOINFO and SEND_SIG_PRIV (include/linux/signal.h) */
  record->code = !info ? SI_USER : (__u64)info == 1 ? SI_KERNEL : BPF_CORE_READ(info, si_code);
  record->result = ctx->args[4];
  record->call = own ? system_call(typed, regs) : -1;
  if (own) record->context |= SK_OWN_CONTEXT;
  if (own && compat(typed, task)) record->context |= SK_COMPAT;
  if (READ(typed, task, flags) & PF_EXITING) record->context |= SK_EXITING;
  sending = own && !(record->context & SK_EXITING) && sends(record->call, record->context & SK_COMPAT);
  asked = sending && record->code <= 0 && record->code != SI_TIMER;
  if (!asked && !*is_watched) return 0;
  if (asked && record->call != 424) { /* pidfd_send_signal has no pid */
    record->aim = first_argument(typed, regs, record->context & SK_COMPAT);
    record->context |= SK_AIMED;
  }
  record->bash = asked ? bash_line(typed, parts.mm) : 0;
  record->unused = 0;
  if (!asked && !harmless(record->number) && record->result != 1)
    emit_circumstances(typed, ctx, task, target, record->number, info);
  if (typed && wants_stacks && own && *is_watched && is_fatal(record, asked)) emit_user_stack(task);
  depth = record->depth;
  if (depth > SK_MOST_ANCESTORS) return 0;
  size = sizeof(*record) + depth * sizeof(struct sk_ancestor);
  if (!emit(&room->signal, size, SK_SIGNAL, limit_of(record->number, record->result))) return 0;
  room->signal.sent = room->signal.now;
  if (sending && *is_watched) remember_call(typed, record->sender.tid); /* whatever code it says (rt_sigqueueinfo(2)) */
  return 0;
}

SEC("?tp_btf/signal_generate")
int on_signal(struct bpf_raw_tracepoint_args* ctx) {
  return signal_generated(1, ctx);
}

SEC("?raw_tp/signal_generate")
int on_signal_before_5_17(struct bpf_raw_tracepoint_args* ctx) {
  return signal_generated(0, ctx);
}

static __always_inline void emit_cgroup(const int typed, struct task_struct* task, __u32 place) {
  union work* room = bpf_map_lookup_elem(&work, &place);
  __u32 size;

  if (!room) return;
  read_header(&room->image.image.header, SK_MOVED);
  size = read_cgroup(typed, &room->image, task);
  if (size <= sizeof(room->image)) emit(&room->image, size, SK_MOVED, 0);
}

/* cgroup_attach_task(to, path, task, threadgroup), after the move and for every hierarchy: only those count whose path
 * is reported. A leader that has ended is not moved with its threads (cgroup_migrate_add_task, kernel/cgroup/cgroup.c).
 */
static __always_inline int moved(const int typed, struct bpf_raw_tracepoint_args* ctx) {
  struct cgroup* to = (void*)ctx->args[0];
  struct task_struct* task = ONLY_READ(typed, (struct task_struct*)ctx->args[2]);

  if (READ(typed, task, pid) != READ(typed, task, tgid)) return 0; /* a thread alone */
  if (to == READ(typed, task, cgroups, dfl_cgrp) || to == memory_cgroup(task)) emit_cgroup(typed, task, WORK_MOVE);
  return 0;
}

SEC("?tp_btf/cgroup_attach_task")
int on_move(struct bpf_raw_tracepoint_args* ctx) {
  return moved(1, ctx);
}

SEC("?raw_tp/cgroup_attach_task")
int on_move_before_5_17(struct bpf_raw_tracepoint_args* ctx) {
  return moved(0, ctx);
}

/* sched_process_fork(parent, child). The child's cgroup is final then (cgroup_post_fork, in copy_process): where it is
 * not its parent's, by CLONE_INTO_CGROUP as a rule, that is reported first: the child is born there. */
static __always_inline int forked(const int typed, struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct* parent = ONLY_READ(typed, (struct task_struct*)ctx->args[0]);
  struct task_struct* child = ONLY_READ(typed, (struct task_struct*)ctx->args[1]);
  struct css_set *its, *leaders;
  struct identity forking, born;
  struct mm_struct* memory = READ(typed, parent, mm);
  __u32 from = READ(typed, parent, tgid), pid = READ(typed, child, tgid), tid = READ(typed, child, pid);
  struct sk_fork record = {};

  if (pid != tid) return 0; /* a thread */
  forking = identity_of(typed, parent);
  born = (struct identity){child, child, READ(typed, child, real_cred)};
  its = READ(typed, child, cgroups);
  leaders = READ(typed, forking.leader, cgroups);
  record.real_parent = READ(typed, child, real_parent, tgid);
  record.bash = bash_line(typed, memory);
  read_header(&record.header, SK_FORK);
  read_identity(typed, &record.parent, forking);
  read_identity(typed, &record.child, born);
  if (children && !everything && is_target(typed, forking.leader, from) && !watch_child(pid, record.child.start))
    __sync_fetch_and_add(&unwatched, 1);
  if (its != leaders && cgroup_of(child) != cgroup_of(forking.leader)) emit_cgroup(typed, child, WORK_FORK);
  emit(&record, sizeof(record), SK_FORK, 0);
  return 0;
}

SEC("?tp_btf/sched_process_fork")
int on_fork(struct bpf_raw_tracepoint_args* ctx) {
  return forked(1, ctx);
}

SEC("?raw_tp/sched_process_fork")
int on_fork_before_5_17(struct bpf_raw_tracepoint_args* ctx) {
  return forked(0, ctx);
}

/* sched_process_exec(task, old pid, bprm) */
SEC("?tp_btf/sched_process_exec")
int on_exec(struct bpf_raw_tracepoint_args* ctx) {
  describe_current(1, SK_EXEC, WORK_EXEC, ctx->args[1]);
  return 0;
}

SEC("?raw_tp/sched_process_exec")
int on_exec_before_5_17(struct bpf_raw_tracepoint_args* ctx) {
  describe_current(0, SK_EXEC, WORK_EXEC, ctx->args[1]);
  return 0;
}

/* task_rename(task, comm); an exec reports its name itself */
SEC("tp_btf/task_rename")
int on_rename(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct* task = ONLY_READ(1, (struct task_struct*)ctx->args[0]);
  struct sk_rename record = {};

  if (task->pid != task->tgid) return 0;
  if (bpf_core_field_exists(task->in_execve) && BPF_CORE_READ_BITFIELD(task, in_execve)) return 0;
  read_header(&record.header, SK_RENAME);
  read_task(1, &record.task, task);
  bpf_probe_read_kernel_str(record.task.comm, sizeof(record.task.comm), (void*)ctx->args[1]);
  emit(&record, sizeof(record), SK_RENAME, 0);
  return 0;
}

/* sched_process_exit, since 6.16: before it a task has no memory any more there (kernel/exit.c, do_exit). Comes before
 * on_exit: so does its record. */
SEC("?tp_btf/sched_process_exit")
int on_exit_with_memory(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct* task = ONLY_READ(1, (struct task_struct*)ctx->args[0]);

  emit_exit_stack(task, (__u32)task->exit_code >> 8);
  return 0;
}

/* exit_group(status), before 6.16. */
SEC("?fentry/__x64_sys_exit_group")
int on_exit_group(__u64* ctx) {
  struct pt_regs* regs = (void*)ctx[0];

  emit_exit_stack(bpf_get_current_task_btf(), (__u32)regs->di);
  return 0;
}

/* sched_process_exit(task, group_dead since 6.16). A process is over with its last thread; its status is the group's
 * where a group exit set it (kernel/exit.c, synchronize_group_exit and do_group_exit), else its leader's
 * (wait_task_zombie). */
SEC("tp_btf/sched_process_exit")
int on_exit(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct* task = ONLY_READ(1, (struct task_struct*)ctx->args[0]);
  struct identity who = identity_of(1, task);
  struct task_struct* leader = who.leader;
  struct signal_struct* group = task->signal;
  struct sk_exit record = {};
  __u32 pid = task->tgid;

  forget_call(task->pid);
  if (exit_says_last) {
    if (!(ctx->args[1] & 1)) return 0;
  } else if (group->live.counter) {
    return 0;
  }
  read_header(&record.header, SK_EXIT);
  read_identity(1, &record.task, who);
  record.status = group->flags & SIGNAL_GROUP_EXIT ? group->group_exit_code : leader->exit_code;
  record.watched = everything || is_target(1, leader, pid);
  if (bpf_core_field_exists(task->seccomp)) record.seccomp = task->seccomp.mode;
  record.own_pid = own_pid(1, leader);
  record.pending = group->shared_pending.signal.sig[0];
  emit(&record, sizeof(record), SK_EXIT, 0);
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
  emit(&record, sizeof(record), SK_OOM, 0);
  return 0;
}

/* security_unix_stream_connect(client, listening, accepted): called by unix_stream_connect (net/unix/af_unix.c) when it
 * has found and locked the listening socket; the connection is then made unless a security module refuses it. */
SEC("?fentry/security_unix_stream_connect")
int on_connect(__u64* ctx) {
  struct sock* listening = (void*)ctx[1];

  return connected((void*)listening, BPF_CORE_READ(listening, sk_peer_pid));
}

/* sys_exit(regs, value), for kernels that do not let programs be put at functions: every system call of the machine
 * then passes here. */
SEC("?tp_btf/sys_exit")
int on_sys_exit(struct bpf_raw_tracepoint_args* ctx) {
  struct pt_regs* regs = (void*)ctx->args[0];

  if (regs->orig_ax == CALL_CONNECT && !ctx->args[1] && !compat(1, current_task(1))) connect_returned(regs->di);
  return returned(ctx->args[1]);
}

const char asks_for_oom_killer[] = "sysrq: Manual OOM exec";

/* console(text, length): what the kernel writes to its log. One line shows who asked for SysRq's f, which a kernel
 * thread then does (drivers/tty/sysrq.c, sysrq_handle_moom). */
SEC("raw_tp/console")
int on_console(struct bpf_raw_tracepoint_args* ctx) {
  struct task_struct* task;
  struct sk_sysrq record = {};
  char said[sizeof(asks_for_oom_killer)];

  if (bpf_probe_read_kernel_str(said, sizeof(said), (void*)ctx->args[0]) != sizeof(said)) return 0;
  for (__u32 at = 0; at < sizeof(said); at++)
    if (said[at] != asks_for_oom_killer[at]) return 0;
  task = current_task(0);
  read_header(&record.header, SK_SYSRQ);
  read_task(0, &record.task, task);
  record.context = own_context(0, ctx, task, BPF_CORE_READ(task, mm), registers(0, task)) ? SK_OWN_CONTEXT : 0;
  emit(&record, sizeof(record), SK_SYSRQ, 0);
  return 0;
}
