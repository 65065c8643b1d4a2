#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "backend/bpf/backend.h"
#include "backend/stap/backend.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "doctor/backends.h"

namespace stapkill {

/// What the command line wants of a backend.
struct BackendWish {
  unsigned backend = kNone;  ///< kNone: auto
  std::string stap_only;     ///< an option that was given and that no other backend has; "" for none
  StapOptions stap;
  BpfOptions bpf;
};

/// Reads --backend and the options of the backends. `progress` must live as long as the backend.
Result<BackendWish> backend_wish(const Arguments& arguments, Progress& progress);

/// A backend, and why it is that one.
struct BackendChoice {
  Backends backend;
  std::string told;  ///< its name and the reason, for a person
};

/// What `auto` takes, by what keeps each backend from watching here ("" for nothing): stap where it is ready, else bpf;
/// where neither is, stap, whose errors say what to do.
BackendChoice choose_backend(const std::string& against_stap, const std::string& against_bpf);

/// Makes the backend that is wished for; for `auto` looks at the host, and tells which and why.
Result<std::unique_ptr<Backend>> make_backend(boost::asio::io_context& loop, BackendWish wish, Progress& progress);

}  // namespace stapkill
