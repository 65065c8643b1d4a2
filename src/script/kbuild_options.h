#pragma once

#include <string>
#include <vector>

#include "host/facts.h"
#include "host/systemtap.h"

namespace stapkill {

/// stap's options ("-B" and "NAME=VALUE") that make kbuild give a module symbol versions, if the kernel has them. In
/// guru mode stap leaves them out (buildrun.cxx, PR10280), and such a kernel then takes the module only with
/// CONFIG_MODULE_FORCE_LOAD (check_version, kernel/module/version.c).
std::vector<std::string> kbuild_options(Facts& facts, const KernelBuild& kernel);

/// stap's options for a module that asks the kernel for its stack. Linux 4.14 to 5.18 unwinds through a module by ORC
/// data, which objtool writes. stap turns objtool off (buildrun.cxx, CONFIG_STACK_VALIDATION=), and so does kbuild on a
/// host without libelf's development files (Makefile, has_libelf), although the headers bring a built objtool. The
/// stack then ends in the module. Since 5.19 the option has another name (CONFIG_OBJTOOL), which stap leaves alone.
std::vector<std::string> unwinder_options(Facts& facts, const KernelBuild& kernel);

}  // namespace stapkill
