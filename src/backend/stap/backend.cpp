#include "backend/stap/backend.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "backend/stap/leftovers.h"
#include "backend/stap/messages.h"
#include "backend/stap/signature.h"
#include "backend/wire.h"
#include "model/managers.h"
#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/file.h"

namespace stapkill {
namespace {

constexpr char kSkipped[] = "skipped probes: ";
constexpr std::size_t kLongestLine = 16384;  // the module's lines are below 8192
constexpr int kTestSignal = SIGURG;          // ignored by default: the test has no other effect
constexpr auto kTestInterval = std::chrono::milliseconds(10);
constexpr int kMostTests = 3000;  // 30 s

/// The directory of procfs probes; tests without a kernel module name another.
std::string procfs_root() {
  const char* given = std::getenv("STAPKILL_PROC_SYSTEMTAP");
  return given && *given ? given : "/proc/systemtap";
}

/// staprun's option for the size of the module's buffers, in MiB. stap passes its -s to staprun as -b; here staprun is
/// started without stap.
std::vector<std::string> buffer_arguments(const StapOptions& options) {
  constexpr std::uint64_t kMiB = 1 << 20;
  std::vector<std::string> arguments;
  if (options.buffer_bytes > 0) arguments = {"-b", std::to_string((options.buffer_bytes + kMiB - 1) / kMiB)};
  const auto& stap_arguments = options.stap_arguments;
  for (std::size_t i = 0; i < stap_arguments.size(); ++i) {
    const auto& word = stap_arguments[i];
    if (word == "-s" && i + 1 < stap_arguments.size()) {
      arguments = {"-b", stap_arguments[++i]};
    } else if (word.starts_with("-s") && word.size() > 2) {
      arguments = {"-b", word.substr(2)};
    }
  }
  return arguments;
}

/// The word that makes a build of bash known to the module (docs/wire.md).
std::string word_of(const BashLayout& layout) {
  return fmt::format("^{},{},{},{},{},{}", layout.data, layout.code, layout.line, layout.text, layout.function,
                     layout.source);
}

}  // namespace

StapBackend::StapBackend(boost::asio::io_context& loop, StapOptions options)
    : loop_(loop), timer_(loop), options_(std::move(options)) {
  if (options_.release.empty()) options_.release = running_kernel();
}

StapBackend::~StapBackend() = default;

Result<void> StapBackend::start(const Watching& watching, Callbacks callbacks) {
  watching_ = watching;
  callbacks_ = std::move(callbacks);
  return begin();
}

Result<void> StapBackend::begin() {
  TRY_ASSIGN(auto plan, plan_module(options_.release, options_.stap_arguments));
  plan_ = std::move(plan);
  if (plan_.systemtap.staprun.empty()) {
    return fail(phrase("there is no staprun on PATH"), phrase("install the systemtap-runtime package"), "stap.staprun");
  }
  if (::geteuid() != 0) {
    return fail(phrase("watching loads a kernel module, which needs root"), phrase("run it with sudo"),
                "user.privilege");
  }
  if (auto cached = cached_module(plan_)) {
    boost::asio::post(loop_, [this, module = *cached] { load(module); });
    return {};
  }
  return compile();
}

Result<void> StapBackend::compile() {
  auto compiler = ModuleCompiler::start(
      loop_, plan_, options_.keep,
      [this](std::string_view line) {
        if (options_.tool_line) options_.tool_line(line);
      },
      [this](Result<Module> module) {
        if (options_.progress) options_.progress("", 0);
        // Not here: this runs inside the compiler, which load and end destroy.
        boost::asio::post(loop_, [this, module = std::move(module)] {
          compiler_.reset();
          if (!module) return end(tl::unexpected(module.error()));
          if (!module->kept.empty() && options_.line)
            options_.line(tr("the script and stap's output are kept in {}", module->kept.string()));
          load(*module);
        });
      },
      [this](int pass, int seconds) {
        if (options_.progress)
          options_.progress(tr("compiling the probes for kernel {}, once: {}", options_.release, describe_pass(pass)),
                            seconds);
      });
  if (!compiler) return tl::unexpected(compiler.error());
  compiler_ = std::move(*compiler);
  return {};
}

void StapBackend::load(const Module& module) {
  module_ = module;
  if (stopping_) return end({});
  for (const auto& name : remove_leftovers(plan_.systemtap.staprun)) {
    callbacks_.take(DiagnosticRecord{DiagnosticRecord::Level::warning, 0, "stap.leftover",
                                     phrase("removed the module {}, which a killed stapkill left loaded", name), ""});
  }
  auto words = staprun_arguments(plan_.systemtap.staprun, module_.file);
  for (const auto& word : buffer_arguments(options_)) words.push_back(word);
  words.push_back(module_.file.string());
  auto staprun = StaprunProcess::start(
      loop_, plan_.systemtap.staprun, words,
      {[this](std::string_view text) { take_output(text); }, [this](const std::string& line) { take_error_line(line); },
       [this](int status) { staprun_ended(status); }});
  if (!staprun) return end(tl::unexpected(staprun.error()));
  run_.staprun = std::move(*staprun);
}

void StapBackend::take_output(std::string_view text) {
  // Whole lines are read in place; only a partial line is copied.
  while (!text.empty()) {
    auto end = text.find('\n');
    if (end == std::string_view::npos) {
      if (run_.partial.size() < kLongestLine) run_.partial += text;
      return;
    }
    if (run_.partial.empty()) {
      take_line(text.substr(0, end));
    } else {
      run_.partial += text.substr(0, end);
      take_line(run_.partial);
      run_.partial.clear();
    }
    text.remove_prefix(end + 1);
  }
}

void StapBackend::take_line(std::string_view line) {
  if (line.empty()) return;
  bool whole = parse_wire(line, event_, storage_);
  // Also for a damaged line, which is reported as a loss itself: its number is not a gap.
  if (auto missing = run_.sequence.arrived(event_.cpu, event_.sequence))
    callbacks_.take(Loss{missing, std::string(msgid("SystemTap's buffers")), boot_now()});
  if (!whole) return callbacks_.take(Loss{1, std::string(msgid("a damaged line from the module")), boot_now()});
  if (const auto* hello = event_.as<kernel::Hello>()) return on_hello(*hello);
  if (const auto* goodbye = event_.as<kernel::Goodbye>()) {
    if (auto missing = run_.sequence.ended(goodbye->cpu, goodbye->last))
      callbacks_.take(Loss{missing, std::string(msgid("SystemTap's buffers, at the end")), boot_now()});
    return;
  }
  if (!run_.armed) {
    if (!is_test_signal(event_)) return callbacks_.take(&event_);
    run_.armed = true;
    timer_.cancel();
    order("?0");
    if (std::exchange(rearming_, false)) return callbacks_.take(Rearmed{});
    return callbacks_.take(Armed{module_.toolchain, options_.release, module_.from_cache});
  }
  if (!is_test_signal(event_)) callbacks_.take(&event_);
}

bool StapBackend::is_test_signal(const KernelEvent& event) const {
  const auto* signal = event.as<kernel::Signal>();
  return signal && signal->task.pid == ::getpid() && signal->target.pid == ::getpid() && signal->number == kTestSignal;
}

void StapBackend::on_hello(const kernel::Hello& hello) {
  if (hello.version != kWireVersion) {
    return end(fail(phrase("the module writes another version of the format ({})", hello.version),
                    phrase("empty the cache: rm -r {}", cache_directory().string()), "stap.wire"));
  }
  std::string name(hello.module);
  run_.targets_file = procfs_root() + '/' + name + "/targets";
  run_.staprun->set_module(std::move(name));
  probe_until_armed();
}

/// The module's begin probe runs before the others are registered. Only a signal that it reports shows that they are.
void StapBackend::probe_until_armed() {
  if (run_.armed || stopping_ || ended_) return;
  // Its files appear a moment later too, and the module silently drops what is written before it says "running". So
  // everything is written again until the test signal arrives. "?PID" goes first: a module that took the first word
  // also took those after it.
  if (::access(run_.targets_file.c_str(), W_OK) == 0) {
    run_.sent_targets = true;
    std::string words = "?" + std::to_string(::getpid());
    if (watching_.everything) words += " *";
    if (watching_.children) words += " children";
    if (watching_.stacks) words += " stacks";
    if (watching_.deaths_only) words += " deaths";
    order(words);
    order(names_of_managers());
    for (const auto& process : watching_.processes) watch(process);
    for (const auto& layout : watching_.shells) order(word_of(layout));
  }
  if (++run_.probes_sent > kMostTests) {
    return end(fail(phrase("the probes were loaded, but did not see a test signal within 30 s"),
                    phrase("dmesg may say why; for a bug report, save the output of a run with --keep and -v"),
                    "smoke.run"));
  }
  if (run_.sent_targets) ::kill(::getpid(), kTestSignal);
  timer_.expires_after(kTestInterval);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) probe_until_armed();
  });
}

