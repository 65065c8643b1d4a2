#include "host/kallsyms.h"

#include "sys/file.h"

namespace stapkill {
namespace {

constexpr std::size_t kLongestLine = 4096;  // KSYM_NAME_LEN is 512, include/linux/kallsyms.h

/// "ffffffff81000000 t name\t[module]": nm(1)'s letters, in which functions are t, T, w and W.
bool parse(std::string_view line, KernelFunction& function) {
  auto blank = line.find(' ');
  if (blank == std::string_view::npos || blank + 3 >= line.size() || line[blank + 2] != ' ') return false;
  if (std::string_view("tTwW").find(line[blank + 1]) == std::string_view::npos) return false;
  auto rest = line.substr(blank + 3);
  auto tab = rest.find('\t');
  function = {rest.substr(0, tab), {}};
  if (tab == std::string_view::npos) return true;
  auto module = rest.substr(tab + 1);
  if (module.size() > 2 && module.front() == '[' && module.back() == ']')
    function.module = module.substr(1, module.size() - 2);
  return true;
}

}  // namespace

bool for_each_kernel_function(const std::function<void(const KernelFunction&)>& visit, const std::string& proc) {
  std::string partial;
  bool any = false;
  auto take = [&](std::string_view piece) {
    for (auto end = piece.find('\n'); end != std::string_view::npos; end = piece.find('\n')) {
      partial += piece.substr(0, end);
      piece.remove_prefix(end + 1);
      KernelFunction function;
      if (parse(partial, function)) {
        any = true;
        visit(function);
      }
      partial.clear();
    }
    if (partial.size() < kLongestLine) partial += piece;
  };
  return read_in_pieces(proc + "/kallsyms", take) && any;
}

}  // namespace stapkill
