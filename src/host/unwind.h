#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/user_stack.h"
#include "sys/fd.h"

namespace stapkill {

/// Whether this build can follow a stack's calls back (libdw).
bool can_unwind();

/// Gets the file with the debug information of a build id (lower-case hexadecimal digits); one that is not open: there
/// is none. Asked once for each program and library.
using FetchDebugFile = std::function<Fd(const std::string& build_id)>;

/// The calls on a stack, innermost first, at most 64: by the .eh_frame of the programs, else by frame pointers
/// (elfutils' libdwfl). `files` are the open files of `stack.code`, in the same order; one that is not open gives
/// frames without a function. Sources come from the files themselves, from /usr/lib/debug by build id, or from `fetch`.
/// Parses files and memory of other users: run it without privileges (sys/unprivileged.h).
std::vector<Frame> unwind(const UserStack& stack, const std::vector<Fd>& files, const FetchDebugFile& fetch = {});

/// What is known of an address without its file.
Frame frame_at(const UserStack& stack, std::uint64_t address);

}  // namespace stapkill
