#include "host/debug_server.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "sys/child.h"
#include "sys/file.h"
#include "sys/unprivileged.h"

namespace stapkill {
namespace {

constexpr int kSeconds = 90;  // as the client's own limit (debuginfod_find_debuginfo(3), DEBUGINFOD_TIMEOUT)
constexpr std::size_t kMostText = 64 << 10;

/// Not from PATH: the client runs in a child of root's process.
std::string installed_client() {
  for (const char* path : {"/usr/bin/debuginfod-find", "/usr/local/bin/debuginfod-find"}) {
    if (::access(path, X_OK) == 0) return path;
  }
  return {};
}

/// The lines of /etc/debuginfod/*.urls (elfutils, config/profile.sh).
std::string urls_of_files() {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator at("/etc/debuginfod", error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() == ".urls") files.push_back(at->path());
  }
  std::sort(files.begin(), files.end());
  std::string urls;
  for (const auto& file : files) urls += read_file(file, kMostText).value_or("") + ' ';
  std::replace(urls.begin(), urls.end(), '\n', ' ');
  return urls;
}

bool is_blank(const std::string& text) {
  return text.find_first_not_of(' ') == std::string::npos;
}

}  // namespace

Result<DebugServers> find_debug_servers() {
  DebugServers servers;
  servers.client = installed_client();
  if (servers.client.empty()) {
    return fail(phrase("debug information cannot be fetched: debuginfod-find is not installed"),
                phrase("install it: debuginfod (Debian, Ubuntu), elfutils-debuginfod-client (Fedora, EL, openSUSE), "
                       "elfutils (Arch)"));
  }
  const char* set = std::getenv("DEBUGINFOD_URLS");
  servers.urls = set && *set ? set : urls_of_files();
  if (is_blank(servers.urls)) {
    return fail(phrase("debug information cannot be fetched: no server is set up (DEBUGINFOD_URLS, /etc/debuginfod)"),
                "sudo env DEBUGINFOD_URLS=https://debuginfod.elfutils.org/ stapkill watch --stacks fetch ...");
  }
  servers.cache = cache_directory() / "debuginfod";
  TRY(make_directory_of_nobody(servers.cache));
  return servers;
}

Fd fetch_debug_file(const std::string& client, const std::string& build_id) {
  ChildOptions options;
  options.argv = {client, "debuginfo", build_id};
  options.environment = {{"DEBUGINFOD_CACHE_PATH", "."}};
  auto finished = run_child(options, kSeconds);
  if (!finished || finished->status != 0) return Fd();
  return Fd(::open((build_id + "/debuginfo").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY));
}

}  // namespace stapkill
