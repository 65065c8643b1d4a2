#include "model/user_stack.h"

#include <string_view>

namespace stapkill {
namespace {

constexpr std::string_view kNoName = "(anonymous namespace)::";

/// Where the arguments begin: the first "(" that is in no "<…>".
std::size_t end_of_name(std::string_view function) {
  int depth = 0;
  for (std::size_t at = 0; at < function.size(); ++at) {
    if (function[at] == '<') ++depth;
    if (function[at] == '>') --depth;
    bool begins = function[at] == '(' && depth <= 0;
    if (begins && function.substr(at).starts_with(kNoName)) {
      at += kNoName.size() - 1;
    } else if (begins && at > 0) {
      return at;
    }
  }
  return function.size();
}

}  // namespace

std::string short_function(const std::string& function) {
  if (function.find("operator") != std::string::npos) return function;  // "operator()", "operator<"
  std::string name = function.substr(0, end_of_name(function));
  // A template's function has its result's type in front.
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (name[at] == '<' || name[at] == '(') ++depth;
    if (name[at] == '>' || name[at] == ')') --depth;
    if (name[at] == ' ' && depth <= 0) begin = at + 1;
  }
  name.erase(0, begin);
  for (std::size_t at = name.find(kNoName); at != std::string::npos; at = name.find(kNoName)) {
    name.erase(at, kNoName.size());
  }
  return name;
}

}  // namespace stapkill
