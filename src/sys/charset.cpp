#include "sys/charset.h"

#include <strings.h>

#include <cstdlib>
#include <string>

namespace stapkill {
namespace {

bool asked_for = false;

}  // namespace

bool takes_utf8() {
  if (asked_for) return true;
  std::string name;
  for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(variable);
    if (name.empty() && value) name = value;
  }
  auto dot = name.find('.');
  if (dot == std::string::npos) return false;
  auto set = name.substr(dot + 1, name.find('@', dot) - dot - 1);  // as in "de_DE.UTF-8@euro"
  return ::strcasecmp(set.c_str(), "UTF-8") == 0 || ::strcasecmp(set.c_str(), "UTF8") == 0;
}

void show_utf8() {
  asked_for = true;
}

}  // namespace stapkill
