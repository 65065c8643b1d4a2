#pragma once

#include <memory>
#include <string>

#include "backend/bpf/backend.h"
#include "backend/stap/backend.h"
#include "base/phrase.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "doctor/backends.h"
#include "sys/event_loop.h"

namespace stapkill {

/// What the command line says about the backend.
struct BackendWish {
  unsigned backend = kNone;  ///< kNone: auto
  /// auto takes bpf where it can watch: nothing is compiled, and a recorder can give up its privileges.
  bool prefers_bpf = false;
  std::string stap_only;  ///< a given option that only stap has; "" for none
  StapOptions stap;
  BpfOptions bpf;
};

/// Reads --backend and the options of the backends. `progress` must live as long as the backend.
Result<BackendWish> backend_wish(const Arguments& arguments, Progress& progress);

/// The chosen backend, and why.
struct BackendChoice {
  Backends backend;
  Phrase summary;  ///< its name and the reason, for the user
};

/// The choice of `auto`, by the reasons why each backend cannot watch here ("" when it can): stap if it is ready, else
/// bpf; if neither is, stap, whose errors say what to do.
BackendChoice choose_backend(const Phrase& against_stap, const Phrase& against_bpf);

/// Makes the wanted backend; for `auto` chooses by the host, and reports the choice.
Result<std::unique_ptr<Backend>> make_backend(boost::asio::io_context& loop, BackendWish wish, Progress& progress);

}  // namespace stapkill
