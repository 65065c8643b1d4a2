#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "script/probe_point.h"

namespace stapkill {

/// Why there is no such probe point.
struct NoMatch {
  std::string id;      ///< "no-debuginfo", "renamed-system-call", "no-such-name", "inlined", else a message's
  std::string cause;   ///< a sentence without its full stop; may hold bytes of the pattern
  std::string need;    ///< the remedy's name in host/remedies.h; "" for none
  std::string remedy;  ///< what to do, where no table has it; "" for nothing
  std::vector<std::string> instead;  ///< probe points that may do
  std::vector<std::string> near;     ///< names that come near; bytes of other people's files
};

/// A kernel, as uname(2) tells it.
struct KernelName {
  std::string release, machine;
};

/// Says why from what stap complained of, and from what can be known without debuginfo: the kernel's symbols
/// (/proc/kallsyms, of another root with `proc`; "" when it is another kernel, of which `kernel` is known) and the
/// program's.
NoMatch explain_no_match(const ProbePoint& point, std::string_view complaint, const std::string& proc = "/proc",
                         const KernelName& kernel = {});

}  // namespace stapkill
