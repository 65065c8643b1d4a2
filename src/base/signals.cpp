#include "base/signals.h"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include "base/kernel_numbers.h"

namespace stapkill {
namespace {

// asm-generic/signal.h; index is the number.
constexpr std::array<std::string_view, 32> kNames = {
    "",     "HUP",  "INT",  "QUIT", "ILL",    "TRAP",   "ABRT",  "BUS",  "FPE",  "KILL", "USR1",
    "SEGV", "USR2", "PIPE", "ALRM", "TERM",   "STKFLT", "CHLD",  "CONT", "STOP", "TSTP", "TTIN",
    "TTOU", "URG",  "XCPU", "XFSZ", "VTALRM", "PROF",   "WINCH", "IO",   "PWR",  "SYS"};

struct Alias {
  std::string_view name;
  int number;
};
constexpr std::array<Alias, 4> kAliases = {{{"IOT", 6}, {"CLD", 17}, {"POLL", 29}, {"UNUSED", 31}}};

constexpr int kRtMin = 34;  // glibc keeps 32 and 33 (signal(7))
constexpr int kRtMax = 64;

struct CodeName {
  int number;  // 0: for every signal
  int code;
  std::string_view name;
};
// include/uapi/asm-generic/siginfo.h
constexpr CodeName kCodes[] = {
    {0, 0, "SI_USER"},      {0, 0x80, "SI_KERNEL"},   {0, -1, "SI_QUEUE"},     {0, -2, "SI_TIMER"},
    {0, -3, "SI_MESGQ"},    {0, -4, "SI_ASYNCIO"},    {0, -5, "SI_SIGIO"},     {0, -6, "SI_TKILL"},
    {0, -7, "SI_DETHREAD"}, {0, -60, "SI_ASYNCNL"},   {4, 1, "ILL_ILLOPC"},    {4, 2, "ILL_ILLOPN"},
    {4, 3, "ILL_ILLADR"},   {4, 4, "ILL_ILLTRP"},     {4, 5, "ILL_PRVOPC"},    {5, 1, "TRAP_BRKPT"},
    {5, 2, "TRAP_TRACE"},   {5, 3, "TRAP_BRANCH"},    {5, 4, "TRAP_HWBKPT"},   {7, 1, "BUS_ADRALN"},
    {7, 2, "BUS_ADRERR"},   {7, 3, "BUS_OBJERR"},     {7, 4, "BUS_MCEERR_AR"}, {7, 5, "BUS_MCEERR_AO"},
    {8, 1, "FPE_INTDIV"},   {8, 2, "FPE_INTOVF"},     {8, 3, "FPE_FLTDIV"},    {8, 7, "FPE_FLTINV"},
    {11, 1, "SEGV_MAPERR"}, {11, 2, "SEGV_ACCERR"},   {11, 3, "SEGV_BNDERR"},  {11, 4, "SEGV_PKUERR"},
    {17, 1, "CLD_EXITED"},  {17, 2, "CLD_KILLED"},    {17, 3, "CLD_DUMPED"},   {17, 4, "CLD_TRAPPED"},
    {17, 5, "CLD_STOPPED"}, {17, 6, "CLD_CONTINUED"}, {29, 1, "POLL_IN"},      {29, 2, "POLL_OUT"},
    {29, 3, "POLL_MSG"},    {29, 4, "POLL_ERR"},      {29, 5, "POLL_PRI"},     {29, 6, "POLL_HUP"},
    {31, 1, "SYS_SECCOMP"},
};

std::optional<int> parse_number(std::string_view text) {
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

}  // namespace

std::string signal_name(int number) {
  if (number > 0 && number < static_cast<int>(kNames.size())) return "SIG" + std::string(kNames[number]);
  if (number == kRtMin) return "SIGRTMIN";
  if (number > kRtMin && number <= kRtMax) return "SIGRTMIN+" + std::to_string(number - kRtMin);
  return "SIG" + std::to_string(number);
}

std::optional<int> parse_signal(std::string_view text) {
  if (auto number = parse_number(text)) {
    return *number >= 1 && *number <= kRtMax ? number : std::nullopt;
  }
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
  if (name.rfind("SIG", 0) == 0) name.erase(0, 3);
  if (name.empty()) return std::nullopt;
  if (auto at = std::find(kNames.begin(), kNames.end(), name); at != kNames.end()) {
    return static_cast<int>(at - kNames.begin());
  }
  for (const auto& alias : kAliases) {
    if (alias.name == name) return alias.number;
  }
  for (auto [prefix, base, sign] : {std::tuple{"RTMIN", kRtMin, '+'}, std::tuple{"RTMAX", kRtMax, '-'}}) {
    if (name == prefix) return base;
    if (name.rfind(prefix, 0) != 0 || name[5] != sign) continue;
    auto offset = parse_number(std::string_view(name).substr(6));
    if (!offset || *offset < 0 || *offset > kRtMax - kRtMin) return std::nullopt;
    return sign == '+' ? base + *offset : base - *offset;
  }
  return std::nullopt;
}

std::string signal_code_name(int number, int code) {
  for (const auto& row : kCodes) {
    if ((row.number == 0 || row.number == number) && row.code == code) return std::string(row.name);
  }
  return std::to_string(code);
}

bool ends_by_default(int number) {
  return number >= 1 && !harmless_by_default(number) && (number < 19 || number > 22);  // SIGSTOP to SIGTTOU
}

bool harmless_by_default(int number) {
#define OR_IS(name, its_number) || number == (its_number)
  return false SK_HARMLESS_SIGNALS(OR_IS);
#undef OR_IS
}

Phrase describe_status(int status) {
  if (WIFSIGNALED(status)) return phrase("was killed by {}", signal_name(WTERMSIG(status)));
  return phrase("exited with status {}", WEXITSTATUS(status));
}

}  // namespace stapkill
