#pragma once

#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace stapkill {

/// Servers that have debug information by build id (debuginfod(8)), and their client.
struct DebugServers {
  std::string client;  ///< path of debuginfod-find(1)
  std::string urls;    ///< as in DEBUGINFOD_URLS
  std::string cache;   ///< directory for what the client fetches; it belongs to nobody
};

/// What this machine has set up: DEBUGINFOD_URLS, else the files of /etc/debuginfod, which shells read at a login (sudo
/// leaves the variable out). Makes the cache. Errors: no client, no server, no cache.
Result<DebugServers> find_debug_servers();

/// Fetches the debug information of a build id, by `client` in the working directory, which is its cache. Run without
/// privileges. Not open: no server has it.
Fd fetch_debug_file(const std::string& client, const std::string& build_id);

}  // namespace stapkill
