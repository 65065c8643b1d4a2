#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "backend/backend.h"
#include "sys/event_loop.h"

namespace stapkill {

/// Options of the bpf backend.
struct BpfOptions {
  std::uint64_t buffer_bytes = 8 << 20;             ///< of the ring buffer; rounded up to a power of two of pages
  std::function<void(std::string_view)> tool_line;  ///< each line that libbpf and the kernel's verifier print
};

/// The embedded BPF programs as a source of events. Fails where this build has none.
Result<std::unique_ptr<Backend>> make_bpf_backend(boost::asio::io_context& loop, BpfOptions options);

}  // namespace stapkill
