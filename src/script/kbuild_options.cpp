#include "script/kbuild_options.h"

namespace stapkill {
namespace {

/// In guru mode stap leaves the symbols' versions out (buildrun.cxx, PR10280), and a kernel that has them then takes
/// the module only where CONFIG_MODULE_FORCE_LOAD is set (check_version, kernel/module/version.c).
bool has_versions(Facts& facts, const KernelBuild& kernel) {
  return facts.holds(kernel.build + "/.config", "\nCONFIG_MODVERSIONS=y\n").value.value_or(false);
}

/// Before Linux 6.0 kbuild leaves objtool out where no program can be linked with libelf (Makefile, has_libelf,
/// SKIP_STACK_VALIDATION), although the headers have objtool built. The module is then without ORC data, and the
/// kernel's stack ends in it: no cause could be told from the stack (Debian 11, Linux 5.10, without libelf-dev).
bool leaves_objtool_out(Facts& facts, const KernelBuild& kernel) {
  return facts.exists(kernel.build + "/tools/objtool/objtool") &&
         facts.holds(kernel.source + "/Makefile", "SKIP_STACK_VALIDATION").value.value_or(false);
}

}  // namespace

std::vector<std::string> kbuild_options(Facts& facts, const KernelBuild& kernel) {
  std::vector<std::string> options;
  if (has_versions(facts, kernel)) options.insert(options.end(), {"-B", "CONFIG_MODVERSIONS=y"});
  if (leaves_objtool_out(facts, kernel)) options.insert(options.end(), {"-B", "has_libelf=1"});
  return options;
}

}  // namespace stapkill
