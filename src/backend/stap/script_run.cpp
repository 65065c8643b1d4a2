#include "backend/stap/script_run.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "backend/stap/leftovers.h"
#include "backend/stap/messages.h"
#include "backend/stap/signature.h"
#include "base/signals.h"

namespace stapkill {
namespace {

constexpr int kDrain = 2000;                 // ms to wait for a reader at the end
constexpr std::size_t kMostWarnings = 1024;  // as staprun's MAX_STORED_WARNINGS

}  // namespace

ScriptRun::ScriptRun(ModulePlan plan, ScriptOptions options)
    : plan_(std::move(plan)),
      options_(std::move(options)),
      signals_(loop_),
      duration_(loop_),
      begun_(std::chrono::steady_clock::now()) {}

Result<void> ScriptRun::run() {
  output_ = Output::standard(loop_);
  output_->on_change([this] {
    if (output_->error()) return stop();
    if (staprun_ && !output_->backed_up()) staprun_->pause_output(false);
  });
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (!error) stop();
  });
  if (auto begun = begin(); !begun) return begun;
  while (!result_ && loop_.run_one()) continue;
  output_->drain(kDrain);
  int error = output_->error();
  if (result_ && *result_ && error != 0 && error != EPIPE)
    return fail(phrase("cannot write to standard output: {}", std::strerror(error)), {}, "output");
  return result_ ? *result_ : fail(phrase("the script did not end"));
}

Result<void> ScriptRun::begin() {
  if (!options_.only_compile && plan_.systemtap.staprun.empty())
    return fail(phrase("there is no staprun on PATH"), phrase("install the systemtap-runtime package"), "stap.staprun");
  if (!options_.only_compile && ::geteuid() != 0)
    return fail(phrase("running a script loads a kernel module, which needs root"), phrase("run it with sudo"),
                "user.privilege");
  if (auto cached = cached_module(plan_)) {
    boost::asio::post(loop_, [this, module = *cached] { load(module); });
    return {};
  }
  return compile();
}

Result<void> ScriptRun::compile() {
  auto compiler = ModuleCompiler::start(
      loop_, plan_, options_.keep,
      [this](std::string_view line) {
        if (options_.tool_line) options_.tool_line(line);
      },
      [this](Result<Module> module) {
        options_.progress("", 0);
        // Not here: this runs inside the compiler, which the next lines destroy.
        boost::asio::post(loop_, [this, module = std::move(module)] {
          compiler_.reset();
          if (stopping_) return end({});
          if (!module) return end(tl::unexpected(module.error()));
          load(*module);
        });
      },
      [this](int pass, int seconds) {
        options_.progress(tr("compiling the script for kernel {}: {}", plan_.kernel.release, describe_pass(pass)),
                          seconds);
      });
  if (!compiler) return tl::unexpected(compiler.error());
  compiler_ = std::move(*compiler);
  return {};
}

void ScriptRun::load(const Module& module) {
  if (!module.kept.empty()) options_.line(tr("the script and stap's output are kept in {}", module.kept.string()));
  if (options_.only_compile) options_.line(tr("the script's module is in the cache: {}", module.file.string()));
  if (options_.only_compile || stopping_) return end({});
  for (const auto& name : remove_leftovers(plan_.systemtap.staprun))
    options_.line(tr("removed the module {}, which a killed stapkill left loaded", name));
  auto words = staprun_arguments(plan_.systemtap.staprun, module.file);
  // With -v twice staprun says when all of the module's probes are in place.
  for (const auto& more : {std::vector<std::string>{"-v", "-v"}, plan_.target.arguments,
                           std::vector<std::string>{module.file.string()}, options_.globals})
    words.insert(words.end(), more.begin(), more.end());
  auto staprun = StaprunProcess::start(
      loop_, plan_.systemtap.staprun, words,
      {[this](std::string_view text) { take_output(text); }, [this](const std::string& line) { take_error_line(line); },
       [this](int status) { staprun_ended(status); }});
  if (!staprun) return end(tl::unexpected(staprun.error()));
  staprun_ = std::move(*staprun);
  if (!options_.duration) return;
  duration_.expires_after(std::chrono::milliseconds(static_cast<std::int64_t>(*options_.duration * 1000)));
  duration_.async_wait([this](boost::system::error_code error) {
    if (!error) stop();
  });
}

void ScriptRun::take_output(std::string_view text) {
  output_->write(text);
  output_->flush();
  if (output_->error()) return stop();
  if (output_->backed_up() && !stopping_) staprun_->pause_output(true);
}

/// Known messages are reported with their remedy; an error that ends the run is reported once, at the end; all else is
/// the script's own (its warn() and error()).
void ScriptRun::take_error_line(const std::string& line) {
  switch (staprun_word(line)) {
    case StaprunWord::armed:
      return report_armed();
    case StaprunWord::own:
      if (options_.tool_line) options_.tool_line(line);
      return;
    case StaprunWord::module:
      break;
  }
  if (line.starts_with("WARNING: ") && (warned_.size() >= kMostWarnings || !warned_.insert(line).second)) return;
  staprun_->suspect(line);
  const auto* known = recognise(line);
  if (!known) return options_.line(line);
  if (known->level != DiagnosticRecord::Level::error) options_.diagnostic(diagnostic_of(*known, line));
}

void ScriptRun::report_armed() {
  if (!options_.armed) return;
  auto spent = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  options_.armed(spent < 1 ? fmt::format("{:.0f} ms", spent * 1000) : fmt::format("{:.1f} s", spent));
}

void ScriptRun::stop() {
  if (stopping_) return;
  stopping_ = true;
  duration_.cancel();
  if (compiler_) return compiler_->interrupt();
  if (staprun_) staprun_->end();
}

void ScriptRun::staprun_ended(int status) {
  duration_.cancel();
  if (const auto& name = staprun_->still_loaded(); !name.empty())
    options_.line(tr("the module {0} is still loaded; sudo staprun -d {0} unloads it", name));
  // Checked also after stop(): a script whose probes failed has not done its job.
  bool clean = stopping_ || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
  if (clean && !staprun_->has_cause()) return end({});
  end(tl::unexpected(staprun_->failure(status, "")));
}

void ScriptRun::end(Result<void> result) {
  if (!result_) result_ = std::move(result);
}

}  // namespace stapkill
