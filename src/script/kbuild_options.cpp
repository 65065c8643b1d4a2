#include "script/kbuild_options.h"

namespace stapkill {
namespace {

bool has_config(Facts& facts, const KernelBuild& kernel, const std::string& line) {
  return facts.holds(kernel.build + "/.config", '\n' + line + '\n').value.value_or(false);
}

}  // namespace

std::vector<std::string> kbuild_options(Facts& facts, const KernelBuild& kernel) {
  if (!has_config(facts, kernel, "CONFIG_MODVERSIONS=y")) return {};
  return {"-B", "CONFIG_MODVERSIONS=y"};
}

std::vector<std::string> unwinder_options(Facts& facts, const KernelBuild& kernel) {
  // CONFIG_ORC_UNWINDER is the name in Linux 4.14.
  bool wanted =
      has_config(facts, kernel, "CONFIG_UNWINDER_ORC=y") || has_config(facts, kernel, "CONFIG_ORC_UNWINDER=y");
  if (!wanted || !has_config(facts, kernel, "CONFIG_STACK_VALIDATION=y") ||
      !facts.exists(kernel.build + "/tools/objtool/objtool"))
    return {};
  return {"-B", "CONFIG_STACK_VALIDATION=y", "-B", "has_libelf=1"};
}

}  // namespace stapkill
