#include "host/bash.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "host/elf.h"
#include "host/procfs.h"
#include "model/containers.h"
#include "sys/local_files.h"

namespace stapkill {
namespace {

constexpr int kScriptDescriptor = 255;
constexpr std::size_t kLongestScript = 1 << 20;
constexpr std::size_t kMostScripts = 16;

std::optional<std::string> whole_file(int file, std::size_t size) {
  std::string text(size, '\0');
  std::size_t at = 0;
  while (at < size) {
    auto got = ::pread(file, text.data() + at, size - at, static_cast<off_t>(at));
    if (got <= 0) return std::nullopt;
    at += static_cast<std::size_t>(got);
  }
  return text;
}

/// Whether a line has `source FILE` or `. FILE` where a command can begin.
bool sources_a_file(std::string_view line) {
  for (std::string_view word : {"source", "."}) {
    for (auto at = line.find(word); at != std::string_view::npos; at = line.find(word, at + 1)) {
      auto before = line.substr(0, at), after = line.substr(at + word.size());
      auto last = before.find_last_not_of(" \t");
      bool blank_after = !after.empty() && (after[0] == ' ' || after[0] == '\t');
      bool apart = before.empty() || last + 1 != before.size() || std::string_view(";&|(){").find(before.back()) < 6;
      if (blank_after && apart) return true;
    }
  }
  return false;
}

Time time_of(const timespec& time) {
  return Time{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::string stamp_of(const struct stat& info) {
  return fmt::format("{}:{}:{}:{}.{}", info.st_dev, info.st_ino, info.st_size, info.st_mtim.tv_sec,
                     info.st_mtim.tv_nsec);
}

}  // namespace

std::optional<BashLayout> bash_layout(int program) {
  constexpr std::array<std::string_view, 4> names = {"line_number", "parse_and_execute_level", "variable_context",
                                                     "sourcelevel"};
  auto ends = ends_of_program(program);
  auto at = addresses_of_variables(program, names);
  if (!ends || std::find(at.begin(), at.end(), 0U) != at.end()) return std::nullopt;
  auto from_end = [&](std::uint64_t address) { return static_cast<std::int64_t>(address - ends->data); };
  return BashLayout{ends->data - ends->last_segment,
                    ends->data - ends->code,
                    from_end(at[0]),
                    from_end(at[1]),
                    from_end(at[2]),
                    from_end(at[3])};
}

std::optional<BashLayout> bash_layout_of(int pid, const std::string& proc) {
  auto program = open_program(fmt::format("{}/{}", proc, pid));
  return program ? bash_layout(program.get()) : std::nullopt;
}

std::vector<BashLayout> installed_bashes(const std::string& root) {
  std::vector<BashLayout> found;
  for (const char* path : {"/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"}) {
    Fd program(::open((root + path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    auto layout = program ? bash_layout(program.get()) : std::nullopt;
    if (layout && std::find(found.begin(), found.end(), *layout) == found.end()) found.push_back(*layout);
  }
  return found;
}

Fd ScriptFiles::open(const Process& shell, const std::string& path) const {
  auto file = open_descriptor(fmt::format("{}/{}", proc_, shell.pid), kScriptDescriptor);
  if (file && process_lives(shell.pid, shell.start, proc_)) return file;
  if (shell.uid != 0 || container_of(shell.cgroup)) return Fd();
  file = open_path(path);
  struct stat info {};
  bool same = file && ::fstat(file.get(), &info) == 0 && time_of(info.st_ctim) < shell.started;
  return same ? std::move(file) : Fd();
}

std::optional<ScriptText> ScriptFiles::text(const Process& shell, const std::string& path, int number) {
  auto file = open(shell, path);
  struct stat info {};
  if (!file || number < 1 || ::fstat(file.get(), &info) != 0) return std::nullopt;
  auto key = key_of(shell);
  auto at = scripts_.find(key);
  if (at == scripts_.end() || at->second.stamp != stamp_of(info)) {
    auto size = static_cast<std::size_t>(info.st_size);
    auto whole = size <= kLongestScript ? whole_file(file.get(), size) : std::nullopt;
    if (!whole) return std::nullopt;
    if (scripts_.size() >= kMostScripts) scripts_.clear();
    auto lines = lines_of(*whole);
    bool sources = std::any_of(lines.begin(), lines.end(), sources_a_file);
    at = scripts_.insert_or_assign(key, Script{stamp_of(info), std::move(lines), sources}).first;
  }
  const auto& script = at->second;
  if (static_cast<std::size_t>(number) > script.lines.size()) return std::nullopt;
  return ScriptText{script.lines[static_cast<std::size_t>(number) - 1], script.sources};
}

}  // namespace stapkill
