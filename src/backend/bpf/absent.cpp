// Stands in for the bpf backend where stapkill is built without it.
#include "backend/bpf/backend.h"

namespace stapkill {

// NOLINTNEXTLINE(performance-unnecessary-value-param): as it is declared for where it is built
Result<std::unique_ptr<Backend>> make_bpf_backend(boost::asio::io_context&, BpfOptions) {
  return fail("this build has no bpf backend: clang, bpftool or libbpf was missing when it was built",
              "use --backend stap, or build stapkill where they are installed", "backend");
}

}  // namespace stapkill
