#include "verdict/evidence.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <functional>
#include <set>
#include <utility>

#include "base/signals.h"
#include "base/time.h"
#include "verdict/process_words.h"
#include "verdict/story.h"
#include "verdict/suspicion.h"

namespace stapkill {
namespace {

constexpr std::size_t kShownFrames = 8;
constexpr std::uint64_t kPage = 4096;
constexpr int kKernel = 0x80;  // SI_KERNEL

// Functions that every signal passes through (kernel/signal.c). The caller of the outermost one wanted the signal.
constexpr std::string_view kSending[] = {
    "send_signal_locked", "__send_signal_locked",    "send_signal",     "__send_signal",
    "do_send_sig_info",   "group_send_sig_info",     "send_sig_info",   "send_sig",
    "send_sig_perm",      "force_sig_info_to_task",  "force_sig_fault", "force_sig",
    "force_fatal_sig",    "force_sig_fault_to_task", "do_send_specific"};

/// The stack without frames of tracing and of sending itself.
std::vector<std::string> relevant_part(const std::vector<std::string>& stack) {
  auto sends = [](const std::string& name) {
    return std::find(std::begin(kSending), std::end(kSending), name) != std::end(kSending);
  };
  auto last = std::find_if(stack.rbegin(), stack.rend(), sends);
  std::vector<std::string> rest(last.base(), stack.end());
  if (rest.size() > kShownFrames) rest.resize(kShownFrames);
  return rest;
}

Phrase in_seconds(std::uint64_t limit) {
  return limit == Circumstances::kUnlimited ? phrase("unlimited") : Phrase(fmt::format("{} s", limit));
}

using Lines = std::vector<Phrase>;

/// In the terms of the kernel's own report (mm/oom_kill.c, __oom_kill_process).
Phrase held_text(const Clues& clues) {
  const auto& held = *clues.seen.held;
  auto size = [](std::uint64_t pages) { return size_text(pages * kPage); };
  Phrase text = phrase("{} held {}: anon {}, file {}, shmem {}", name_and_pid(clues.death.process),
                       size(held.anon + held.file + held.shmem), size(held.anon), size(held.file), size(held.shmem));
  if (held.swap) text += phrase(", and {} in swap", size(held.swap));
  if (held.tables) text += phrase("; page tables {}", size_text(held.tables));
  return text + phrase("; address space {}", size(held.total));
}

void add_memory(const Clues& clues, Lines& out) {
  const Circumstances& seen = clues.seen;
  if (seen.held) out.push_back(held_text(clues));
  if (seen.memory) {
    out.push_back(phrase("memory cgroup {}: {} in use, limit {}", limited_cgroup(clues),
                         size_text(seen.memory->usage * kPage), size_text(seen.memory->limit * kPage)));
  }
  out.push_back(phrase("oom_score_adj of {} was {}", name_and_pid(clues.death.process), seen.oom_score_adj));
}

Phrase marked(const Clues& clues, const std::function<bool(const OomMark&)>& belongs) {
  Phrase names;
  for (const auto& mark : clues.around.oom_marks) {
    if (belongs(mark)) names += (names.empty() ? "" : phrase(", ")) + name_and_pid(*mark.victim);
  }
  return names;
}

/// Adds other victims of the same limit; not those of another cgroup at that time.
void add_group(const Clues& clues, Lines& out) {
  add_memory(clues, out);
  if (!clues.seen.memory) return;
  auto limited = limited_cgroup(clues);
  auto others = marked(clues, [&](const OomMark& mark) { return is_for_limit_of(mark, limited); });
  if (!others.empty()) out.push_back(phrase("mark_victim: the out-of-memory killer chose {} as well", others));
}

/// Adds other victims at that time, unless they were chosen for a cgroup's limit.
void add_whole(const Clues& clues, Lines& out) {
  add_memory(clues, out);
  auto others = marked(clues, [](const OomMark& mark) { return mark.victim && !is_for_some_limit(mark); });
  if (!others.empty()) {
    out.push_back(phrase("mark_victim: the out-of-memory killer chose {} as well at about that time", others));
  }
}

void add_machine(const Clues& clues, Lines& out) {
  if (clues.around.memory_bytes) out.push_back(phrase("the machine has {}", size_text(clues.around.memory_bytes)));
}

void add_cpu(const Clues& clues, Lines& out) {
  out.push_back(phrase("RLIMIT_CPU: soft {}, hard {}; CPU time used: {} s", in_seconds(clues.seen.cpu_soft),
                       in_seconds(clues.seen.cpu_hard),
                       fmt::format("{:.2f}", static_cast<double>(clues.seen.cpu_ns) / 1e9)));
}

void add_file_size(const Clues& clues, Lines& out) {
  if (!clues.signal.seen) return;
  bool limited = clues.seen.file_size != Circumstances::kUnlimited;
  out.push_back(phrase("RLIMIT_FSIZE: {}", limited ? phrase("{} bytes", clues.seen.file_size) : phrase("unlimited")));
}

void add_fault(const Clues& clues, Lines& out) {
  const Circumstances& seen = clues.seen;
  if (!seen.instruction) return;
  Phrase address =
      clues.signal.code == kKernel ? phrase("no address") : phrase("address {}", fmt::format("{:#x}", seen.address));
  auto instruction = fmt::format("{:#x}", seen.instruction);
  out.push_back(seen.file.empty() ? phrase("{}, instruction {}", address, instruction)
                                  : phrase("{}, instruction {} in {}", address, instruction,
                                           fmt::format("{}+{:#x}", seen.file, seen.place)));
}

void add_parent(const Clues& clues, Lines& out) {
  out.push_back(phrase("{} had asked for {} at its parent's end (PR_SET_PDEATHSIG)", name_and_pid(clues.death.process),
                       signal_name(clues.seen.pdeath_signal)));
  if (clues.seen.threads > 0) {
    out.push_back(phrase("only a thread of {} ended: {} of its threads lived on", name_and_pid(*clues.signal.sender),
                         clues.seen.threads));
  }
}

void add_terminal(const Clues& clues, Lines& out) {
  if (!clues.seen.tty.empty()) out.push_back(phrase("its terminal was {}", terminal_name(clues.seen.tty)));
}

struct CauseEvidence {
  Cause cause;
  void (*add)(const Clues&, Lines&);
};
constexpr CauseEvidence kCauseEvidence[] = {
    {Cause::oom_memcg, add_group},     {Cause::oom_global, add_whole},       {Cause::oom_global, add_machine},
    {Cause::rlimit_cpu, add_cpu},      {Cause::rlimit_fsize, add_file_size}, {Cause::fault, add_fault},
    {Cause::parent_death, add_parent}, {Cause::tty_signal, add_terminal},    {Cause::tty_hangup, add_terminal},
    {Cause::sysrq, add_whole},
};

struct Letter {
  char letter;
  std::string (*text)(const Clues&);  ///< "" where it is not known
};
constexpr Letter kLetters[] = {
    {'%', [](const Clues&) { return std::string("%"); }},
    {'p', [](const Clues& c) { return c.death.own_pid ? std::to_string(c.death.own_pid) : ""; }},
    {'P', [](const Clues& c) { return std::to_string(c.death.process.pid); }},
    {'e', [](const Clues& c) { return c.death.process.comm; }},
    {'s', [](const Clues& c) { return std::to_string(c.signal.number); }},
    {'u', [](const Clues& c) { return c.death.process.uid ? std::to_string(*c.death.process.uid) : ""; }},
    {'t', [](const Clues& c) { return std::to_string(c.death.time / 1'000'000'000); }},
};

/// The value of a letter in core_pattern (core(5)); "%x" stays as it is where the value is not known.
std::string core_part(char letter, const Clues& clues) {
  const auto* at =
      std::find_if(std::begin(kLetters), std::end(kLetters), [&](const Letter& row) { return row.letter == letter; });
  std::string text = at == std::end(kLetters) ? "" : at->text(clues);
  return text.empty() ? std::string("%") + letter : text;
}

/// The path of a core, as fs/coredump.c makes it (format_corename); none where core_uses_pid decides and is not known.
std::optional<std::string> core_name(const Clues& clues) {
  std::string name;
  bool has_pid = false;
  const std::string& pattern = clues.around.core_pattern;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != '%') {
      name += pattern[at];
    } else if (++at < pattern.size()) {
      has_pid = has_pid || pattern[at] == 'p';
      name += core_part(pattern[at], clues);
    }
  }
  if (!has_pid && !clues.around.core_uses_pid) return std::nullopt;
  if (!has_pid && *clues.around.core_uses_pid) name += "." + core_part('p', clues);
  const auto& cwd = clues.death.process.cwd;
  if (!name.starts_with('/') && cwd) name = *cwd + (cwd->ends_with('/') ? "" : "/") + name;
  return name;
}

/// What became of a signal: "delivered to a handler".
Phrase reception_of(const SignalRecord& signal) {
  bool can_wait = signal.result == SignalResult::delivered && signal.number != SIGKILL && signal.number != SIGSTOP;
  if (can_wait && signal.blocked) return phrase("delivered, blocked then");
  if (can_wait && signal.handled) return phrase("delivered to a handler");
  return phrase_from(name_of(signal.result));
}

bool writes_core(int number) {
  constexpr std::array core = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGXCPU, SIGXFSZ, SIGSYS};
  return std::find(core.begin(), core.end(), number) != core.end();
}

}  // namespace

Phrase call_text(const SignalRecord& signal) {
  if (!signal.syscall) return phrase("no system call that sends signals");
  std::string text = std::string(signal.syscall->name) + "(2)";
  return signal.syscall->ret ? text + fmt::format(" = {}", *signal.syscall->ret) : text;
}

Phrase evidence_of(const SignalRecord& signal) {
  return phrase("{} {} {}: {} by {}, si_code {}, {}", clock_time(signal.time), signal_name(signal.number),
                reception_of(signal), call_text(signal), name_and_pid(*signal.sender), code_name(signal),
                signal.by == By::process ? phrase("sent by that process") : phrase("from the kernel"));
}

std::vector<Phrase> evidence_of_circumstances(Cause cause, const Clues& clues) {
  Lines lines;
  auto frames = relevant_part(clues.seen.stack);
  if (!frames.empty()) lines.push_back(phrase("the kernel was in {}", fmt::format("{}", fmt::join(frames, " < "))));
  for (const auto& row : kCauseEvidence) {
    if (row.cause == cause) row.add(clues, lines);
  }
  return lines;
}

void add_earlier(Verdict& verdict, const SignalHistory& history, std::initializer_list<const SignalRecord*> listed) {
  if (history.forgotten()) verdict.evidence.push_back(phrase("before: {} more signals", history.forgotten()));
  const SignalRecord* decided = listed.size() ? *listed.begin() : nullptr;
  for (const auto& record : history.earlier()) {
    bool is_listed = std::any_of(listed.begin(), listed.end(), [&](const SignalRecord* one) {
      return one && record.boot == one->boot && record.number == one->number;
    });
    if (is_listed) continue;
    bool after = decided && record.boot > decided->boot;
    auto line = evidence_of(record);
    verdict.evidence.push_back(after ? phrase("after: {}", line) : phrase("before: {}", line));
  }
}

void add_loss(Verdict& verdict, std::uint64_t lost) {
  if (lost) verdict.evidence.push_back(phrase("{} events were lost around it", lost));
}

void add_suspicions(Verdict& verdict, const ProcessPtr& asker, const Ancestry& ancestry) {
  std::vector<ProcessPtr> all = {asker};
  if (ancestry) all.insert(all.end(), ancestry->begin(), ancestry->end());
  for (const auto& process : all) {
    Phrase reasons;
    for (const auto& flag : process->flags)
      reasons += (reasons.empty() ? "" : phrase("; ")) + Phrase(reason_of(flag, *process));
    if (!reasons.empty()) verdict.evidence.push_back(phrase("suspicious: {}: {}", name_and_pid(*process), reasons));
  }
}

void add_script_lines(Verdict& verdict) {
  std::set<std::pair<std::string, int>> said;
  for (const auto& step : verdict.chain) {
    std::string inner;
    auto add = [&](const Process& process) {
      auto script = script_of(process);
      if (std::exchange(inner, script) == script || !process.script_line) return;
      const auto& line = *process.script_line;
      if (!said.insert({script, line.number}).second) return;
      auto place = fmt::format("{}:{}", script, line.number);
      verdict.evidence.push_back(line.text.empty() ? phrase("a line of a script: {}", place)
                                                   : Phrase(place + ": " + line.text));
    };
    if (!step.process) continue;
    add(*step.process);
    for (const auto& ancestor : *step.ancestry) add(*ancestor);
  }
}

std::string duration_text(Time time) {
  constexpr Time millisecond = 1'000'000;
  if (time < 100 * millisecond) return fmt::format("{} ms", (time + millisecond - 1) / millisecond);
  return fmt::format("{:.1f} s", static_cast<double>(time) / 1e9);
}

Phrase size_text(std::uint64_t bytes) {
  constexpr std::string_view units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(units); ++unit) value /= 1024;
  return unit == 0 ? phrase("{} bytes", bytes) : Phrase(fmt::format("{:.1f} {}", value, units[unit]));
}

std::string limited_cgroup(const Clues& clues) {
  return limited_path(clues.death.process, *clues.seen.memory);
}

Phrase core_text(const Clues& clues) {
  if (!WIFSIGNALED(clues.death.wait_status) || !writes_core(clues.signal.number)) return {};
  const std::string& pattern = clues.around.core_pattern;
  if (WCOREDUMP(clues.death.wait_status)) {
    if (pattern.empty()) return phrase("core dumped");
    if (pattern.starts_with('|'))
      return phrase("core handed to {} (core_pattern)", pattern.substr(1, pattern.find(' ') - 1));
    auto name = core_name(clues);
    if (!name) return phrase("core dumped by core_pattern {}", pattern);
    return phrase("core dumped to {} by core_pattern, as its directory shows it", *name);
  }
  if (clues.seen.instruction && clues.seen.core_size == 0 && !pattern.starts_with('|')) {
    return phrase("no core: its RLIMIT_CORE was 0");
  }
  return phrase("no core was dumped");
}

}  // namespace stapkill