/// The words that name managers and their sockets to the module (docs/wire.md).
std::string StapBackend::names_of_managers() {
  std::string words;
  for (const auto& row : manager_sockets()) words += (row.of_daemon ? " :" : " /") + std::string(row.name);
  for (const auto& row : manager_daemons()) words += (row.every_socket ? " =" : " ~") + std::string(row.comm);
  return words.substr(1);
}

void StapBackend::know(const BashLayout& layout) {
  if (std::find(watching_.shells.begin(), watching_.shells.end(), layout) != watching_.shells.end()) return;
  watching_.shells.push_back(layout);
  if (run_.sent_targets) order(word_of(layout));
}

void StapBackend::order(const std::string& words) {
  Fd file(::open(run_.targets_file.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_APPEND));
  ssize_t wrote = file ? ::write(file.get(), words.data(), words.size()) : -1;
  if (wrote < 0 && !stopping_) {
    callbacks_.take(DiagnosticRecord{
        DiagnosticRecord::Level::error, 0, "stap.targets",
        phrase("cannot write the module's targets to {}: {}", run_.targets_file, std::strerror(errno)), ""});
  }
}

void StapBackend::watch(const ProcessKey& process) {
  if (!watching_.everything && run_.sent_targets) order("+" + std::to_string(process.pid));
}

