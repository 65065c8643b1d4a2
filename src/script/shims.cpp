#include "script/shims.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "script/compat_files.h"

namespace stapkill {
namespace {

/// Where a condition looks.
enum class Where { runtime, translator, headers, kbuild, exports };

struct Condition {
  Where where;
  std::string_view file;  ///< below the runtime, include/ or scripts/; unused for the translator and the exports
  std::string_view text;  ///< "" for no condition
  bool present;           ///< the file must hold the text, or must not
};

struct Row {
  Misfit misfit;
  std::array<Condition, 4> conditions;
};

// Sources. First three: read in SystemTap 4.8 and 5.1 and in the headers of Linux 6.1.192 and 6.12.117, and run.
// Fourth: read in SystemTap 4.4 and Linux 5.10.262, and compiled. Fifth to seventh: read in SystemTap 5.0 and 5.1 and
// in Linux 6.1 and 6.12 (on by default since 0fcb70851fbf), and compiled with 5.0 for 6.12 as far as the seventh. Rows
// without a shim: read in SystemTap's history at the tags before and after the fix, not run. A kernel's exports are the
// lines of Module.symvers; a file without register_kprobe proves nothing.
constexpr Row kRows[] = {
    {{"count_args", msgid("the kernel and stap both define COUNT_ARGS, differently"), "5.2", true, {}},
     {{{Where::headers, "linux/args.h", "define COUNT_ARGS(", true},
       {Where::translator, "", "#define COUNT_ARGS(", true},
       {Where::translator, "", "#ifndef COUNT_ARGS", false}}}},
    {{"task_work_cancel", msgid("the kernel renamed task_work_cancel to task_work_cancel_func"), "5.2", true, {}},
     {{{Where::headers, "linux/task_work.h", "task_work_cancel_func(", true},
       {Where::runtime, "stp_task_work.c", "kallsyms_lookup_name(\"task_work_cancel\")", true},
       {Where::runtime, "stp_task_work.c", "task_work_cancel_func", false}}}},
    {{"uprobe_unregister", msgid("the kernel split uprobe_unregister in two"), "5.2", true, {}},
     {{{Where::headers, "linux/uprobes.h", "uprobe_unregister_nosync(", true},
       {Where::runtime, "transport/transport.c", "(\"uprobe_unregister\")", true},
       {Where::runtime, "transport/transport.c", "uprobe_unregister_nosync", false}}}},
    {{"module_mutex", msgid("the kernel no longer exports module_mutex (Linux 5.10.221)"), "", true, {}},
     {{{Where::runtime, "linux/kprobes.c", "mutex_lock(&module_mutex)", true},
       {Where::headers, "linux/module.h", "extern struct mutex module_mutex;", true},
       {Where::exports, "", "\tregister_kprobe\t", true},
       {Where::exports, "", "\tmodule_mutex\t", false}}}},
    {{"missing_prototypes",
      msgid("kbuild warns of functions without a prototype, which stap has (Linux 6.8)"),
      "5.1",
      true,
      {},
      "-Wno-missing-prototypes -Wno-missing-declarations -Wno-old-style-declaration"},
     {{{Where::kbuild, "Makefile.extrawarn", "-Wmissing-declarations\nKBUILD_CFLAGS += -Wmissing-prototypes\n", true},
       {Where::translator, "", "-Wmissing-prototypes ", false}}}},
    {{"strlcpy", msgid("the kernel removed strlcpy (Linux 6.8)"), "5.1", true, {}},
     {{{Where::headers, "linux/string.h", "strlcpy", false},
       {Where::headers, "linux/string.h", "strscpy", true},
       {Where::runtime, "transport/transport.c", "strlcpy", true},
       {Where::runtime, "linux/runtime.h", "strlcpy", false}}}},
    {{"unaligned", msgid("the kernel moved asm/unaligned.h to linux/unaligned.h (Linux 6.12)"), "5.1", false, {}},
     {{{Where::headers, "linux/unaligned.h", "get_unaligned(", true},
       {Where::runtime, "sym.c", "<asm/unaligned.h>", true},
       {Where::runtime, "sym.c", "<linux/unaligned.h>", false}}}},
    {{"vzalloc", msgid("the kernel made vzalloc a macro (Linux 6.10)"), "5.1", false, {}},
     {{{Where::headers, "linux/vmalloc.h", "define vzalloc(", true},
       {Where::runtime, "linux/alloc.c", "static void *vzalloc(", true}}}},
    {{"hrtimer_setup", msgid("the kernel replaced hrtimer_init by hrtimer_setup (Linux 6.15)"), "5.3", false, {}},
     {{{Where::headers, "linux/hrtimer.h", "hrtimer_setup(", true},
       {Where::headers, "linux/hrtimer.h", "hrtimer_init(", false},
       {Where::runtime, "linux/timer.h", "hrtimer_setup", false}}}},
    {{"module_memory", msgid("the kernel describes a module's memory differently (Linux 6.4)"), "5.0", false, {}},
     {{{Where::headers, "linux/module.h", "MOD_TEXT", true},
       {Where::runtime, "transport/symbols.c", "core_layout", true},
       {Where::runtime, "transport/symbols.c", "MOD_TEXT", false}}}},
    {{"pde_data", msgid("the kernel renamed PDE_DATA to pde_data (Linux 5.17)"), "4.7", false, {}},
     {{{Where::headers, "linux/proc_fs.h", "pde_data(", true},
       {Where::runtime, "procfs-probes.c", "PDE_DATA", true},
       {Where::runtime, "procfs-probes.c", "pde_data", false}}}},
    {{"mmap_lock", msgid("the kernel renamed mmap_sem to mmap_lock (Linux 5.8)"), "4.4", false, {}},
     {{{Where::headers, "linux/mm_types.h", "mmap_lock;", true},
       {Where::runtime, "linux/task_finder2.c", "mmap_sem", true},
       {Where::runtime, "linux/task_finder2.c", "mmap_lock", false}}}},
    {{"proc_ops", msgid("the kernel's files in /proc want struct proc_ops (Linux 5.6)"), "4.3", false, {}},
     {{{Where::headers, "linux/proc_fs.h", "struct proc_ops {", true},
       {Where::runtime, "procfs.c", "file_operations", true},
       {Where::runtime, "procfs.c", "proc_ops", false}}}},
    {{"timer_setup", msgid("the kernel replaced init_timer by timer_setup (Linux 4.15)"), "3.3", false, {}},
     {{{Where::headers, "linux/timer.h", "timer_setup(", true},
       {Where::headers, "linux/timer.h", "define init_timer(", false},
       {Where::runtime, "transport/relay_v2.c", "init_timer", true}}}},
};

std::string file_of(const Condition& condition, const SystemTap& systemtap, const KernelBuild& kernel) {
  if (condition.where == Where::translator) return systemtap.stap;
  if (condition.where == Where::exports) return kernel.build + "/Module.symvers";
  if (condition.where == Where::kbuild) return kernel.source + "/scripts/" + std::string(condition.file);
  if (condition.where == Where::runtime) return systemtap.runtime + '/' + std::string(condition.file);
  return kernel.source + "/include/" + std::string(condition.file);
}

}  // namespace

std::vector<Misfit> find_misfits(Facts& facts, const SystemTap& systemtap, const KernelBuild& kernel) {
  std::vector<Misfit> found;
  for (const auto& row : kRows) {
    bool all = true;
    Misfit misfit = row.misfit;
    for (const auto& condition : row.conditions) {
      if (condition.text.empty()) break;
      auto file = file_of(condition, systemtap, kernel);
      all = all && facts.holds(file, std::string(condition.text)).value.value_or(false) == condition.present;
      misfit.evidence.emplace_back(file, (condition.present ? "has " : "lacks ") + std::string(condition.text));
    }
    if (all) found.push_back(std::move(misfit));
  }
  return found;
}

std::string unread_for_misfits(Facts& facts, const SystemTap& systemtap, const KernelBuild& kernel) {
  for (const auto& row : kRows) {
    for (const auto& condition : row.conditions) {
      if (condition.text.empty()) break;
      auto file = file_of(condition, systemtap, kernel);
      auto holds = facts.holds(file, std::string(condition.text));
      if (!holds && !holds.absent()) return file + ": " + holds.why;
      if (holds.value.value_or(false) != condition.present) break;  // the other conditions do not matter
    }
  }
  return {};
}

std::vector<Misfit> needed_shims(Facts& facts, const SystemTap& systemtap, const KernelBuild& kernel) {
  auto found = find_misfits(facts, systemtap, kernel);
  std::erase_if(found, [](const Misfit& misfit) { return !misfit.mended; });
  return found;
}

Result<std::vector<std::string>> shim_arguments(const std::vector<Misfit>& shims,
                                                const std::filesystem::path& directory,
                                                const std::vector<std::string>& more) {
  if (shims.empty() && more.empty()) return std::vector<std::string>();
  // Make and the shell read the flags: no word may hold characters that they would split at.
  if (shell_word(directory.string()) != directory.string()) {
    return fail(phrase("the cache directory {} has characters that kbuild cannot handle", directory.string()),
                phrase("name another with STAPKILL_CACHE"));
  }
  std::string flags = "KCFLAGS=";
  auto add = [&](const std::string& words) { flags += (flags.back() == '=' ? "" : " ") + words; };
  for (const auto& shim : shims) {
    if (!shim.flags.empty()) {
      add(std::string(shim.flags));
      continue;
    }
    TRY_ASSIGN(auto path, put_compat_file(directory, std::string(shim.name) + ".h"));
    add("-include " + path.string());
  }
  for (const auto& word : more) {
    if (shell_word(word) != word)
      return fail(phrase("kbuild cannot handle {}: it has characters that make would split at", word));
    add(word);
  }
  return std::vector<std::string>{"-B", flags};
}

}  // namespace stapkill
