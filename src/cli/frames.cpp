// The child that follows a stack back, on behalf of a watch (session/frame_finder.h). No command of users: it is not in
// the help.
#include <unistd.h>

#include <string>

#include "backend/stack_lines.h"
#include "cli/command.h"
#include "host/code_files.h"
#include "host/debug_server.h"
#include "host/unwind.h"
#include "sys/file.h"
#include "sys/unprivileged.h"

namespace stapkill {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t kMemory = std::uint64_t{1} << 46;  // AddressSanitizer reserves 20 TiB
#else
constexpr std::uint64_t kMemory = std::uint64_t{4} << 30;  // debug information is mapped
#endif
constexpr unsigned kSeconds = 10;
constexpr std::uint64_t kMostFetched = std::uint64_t{2} << 30;  // bytes of one file with debug information

/// Where the parent wants debug information to be fetched: words "CLIENT CACHE" (host/debug_server.h).
bool may_fetch(const Arguments& arguments) {
  const auto& words = arguments.positional;
  return words.size() == 2 && ::chdir(words[1].c_str()) == 0;
}

Result<int> run(const Arguments& arguments) {
  std::string text;
  TRY(read_in_pieces("-", [&](std::string_view piece) { text += piece; }));
  StackRequest request;
  if (!parse_lines(text, request)) return fail(phrase("standard input holds no stack"), {}, "frames.input");
  auto files = open_code_files(request.stack, request.relatives);
  FetchDebugFile fetch;
  if (may_fetch(arguments))
    fetch = [client = arguments.positional[0]](const std::string& id) { return fetch_debug_file(client, id); };
  if (!give_up_privileges({kMemory, kSeconds, fetch ? kMostFetched : 0}))
    return fail(phrase("cannot give up privileges"), {}, "frames.privilege");
  print_out(lines_of(unwind(request.stack, files, fetch)));
  return kDone;
}

}  // namespace

constexpr Command kFramesCommand = {"frames", "", "follows a stack back", "", {}, 2, run};

}  // namespace stapkill
