#include "host/kernel_symbols.h"

#include <sys/utsname.h>

#include <algorithm>

#include "host/kallsyms.h"
#include "sys/file.h"

namespace stapkill {
namespace {

constexpr std::size_t kLeastSymbols = 1000;  // Debian's stub has one line
constexpr std::size_t kLargestMap = 64 << 20;

/// Calls back with each line's words, at most four.
template <typename Visit>
void for_each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    std::vector<std::string_view> words;
    while (words.size() < 4) {
      line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
      if (line.empty()) break;
      auto size = std::min(line.find_first_of(" \t\r"), line.size());
      words.push_back(line.substr(0, size));
      line.remove_prefix(size);
    }
    visit(words);
  }
}

std::vector<std::string> each_once(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::vector<std::string> of_running_kernel() {
  std::vector<std::string> names;
  bool read = for_each_kernel_function([&](const KernelFunction& function) {
    if (function.module.empty()) names.emplace_back(function.name);
  });
  return read ? names : std::vector<std::string>();
}

std::vector<std::string> of_headers(const KernelBuild& kernel) {
  auto read = [](const std::string& file) { return read_file(file, kLargestMap).value_or(""); };
  auto names = exports_of_kernel(read(kernel.build + "/Module.symvers"));
  auto prefix = syscall_prefix(*Facts::live(), kernel);
  // x86 and s390 generate their tables; the others share one.
  for (const auto& file : {kernel.build + "/arch/x86/include/generated/uapi/asm/unistd_64.h",
                           kernel.build + "/arch/s390/include/generated/uapi/asm/unistd_64.h",
                           kernel.source + "/include/uapi/asm-generic/unistd.h"}) {
    auto calls = system_calls_of_header(read(file));
    for (const auto& call : calls) names.push_back(prefix + call);
    if (!calls.empty()) break;
  }
  return names;
}

}  // namespace

std::string syscall_prefix(Facts& facts, const KernelBuild& kernel) {
  utsname name{};
  ::uname(&name);
  std::string machine = name.machine;
  auto wraps = facts.holds(kernel.build + "/.config", "\nCONFIG_ARCH_HAS_SYSCALL_WRAPPER=y\n");
  if (!wraps.value.value_or(false)) return "sys_";
  if (machine == "x86_64") return "__x64_sys_";
  if (machine == "aarch64") return "__arm64_sys_";
  if (machine == "s390x") return "__s390x_sys_";
  return "sys_";
}

std::vector<std::string> functions_of_system_map(std::string_view text) {
  std::vector<std::string> names;
  for_each_line(text, [&](const std::vector<std::string_view>& words) {
    bool function = words.size() >= 3 && words[1].size() == 1 && std::string_view("tTwW").find(words[1][0]) < 4;
    if (function) names.emplace_back(words[2]);
  });
  return names;
}

std::vector<std::string> system_calls_of_header(std::string_view text) {
  constexpr std::string_view number = "__NR_";
  std::vector<std::string> names;
  for_each_line(text, [&](const std::vector<std::string_view>& words) {
    bool call = words.size() >= 3 && words[0] == "#define" && words[1].starts_with(number);
    if (call) names.emplace_back(words[1].substr(number.size()));
  });
  return names;
}

std::vector<std::string> exports_of_kernel(std::string_view text) {
  std::vector<std::string> names;
  for_each_line(text, [&](const std::vector<std::string_view>& words) {
    if (words.size() >= 3 && words[2] == "vmlinux") names.emplace_back(words[1]);
  });
  return names;
}

std::vector<std::string> kernel_function_names(const KernelBuild& kernel) {
  utsname running{};
  ::uname(&running);
  if (kernel.release == running.release) {
    if (auto names = of_running_kernel(); !names.empty()) return each_once(std::move(names));
  }
  for (const auto& file : {kernel.build + "/System.map", "/boot/System.map-" + kernel.release,
                           "/usr/lib/debug/boot/System.map-" + kernel.release}) {
    auto names = functions_of_system_map(read_file(file, kLargestMap).value_or(""));
    if (names.size() >= kLeastSymbols) return each_once(std::move(names));
  }
  return each_once(of_headers(kernel));
}

}  // namespace stapkill
