#include "cli/version.h"

#include "base/phrase.h"
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
  return has_backend(kBpf) ? built
                           : tr("{} (built without bpf, which needs clang, bpftool and libbpf on x86_64)", built);
}

}  // namespace

std::string version() {
  return STAPKILL_VERSION;
}

std::string version_text() {
  return "stapkill " + version() + '\n' + tr("backends: {}", backends_built()) + '\n' +
         (can_unwind() ? tr("stacks: yes") : tr("stacks: no (built without libdw)")) + '\n' +
         tr("stream: {}", "stapkill/1") + '\n' + tr("license: {}", "GPL-2.0-or-later") + '\n';
}

}  // namespace stapkill
