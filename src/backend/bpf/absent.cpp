// Replaces the bpf backend in builds without it.
#include "backend/bpf/backend.h"

namespace stapkill {

// NOLINTNEXTLINE(performance-unnecessary-value-param): same declaration as with bpf
Result<std::unique_ptr<Backend>> make_bpf_backend(boost::asio::io_context&, BpfOptions) {
  return fail(phrase("this build has no bpf backend: clang, bpftool or libbpf was missing when it was built"),
              phrase("use --backend stap, or build stapkill where they are installed"), "backend");
}

}  // namespace stapkill
