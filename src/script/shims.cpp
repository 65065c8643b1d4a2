#include "script/shims.h"

#include <array>
#include <span>

#include "event/text.h"
#include "script/resources.h"
#include "sys/file.h"

namespace stapkill {
namespace {

/// Where a condition looks.
enum class Where { runtime, translator, headers };

struct Condition {
  Where where;
  std::string_view file;  ///< below the runtime or the headers' include/; unused for the translator
  std::string_view text;
  bool present;  ///< the file must hold the text, or must not
};

struct Row {
  Shim shim;
  std::array<Condition, 3> conditions;
};

// What each looks for was read in SystemTap 4.8 and 5.1 and in the headers of Linux 6.1.192 and 6.12.117.
constexpr Row kRows[] = {
    {{"count_args", "the kernel and stap both define COUNT_ARGS, differently"},
     {{{Where::headers, "linux/args.h", "define COUNT_ARGS(", true},
       {Where::translator, "", "#define COUNT_ARGS(", true},
       {Where::translator, "", "#include <linux/args.h>", false}}}},
    {{"task_work_cancel", "the kernel renamed task_work_cancel to task_work_cancel_func"},
     {{{Where::headers, "linux/task_work.h", "task_work_cancel_func(", true},
       {Where::runtime, "stp_task_work.c", "kallsyms_lookup_name(\"task_work_cancel\")", true},
       {Where::runtime, "stp_task_work.c", "task_work_cancel_func", false}}}},
    {{"uprobe_unregister", "the kernel split uprobe_unregister in two"},
     {{{Where::headers, "linux/uprobes.h", "uprobe_unregister_nosync(", true},
       {Where::runtime, "transport/transport.c", "(\"uprobe_unregister\")", true},
       {Where::runtime, "transport/transport.c", "uprobe_unregister_nosync", false}}}},
};

bool holds(const Condition& condition, const SystemTap& systemtap, const KernelBuild& kernel) {
  std::string file = condition.where == Where::translator ? systemtap.stap
                     : condition.where == Where::runtime  ? systemtap.runtime + '/' + std::string(condition.file)
                                                          : kernel.source + "/include/" + std::string(condition.file);
  return file_contains(file, condition.text) == condition.present;
}

}  // namespace

std::vector<Shim> needed_shims(const SystemTap& systemtap, const KernelBuild& kernel) {
  std::vector<Shim> needed;
  for (const auto& row : kRows) {
    bool all = true;
    for (const auto& condition : row.conditions) all = all && holds(condition, systemtap, kernel);
    if (all) needed.push_back(row.shim);
  }
  return needed;
}

Result<std::vector<std::string>> shim_arguments(const std::vector<Shim>& shims,
                                                const std::filesystem::path& directory) {
  if (shims.empty()) return std::vector<std::string>();
  // Make and the shell read the flags: what they would take apart cannot be named.
  if (shell_word(directory.string()) != directory.string()) {
    return fail("the cache directory " + directory.string() + " has characters that kbuild cannot take",
                "name another with STAPKILL_CACHE");
  }
  for (const auto& place : {directory.parent_path(), directory}) {
    if (auto made = make_private_directory(place); !made) return tl::unexpected(made.error());
  }
  std::string flags = "KCFLAGS=";
  for (const auto& shim : shims) {
    std::string name = std::string(shim.name) + ".h";
    auto text = resource("tapsets/compat/" + name);
    auto path = directory / name;
    // An unchanged file keeps its time: stap's own cache looks at it.
    if (read_file(path) != text) {
      if (auto wrote = write_file_atomically(path, text); !wrote) return tl::unexpected(wrote.error());
    }
    flags += (flags.back() == '=' ? "-include " : " -include ") + path.string();
  }
  return std::vector<std::string>{"-B", flags};
}

}  // namespace stapkill
