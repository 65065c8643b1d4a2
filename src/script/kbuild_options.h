#pragma once

#include <string>
#include <vector>

#include "host/facts.h"
#include "host/systemtap.h"

namespace stapkill {

/// Options of stap ("-B" and "NAME=VALUE") by which kbuild gives a module's symbols versions where the kernel's have
/// them. In guru mode stap leaves them out (buildrun.cxx, PR10280), and such a kernel then takes the module only where
/// CONFIG_MODULE_FORCE_LOAD is set (check_version, kernel/module/version.c).
std::vector<std::string> kbuild_options(Facts& facts, const KernelBuild& kernel);

/// The same for a module that asks the kernel for its stack. Linux 4.14 to 5.18 finds its way through a module by ORC
/// data, which objtool writes. stap turns that off (buildrun.cxx, CONFIG_STACK_VALIDATION=), and so does kbuild where
/// no program can be linked with libelf (Makefile, has_libelf), although the headers bring an objtool that is built.
/// The stack then ends in the module. Since 5.19 the option has another name (CONFIG_OBJTOOL), and stap leaves it
/// alone.
std::vector<std::string> unwinder_options(Facts& facts, const KernelBuild& kernel);

}  // namespace stapkill
