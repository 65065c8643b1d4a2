#include "cli/version.h"

namespace stapkill {

std::string version() {
  return STAPKILL_VERSION;
}

std::string version_text() {
  return "stapkill " + version() + "\nbackends: stap\nstream: stapkill/1\nlicense: GPL-2.0-or-later\n";
}

}  // namespace stapkill
