#include "cli/version.h"

#include "doctor/backends.h"
#include "host/unwind.h"

namespace stapkill {
namespace {

/// "stap bpf", and for a build without bpf what it needs.
std::string backends_built() {
  std::string built;
  for (const auto& backend : kBackends) {
    if (backend.built) built.append(built.empty() ? "" : " ").append(backend.name);
  }
  return has_backend(kBpf) ? built : built + " (built without bpf, which needs clang, bpftool and libbpf on x86_64)";
}

}  // namespace

std::string version() {
  return STAPKILL_VERSION;
}

std::string version_text() {
  return "stapkill " + version() + "\nbackends: " + backends_built() +
         (can_unwind() ? "\nstacks: yes" : "\nstacks: no (built without libdw)") +
         "\nstream: stapkill/1\nlicense: GPL-2.0-or-later\n";
}

}  // namespace stapkill
