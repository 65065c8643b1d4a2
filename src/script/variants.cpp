#include "script/variants.h"

#include <algorithm>
#include <array>

namespace stapkill {
namespace {

struct Condition {
  std::string_view file;  ///< below the headers' include/
  std::string_view text;
  bool present = true;  ///< the file must hold the text, or must not
};

struct Row {
  Variant variant;
  std::array<Condition, 2> conditions;  ///< one without a file always holds
};

// Rows of one macro are alternatives. Read in 3.10.49, 3.10.0-1160 (EL 7.9), 3.13.11, 4.4.1, 4.9.229, 4.14.1,
// 4.18.0-240 (EL 8.3), 4.19.48, 5.10.262, 6.1.192, 6.12.117 and 7.2.12; a comment names the first of them that has the
// text. EL's kernels show why version numbers do not decide: 4.18.0-240 has what came with 5.2 and 5.8.
const Row kRows[] = {
    {{"SK_HAVE_SCHED_SIGNAL_H", "what sched.h had of signals has a header of its own"},  // 4.14
     {{{"linux/sched/signal.h", "struct signal_struct {"}}}},
    {{"SK_HAVE_START_BOOTTIME", "a task's start is start_boottime"},  // 5.10
     {{{"linux/sched.h", "start_boottime;"}}}},
    {{"SK_HAVE_START_TIMESPEC", "a task's start is a timespec"},  // 3.10, 3.13 and EL 7, no longer in 4.4
     {{{"linux/sched.h", "struct timespec real_start_time;"}}}},
    {{"SK_HAVE_BOOT_FAST_NS", "the boot clock can be read anywhere"},  // 4.14
     {{{"linux/timekeeping.h", "ktime_get_boot_fast_ns("}}}},
    {{"SK_HAVE_IN_COMPAT_SYSCALL", "in_compat_syscall"},  // EL 7, 4.9
     {{{"linux/compat.h", "in_compat_syscall("}}}},
    {{"SK_HAVE_TASK_CSS", "a task's place in a cgroup hierarchy is asked by task_css"},  // 3.13
     {{{"linux/cgroup.h", "task_css(struct task_struct"}}}},
    {{"SK_HAVE_MEMORY_CGRP_ID", "the memory controller is memory_cgrp_id"},  // 4.4
     {{{"linux/cgroup_subsys.h", "SUBSYS(memory)"}}}},
    {{"SK_HAVE_UNIFIED_CGROUPS", "there is a unified hierarchy, and a cgroup knows how deep it is"},  // 4.9
     {{{"linux/cgroup-defs.h", "struct cgroup *dfl_cgrp;"}, {"linux/cgroup-defs.h", "\tint level;"}}}},
    {{"SK_HAVE_CGROUP_PATH_POINTER", "cgroup_path returns a pointer"},  // 4.4 alone
     {{{"linux/cgroup.h", "char * __must_check cgroup_path("}}}},
    {{"SK_HAVE_MEMCG_COUNTERS", "a memory cgroup's counters can be read"},  // 4.4
     {{{"linux/memcontrol.h", "struct page_counter memory;"}}}},
    {{"SK_HAVE_PAGE_COUNTER_MAX", "a counter's limit is its max"},  // 4.18 (EL 8), 4.19
     {{{"linux/page_counter.h", "unsigned long max;"}}}},
    {{"SK_HAVE_EXE_FILE_RCU", "RCU guards a process's program"},  // EL 7, 4.4
     {{{"linux/mm_types.h", "__rcu *exe_file;"}}}},
    {{"SK_HAVE_MMAP_READ_TRYLOCK", "the memory map's lock has functions of its own"},  // 4.18 (EL 8), 5.10
     {{{"linux/mmap_lock.h", "mmap_read_trylock("}}}},
    {{"SK_HAVE_STACK_TRACE_SAVE", "stack_trace_save"},  // 4.18 (EL 8), 5.10
     {{{"linux/stacktrace.h", "stack_trace_save(unsigned long"}}}},
    {{"SK_HAVE_CPUTIME_ATOMIC", "a process's CPU time is counted in atomics"},  // 4.4
     {{{"linux/sched.h", "struct task_cputime_atomic cputime_atomic;"}}}},
    {{"SK_HAVE_CPUTIME_ATOMIC", "the same, since signals have a header of their own"},  // 4.14
     {{{"linux/sched/signal.h", "struct task_cputime_atomic cputime_atomic;"}}}},
    {{"SK_HAVE_CPUTIME_T", "CPU time is a cputime_t"},  // 3.10 to 4.9, no longer in 4.14
     {{{"linux/sched.h", "cputime_t utime;"}}}},
    {{"SK_HAVE_SHMEM_COUNTER", "shared memory is counted apart from files"},  // EL 7, 4.9
     {{{"linux/mm_types.h", "MM_SHMEMPAGES"}}}},
    {{"SK_HAVE_SHMEM_COUNTER", "the same, since these counters have a header of their own"},  // 4.14
     {{{"linux/mm_types_task.h", "MM_SHMEMPAGES"}}}},
    {{"SK_HAVE_PGTABLES_BYTES", "the bytes of page tables are counted in one place"},  // 4.18 (EL 8), 4.19
     {{{"linux/mm_types.h", "pgtables_bytes;"}}}},
    {{"SK_HAVE_EXEC_ID_IN_RH",
      "a process's count of execs lies in EL 8's own addition to its task"},  // 4.18 (EL 8) alone
     {{{"linux/sched.h", "struct task_struct_rh {"}, {"linux/sched.h", "RH_KABI_DEPRECATE(u32, self_exec_id)"}}}},
    {{"SK_HAVE_D_LOCKREF", "d_path takes no lock of the process"},  // EL 7, 3.13: they came together, with 3.12
     {{{"linux/dcache.h", "struct lockref d_lockref;"}}}},
    {{"SK_HAVE_FS_SEQLOCK",
      "a process's directories have a sequence lock, not a spinlock and a sequence count"},  // 7.2
     {{{"linux/fs_struct.h", "seqlock_t seq;"}}}},
};

}  // namespace

bool asks_for_variants(std::string_view script) {
  return script.find("SK_HAVE_") != std::string_view::npos;
}

std::vector<Variant> find_variants(Facts& facts, const KernelBuild& kernel) {
  std::vector<Variant> found;
  for (const auto& row : kRows) {
    bool all = true;
    for (const auto& condition : row.conditions) {
      if (condition.file.empty()) continue;
      auto file = kernel.source + "/include/" + std::string(condition.file);
      all = all && facts.holds(file, std::string(condition.text)).value.value_or(false) == condition.present;
    }
    bool again =
        std::any_of(found.begin(), found.end(), [&](const auto& old) { return old.macro == row.variant.macro; });
    if (all && !again) found.push_back(row.variant);
  }
  return found;
}

std::vector<std::string> variant_arguments(Facts& facts, const KernelBuild& kernel) {
  std::vector<std::string> arguments;
  for (const auto& variant : find_variants(facts, kernel)) {
    arguments.push_back("-D" + std::string(variant.macro) + "=1");
  }
  return arguments;
}

std::string variants_text() {
  std::string text;
  for (const auto& row : kRows) {
    text += std::string(row.variant.macro) + '\n';
    for (const auto& condition : row.conditions) {
      text +=
          std::string(condition.file) + (condition.present ? " has " : " lacks ") + std::string(condition.text) + '\n';
    }
  }
  return text;
}

}  // namespace stapkill
