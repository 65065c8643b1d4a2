#include "verdict/calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "verdict/process_words.h"
#include "verdict/story.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostCalls = 3;
constexpr std::size_t kMostName = 80;

// Files of these libraries begin so, and Go's runtime has these packages: what they call inside themselves says little.
constexpr std::string_view kLibraries[] = {"libc.so",   "libc-2.",  "ld-musl", "libpthread", "libstdc++.", "libc++.so",
                                           "libc++abi", "libgcc_s", "libjvm",  "libjli",     "libjava",    "libpython",
                                           "libperl",   "libruby",  "libnode", "libcoreclr", "libmono"};
constexpr std::string_view kPackages[] = {"runtime.", "syscall."};
// Where every thread begins.
constexpr std::string_view kBeginnings[] = {
    "_start", "__libc_start_main", "__libc_start_call_main", "start_thread", "clone3", "clone"};

/// What a frame belongs to, if that is a library whose inner calls count as one; "" for the program's own code.
std::string_view library_of(const Frame& frame) {
  auto begins = [](std::string_view text) { return [text](std::string_view name) { return text.starts_with(name); }; };
  if (std::any_of(std::begin(kLibraries), std::end(kLibraries), begins(frame.module))) return frame.module;
  auto function = frame.function ? std::string_view(*frame.function) : std::string_view();
  return std::any_of(std::begin(kPackages), std::end(kPackages), begins(function)) ? kPackages[0] : std::string_view();
}

bool is_library(const Frame& frame) {
  return !library_of(frame).empty();
}

bool is_beginning(const Frame& frame) {
  return frame.function &&
         std::find(std::begin(kBeginnings), std::end(kBeginnings), *frame.function) != std::end(kBeginnings);
}

bool is_public(const Frame& frame) {
  return frame.function && !frame.function->starts_with('_');
}

/// One call for those that a library makes inside itself: the outermost that has a public name, else the outermost.
/// `at` moves after them.
const Frame& call_of_library(const std::vector<Frame>& frames, std::size_t& at) {
  const Frame* chosen = &frames[at];
  for (auto library = library_of(frames[at]); at < frames.size() && library_of(frames[at]) == library; ++at) {
    if (is_beginning(frames[at])) continue;
    if (is_public(frames[at]) || !is_public(*chosen)) chosen = &frames[at];
  }
  return *chosen;
}

std::string cut(std::string name) {
  if (name.size() <= kMostName) return name;
  name.resize(kMostName);
  return name + "...";
}

}  // namespace

std::string call_name(const Frame& frame) {
  std::string text;
  if (frame.function) {
    text = cut(short_function(*frame.function));
  } else {
    text = frame.module.empty() ? fmt::format("?? ({:#x})", frame.address)
                                : fmt::format("?? ({}+{:#x})", frame.module, frame.offset);
  }
  if (frame.file && frame.line && !is_library(frame))
    text += fmt::format(", {}:{}", frame.file->substr(frame.file->rfind('/') + 1), *frame.line);
  return text;
}

std::string main_calls(const std::vector<Frame>& frames) {
  std::string text;
  std::size_t shown = 0;
  bool own = false;  // a function of the program itself is among them
  for (std::size_t at = 0; at < frames.size() && shown < kMostCalls; ++shown) {
    const Frame& first = frames[at];
    if (is_beginning(first)) break;
    const Frame& frame = is_library(first) ? call_of_library(frames, at) : frames[at++];
    if (!is_library(first) && frame.function) own = true;
    text += (shown ? " < " : "") + call_name(frame);
    if (frame.function == "main") break;
  }
  return own ? text : std::string();
}

std::string main_calls(const Process& process, const std::vector<Frame>& frames) {
  return is_interpreter(process) ? std::string() : main_calls(frames);
}

void add_calls(Verdict& verdict, const Process& process, const std::vector<Frame>& frames) {
  if (frames.empty()) return;
  verdict.evidence.push_back(phrase("calls of {}, the innermost first:", name_and_pid(process)));
  for (const auto& frame : frames) {
    auto text = "  " + call_name(frame);
    if (frame.function && !frame.module.empty()) text += fmt::format(" ({}+{:#x})", frame.module, frame.offset);
    verdict.evidence.emplace_back(text);
  }
}

}  // namespace stapkill
