#include "cli/backend_choice.h"

#include <algorithm>

#include "doctor/diagnose.h"

namespace stapkill {
namespace {

constexpr std::uint64_t kLeastBuffer = 4 << 10, kMostBuffer = 1 << 30;

// Options that only stap has: with `auto` they choose it, with bpf they are wrong usage.
constexpr std::string_view kStapOnly[] = {"stap-arg", "retune", "keep", "prepare", "kernel"};

// The checks for loading a cached module. They run no program, so that a start from the cache stays fast.
constexpr std::string_view kToLoad[] = {"user.privilege", "kernel.modules", "kernel.lockdown", "kernel.signing",
                                        "env.container"};

std::string_view name_of_backend(unsigned bit) {
  for (const auto& row : kBackends) {
    if (row.bit == bit) return row.name;
  }
  return {};
}

bool is_compiled() {
  auto plan = plan_module(running_kernel(), {});
  return plan && !plan->systemtap.staprun.empty() && cached_module(*plan);
}

/// The checks that say whether a backend can watch; without trials.
std::set<std::string> checks_of(Backends backend) {
  if (backend == kStap && is_compiled()) return {std::begin(kToLoad), std::end(kToLoad)};
  std::set<std::string> ids;
  for (const auto& check : checks()) {
    if ((check.required_by & backend) && check.category() != "smoke") ids.emplace(check.id);
  }
  return ids;
}

/// Why a backend cannot watch here, by the first check that fails; "" when it can.
Phrase obstacle(const std::shared_ptr<Facts>& facts, Backends backend) {
  if (!has_backend(backend)) return phrase("it is not in this build");
  DoctorOptions options;
  options.only = checks_of(backend);
  options.backend = backend;
  options.quick = true;
  auto diagnosis = diagnose(facts, options);
  if (!diagnosis) return diagnosis.error().message;
  for (const auto& result : diagnosis->results) {
    // A check is skipped because of another one, which is reported itself.
    if (result.finding.status == Status::skip || !stands_in_the_way(result, backend, false)) continue;
    return phrase("{} ({}: {})", result.finding.message, name_of_backend(backend), result.check->id);
  }
  return {};
}

Result<BackendChoice> choose_here(bool prefers_bpf) {
  auto facts = Facts::live();
  if (prefers_bpf && obstacle(facts, kBpf).empty()) return BackendChoice{kBpf, phrase("bpf (it can watch here)")};
  auto against_stap = obstacle(facts, kStap);
  auto against_bpf = against_stap.empty() ? Phrase() : obstacle(facts, kBpf);
  auto who = facts->identity();
  if (!against_bpf.empty() && who && who->uid != 0) {  // stap's own error could be one that root does not get
    return fail(phrase("no backend can run here: stap: {}; bpf: {}", against_stap, against_bpf),
                phrase("run it with sudo; stapkill doctor --backend auto shows more"), "user.privilege");
  }
  return choose_backend(against_stap, against_bpf);
}

Result<BackendChoice> choice_of(const BackendWish& wish) {
  if (!wish.stap_only.empty()) return BackendChoice{kStap, phrase("stap (only it has --{})", wish.stap_only)};
  if (!has_backend(kBpf)) return BackendChoice{kStap, phrase("stap (this build has no other)")};
  return choose_here(wish.prefers_bpf);
}

}  // namespace

Result<BackendWish> backend_wish(const Arguments& arguments, Progress& progress) {
  BackendWish wish;
  auto word = arguments.one("backend").value_or("auto");
  const auto* row =
      std::find_if(kBackends.begin(), kBackends.end(), [&](const BackendRow& one) { return one.name == word; });
  if (row == kBackends.end() && word != "auto")
    return usage_error(phrase("--backend expects auto, stap or bpf, not '{}'", word));
  if (row != kBackends.end()) wish.backend = row->bit;
  for (auto name : kStapOnly) {
    if (arguments.has(name)) wish.stap_only = name;
  }
  if (wish.backend == kBpf && !wish.stap_only.empty())
    return usage_error(phrase("--{} works only with --backend stap", wish.stap_only));
  if (auto size = arguments.one("buffer-size")) {
    TRY_ASSIGN(auto bytes, parse_size("--buffer-size", *size, kLeastBuffer, kMostBuffer));
    wish.stap.buffer_bytes = wish.bpf.buffer_bytes = bytes;
  }
  wish.stap.stap_arguments = arguments.all("stap-arg");
  wish.stap.keep = arguments.has("keep") ? Keep::work : Keep::nothing;
  wish.stap.retune = arguments.has("retune");
  wish.stap.line = [&progress](const Phrase& text) { progress.line(text); };
  wish.stap.progress = [&progress](const Phrase& text, int seconds) { progress.show(text, seconds); };
  if (arguments.has("verbose"))
    wish.stap.tool_line = wish.bpf.tool_line = [&progress](std::string_view line) { progress.line(line); };
  return wish;
}

BackendChoice choose_backend(const Phrase& against_stap, const Phrase& against_bpf) {
  if (against_stap.empty()) return {kStap, phrase("stap (its toolchain is ready here)")};
  if (against_bpf.empty()) return {kBpf, phrase("bpf, because {}", against_stap)};
  return {kStap, phrase("stap, although {}; bpf is not ready either: {}", against_stap, against_bpf)};
}

Result<std::unique_ptr<Backend>> make_backend(boost::asio::io_context& loop, BackendWish wish, Progress& progress) {
  if (wish.backend == kNone) {
    TRY_ASSIGN(auto choice, choice_of(wish));
    wish.backend = choice.backend;
    progress.note(phrase("backend: {}", choice.summary));
  }
  if (wish.backend == kBpf) return make_bpf_backend(loop, std::move(wish.bpf));
  return std::make_unique<StapBackend>(loop, std::move(wish.stap));
}

}  // namespace stapkill
