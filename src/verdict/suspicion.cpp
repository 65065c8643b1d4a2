#include "verdict/suspicion.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "base/system_paths.h"
#include "verdict/poses.h"
#include "verdict/random_name.h"

namespace stapkill {
namespace {

constexpr std::string_view kDeleted = " (deleted)";  // after the path in /proc/PID/exe
constexpr std::string_view kMemory = "/memfd:";

std::string_view exe_of(const Process& process) {
  return process.exe ? std::string_view(*process.exe) : std::string_view();
}

std::string_view path_of(const Process& process) {
  auto exe = exe_of(process);
  if (exe.ends_with(kDeleted)) exe.remove_suffix(kDeleted.size());
  return exe;
}

std::string_view base_of(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool in_memory(const Process& process, const FileQuestions&) {
  return exe_of(process).starts_with(kMemory) && exe_of(process).ends_with(kDeleted);
}

bool is_deleted(const Process& process, const FileQuestions& files) {
  return exe_of(process).ends_with(kDeleted) && !in_memory(process, files) &&
         !files.is_replaced(std::string(path_of(process)));
}

bool is_temporary(const Process& process, const FileQuestions&) {
  constexpr std::string_view kPlaces[] = {"/tmp/", "/var/tmp/", "/dev/shm/"};
  auto exe = exe_of(process);
  return std::any_of(std::begin(kPlaces), std::end(kPlaces), [&](auto place) { return exe.starts_with(place); });
}

bool is_hidden(const Process& process, const FileQuestions&) {
  // NixOS and Guix wrap a program x in a script and name the program .x-wrapped or .x-real.
  auto exe = exe_of(process);
  return exe.find("/.") != std::string_view::npos && !exe.starts_with("/nix/store/") && !exe.starts_with("/gnu/store/");
}

bool has_false_name(const Process& process, const FileQuestions&) {
  return process.exe && poses_as_daemon(process, base_of(path_of(process)));
}

bool is_false_kernel_thread(const Process& process, const FileQuestions&) {
  return process.exe && poses_as_kernel_thread(process);
}

bool has_random_name(const Process& process, const FileQuestions& files) {
  auto path = path_of(process);
  if (!looks_random(process.comm) && !looks_random(base_of(path))) return false;
  return path.empty() || !files.has_package(std::string(path));
}

constexpr SuspicionRule kRules[] = {
    {"deleted-exe", msgid("its program {1} has been deleted"),
     "a program outside /usr that was upgraded or removed while it ran; one that unpacks itself, runs and tidies up",
     is_deleted},
    {"memfd-exe", msgid("its program exists only in memory, as {1}"),
     "runc, crun and LXC before they exec; a few launchers and sandboxes", in_memory},
    {"temporary-exe", msgid("it runs from a directory for temporary files, {1}"),
     "installers and AppImages; builds and their tests (go run, cargo test, configure)", is_temporary},
    {"hidden-exe", msgid("it runs from a hidden place, {1}"),
     "what users install below their home: pyenv, nvm, rustup, pipx, editors' servers, Steam", is_hidden},
    {"false-name", msgid("it calls itself {0}, but its program is {1}"),
     "another implementation of a daemon under its old name, an init of one's own, emulators that are not known here",
     has_false_name},
    {"false-kernel-thread", msgid("it poses as a kernel thread, but runs {1}"),
     "a daemon that writes a title of one word in brackets over its arguments", is_false_kernel_thread},
    {"random-name", msgid("its name looks random, and no package is known to have {1}"),
     "programs and scripts that a build or a deployment named after a hash; programs in a container's own files",
     has_random_name},
};

}  // namespace

FileQuestions answers_by_path() {
  return {in_system_directory, in_local_system};
}

std::span<const SuspicionRule> suspicion_rules() {
  return kRules;
}

std::vector<std::string> suspicions(const Process& process, const FileQuestions& files) {
  std::vector<std::string> flags;
  for (const auto& rule : kRules) {
    if (rule.holds(process, files)) flags.emplace_back(rule.flag);
  }
  return flags;
}

Phrase reason_of(std::string_view flag, const Process& process) {
  const auto* rule =
      std::find_if(std::begin(kRules), std::end(kRules), [&](const auto& row) { return row.flag == flag; });
  if (rule == std::end(kRules)) return {};
  Phrase program = process.exe ? Phrase(path_of(process)) : phrase("its program");
  return Phrase::of(rule->reason, std::array{Phrase(process.comm), program});
}

}  // namespace stapkill
