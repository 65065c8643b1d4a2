#pragma once

#include <string>
#include <vector>

#include "host/facts.h"
#include "host/systemtap.h"

namespace stapkill {

/// What kbuild must be given so that a module is built as the kernel's own are: "-B" and "NAME=VALUE" for stap, from
/// what the kernel's headers hold.
std::vector<std::string> kbuild_options(Facts& facts, const KernelBuild& kernel);

}  // namespace stapkill
