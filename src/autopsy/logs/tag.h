#pragma once

#include <string_view>

namespace stapkill {

/// Who wrote a line: "prog[12]: ".
struct Tag {
  std::string_view program, whole;  ///< whole: with the brackets
  int pid = 0;
  bool bracketed = false;  ///< there was a pid
};

/// Takes a tag and the blank after it from the front of a text: "prog:", "prog[12]:", "prog[12]" with a blank.
bool take_tag(std::string_view& text, Tag& tag);

}  // namespace stapkill