std::function<void()> StapBackend::watch_self_in_child() {
  return [path = run_.targets_file] {
    char text[24] = "+";
    int length = 1, digits = 0;
    char reversed[16];
    for (int pid = ::getpid(); pid > 0; pid /= 10) reversed[digits++] = static_cast<char>('0' + pid % 10);
    while (digits > 0) text[length++] = reversed[--digits];
    int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_APPEND);
    if (fd >= 0 && ::write(fd, text, static_cast<std::size_t>(length)) < 0) return;
    if (fd >= 0) ::close(fd);
  };
}

void StapBackend::take_error_line(const std::string& line) {
  run_.staprun->suspect(line);
  // Handlers that SystemTap skipped (reentrancy, a lock) took no sequence number.
  if (auto at = line.find(kSkipped); at != std::string::npos) {
    auto skipped = std::strtoull(line.c_str() + at + std::strlen(kSkipped), nullptr, 10);
    if (skipped > 0) callbacks_.take(Loss{skipped, std::string(msgid("probes that SystemTap skipped")), boot_now()});
  }
  // Before the probes are armed an error ends the session, which reports it.
  const Message* known = recognise(line);
  bool fatal = known && known->level == DiagnosticRecord::Level::error;
  bool mended = known && retunes(*known);
  if (known && (run_.armed || mended || !fatal)) callbacks_.take(diagnostic_of(*known, line));
  if (mended) return retune(*known);
  if (!known && options_.tool_line) options_.tool_line(line);
}

bool StapBackend::retunes(const Message& message) const {
  if (!options_.retune || retuned_ || stopping_ || message.options.empty()) return false;
  // Limits and sizes only: other options change what the script may do.
  auto words = options_of(message);
  return std::all_of(words.begin(), words.end(),
                     [](const std::string& word) { return word.starts_with("-D") || word.starts_with("-s"); });
}

/// Once only: if one option does not help, a second try does not either.
void StapBackend::retune(const Message& message) {
  retuned_ = restarting_ = true;
  timer_.cancel();
  std::string words;
  for (const auto& option : options_of(message)) {
    words += ' ' + option;
    options_.stap_arguments.push_back(option);
  }
  callbacks_.take(
      DiagnosticRecord{DiagnosticRecord::Level::warning, 0, "stap.retune",
                       phrase("starting the probes again with{}; nothing is seen until they are armed", words), ""});
  run_.staprun->end();
}

void StapBackend::restart() {
  restarting_ = false;
  if (run_.armed) {
    rearming_ = true;
    watching_.processes = callbacks_.watched();
  }
  run_ = {};
  if (auto begun = begin(); !begun) end(tl::unexpected(begun.error()));
}

void StapBackend::pause(bool paused) {
  // While it stops it must drain its buffers, or it never ends.
  if (run_.staprun) run_.staprun->pause_output(paused && !stopping_);
}

void StapBackend::stop() {
  if (ended_ || stopping_) return;
  stopping_ = true;
  timer_.cancel();
  if (compiler_) return compiler_->interrupt();
  if (run_.staprun) run_.staprun->end();
}

void StapBackend::staprun_ended(int status) {
  if (const auto& name = run_.staprun->still_loaded(); !name.empty()) {
    callbacks_.take(DiagnosticRecord{DiagnosticRecord::Level::error, 0, "stap.leftover",
                                     phrase("the module {} is still loaded", name), "sudo staprun -d " + name});
  }
  if (!run_.partial.empty()) callbacks_.take(Loss{1, std::string(msgid("a damaged line from the module")), boot_now()});
  if (stopping_) return end({});
  if (restarting_) return restart();
  auto error =
      run_.staprun->failure(status, run_.armed ? phrase(" while watching") : phrase(" before the probes were armed"));
  if (run_.armed && status == 0) error.kind = ErrorKind::interrupted;  // it obeyed a signal
  end(tl::unexpected(std::move(error)));
}

void StapBackend::end(Result<void> result) {
  if (ended_) return;
  if (run_.staprun && run_.staprun->running()) {
    // The error is stapkill's own: unload the module first, then report it.
    stop();
    failure_ = result ? std::nullopt : std::optional(result.error());
    return;
  }
  ended_ = true;
  timer_.cancel();
  if (failure_) result = tl::unexpected(*failure_);
  callbacks_.take(Ended{std::move(result)});
}

}  // namespace stapkill
