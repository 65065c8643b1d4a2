#pragma once

#include <string>
#include <vector>

#include "model/process.h"
#include "model/record.h"
#include "model/user_stack.h"

namespace stapkill {

/// A call as text: "Config::load, config.cpp:88"; "?? (libx.so+0x1234)" where its function is not known.
std::string call_name(const Frame& frame);

/// The calls that say it, innermost first: "abort < std::terminate < Config::load, config.cpp:88". Those within the C
/// or C++ library count as one. "" where no function of the program is known.
std::string main_calls(const std::vector<Frame>& frames);

/// The same for a process's own code; "" for an interpreter, whose functions say nothing of its script.
std::string main_calls(const Process& process, const std::vector<Frame>& frames);

/// All of them as evidence, one line each.
void add_calls(Verdict& verdict, const Process& process, const std::vector<Frame>& frames);

}  // namespace stapkill
