#include "backend/stap/listing.h"

#include <signal.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "backend/stap/listing_cache.h"
#include "backend/stap/module.h"
#include "script/shims.h"
#include "sys/child.h"
#include "sys/file.h"

namespace stapkill {
namespace {

/// Whether neither stap nor a compiler that it started was killed. The status alone does not show it: stap also exits
/// with 1 when it found nothing.
bool is_clean(const Finished& finished) {
  return WIFEXITED(finished.status) && finished.err.find("exited with signal") == std::string::npos;
}

}  // namespace

Result<ProbeLister> ProbeLister::make(const std::string& release, int limit_seconds) {
  auto facts = Facts::live();
  TRY_ASSIGN(auto systemtap, find_systemtap(*facts));
  TRY_ASSIGN(auto kernel, find_kernel_build(*facts, release.empty() ? stapkill::running_kernel() : release));
  TRY_ASSIGN(auto shims, shim_arguments(needed_shims(*facts, systemtap, kernel), cache_directory() / "compat"));
  ProbeLister lister;
  utsname running{};
  ::uname(&running);
  lister.running_kernel_ = kernel.release == running.release;
  lister.machine_ = running.machine;
  lister.systemtap_ = std::move(systemtap);
  lister.kernel_ = std::move(kernel);
  lister.shims_ = std::move(shims);
  lister.limit_seconds_ = limit_seconds;
  return lister;
}

Result<std::string> ProbeLister::run(const std::vector<std::string>& words, bool& complete, std::string& errors) const {
  TRY(make_private_directory(cache_directory()));
  TRY_ASSIGN(auto cache, ListingCache::make(cache_directory()));
  ChildOptions options;
  options.argv = {systemtap_.stap};
  if (!running_kernel_) options.argv.insert(options.argv.end(), {"-r", kernel_.release});
  options.argv.insert(options.argv.end(), shims_.begin(), shims_.end());
  options.argv.insert(options.argv.end(), words.begin(), words.end());
  confine_compiler(options, cache.path());
  options.most_output = kMostBytes;
  auto finished = run_child(options, limit_seconds_, AtSignal::end);
  if (!finished) {
    auto error = finished.error();
    if (error.kind == ErrorKind::timed_out)
      error.remedy = phrase("give it longer with --timeout, or a narrower pattern");
    return tl::unexpected(error);
  }
  if (is_clean(*finished)) cache.keep();
  complete = !finished->cut;
  errors = std::move(finished->err);
  return std::move(finished->out);
}

Result<ProbeListing> ProbeLister::list(const std::string& point) const {
  ProbeListing listing;
  std::string errors;
  // As the value of -L the point may begin with a dash.
  TRY_ASSIGN(auto out, run({"-L", point}, listing.complete, errors));
  std::string_view rest = out;
  // A truncated output ends in a partial line.
  for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    if (auto probe = parse_listed_probe(rest.substr(0, end))) listing.probes.push_back(std::move(*probe));
    rest.remove_prefix(end + 1);
  }
  return listing;
}

Result<std::string> ProbeLister::complaint(const std::string& point) const {
  std::string errors;
  bool complete = true;
  auto out = run({"-p2", "-e", "probe " + point + " { }"}, complete, errors);
  if (!out) return out;
  return errors;
}

}  // namespace stapkill
