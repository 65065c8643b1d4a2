#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backend/wire_fields.h"
#include "model/process.h"
#include "model/user_stack.h"

namespace stapkill {

/// What the child that follows a stack back is given (stapkill frames).
struct StackRequest {
  UserStack stack;
  std::vector<ProcessKey> relatives;  ///< processes that probably see the same files
};

/// As lines of text, and back; false for damaged ones.
std::string lines_of(const StackRequest& request);
bool parse_lines(std::string_view text, StackRequest& request);

/// The fields of a frame on a line, and back.
void append_frame(WireLine& line, const Frame& frame);
void take_frame(WireFields& fields, Frame& frame);

/// Frames as lines of text, one each, and back; false for damaged ones.
std::string lines_of(const std::vector<Frame>& frames);
bool parse_lines(std::string_view text, std::vector<Frame>& frames);

}  // namespace stapkill
