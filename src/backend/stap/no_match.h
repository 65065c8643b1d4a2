#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "script/probe_point.h"

namespace stapkill {

/// Why nothing matches a probe point.
struct NoMatch {
  std::string id;      ///< "no-debuginfo", "renamed-system-call", "no-such-name", "inlined", else a message's
  std::string cause;   ///< a sentence without its full stop; may hold bytes of the pattern
  std::string need;    ///< the remedy's name in host/remedies.h; "" for none
  std::string remedy;  ///< what to do, if `need` is empty; "" for nothing
  std::vector<std::string> instead;  ///< probe points that may do the same
  std::vector<std::string> near;     ///< near names; bytes of other people's files
};

/// A kernel, by the fields of uname(2).
struct KernelName {
  std::string release, machine;
};

/// Finds the reason from stap's complaint and from what is known without debuginfo: the program's symbols, and the
/// kernel's in `proc`/kallsyms (`proc` is "" for another kernel than the running one; then only `kernel` is known).
NoMatch explain_no_match(const ProbePoint& point, std::string_view complaint, const std::string& proc = "/proc",
                         const KernelName& kernel = {});

}  // namespace stapkill
