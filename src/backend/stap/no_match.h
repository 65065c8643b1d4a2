#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/phrase.h"
#include "script/probe_point.h"

namespace stapkill {

/// Why nothing matches a probe point.
struct NoMatch {
  std::string id;      ///< "no-debuginfo", "renamed-system-call", "no-such-name", "inlined", else a message's
  Phrase cause;        ///< a sentence; may hold bytes of the pattern
  bool stops = false;  ///< it ends with a full stop
  std::string need;    ///< the remedy's name in host/remedies.h; "" for none
  Phrase remedy;       ///< what to do, if `need` is empty; "" for nothing
  std::vector<std::string> instead;  ///< probe points that may do the same
  std::vector<std::string> near;     ///< near names; bytes of other people's files
};

/// A cause, in English or in this process's language, without its full stop.
std::string without_full_stop(const NoMatch& why, std::string cause);

/// A kernel, by the fields of uname(2).
struct KernelName {
  std::string release, machine;
};

/// Finds the reason from stap's complaint and from what is known without debuginfo: the program's symbols, and the
/// kernel's in `proc`/kallsyms (`proc` is "" for another kernel than the running one; then only `kernel` is known).
NoMatch explain_no_match(const ProbePoint& point, std::string_view complaint, const std::string& proc = "/proc",
                         const KernelName& kernel = {});

}  // namespace stapkill
