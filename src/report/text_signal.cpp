#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/columns.h"
#include "base/signals.h"
#include "base/time.h"
#include "report/text_parts.h"
#include "report/words.h"
#include "verdict/calls.h"
#include "verdict/process_words.h"
#include "verdict/suspicion.h"

namespace stapkill::text {
namespace {

constexpr std::size_t kMostCommandLines = 2;  // of a sender, on a terminal

/// "uid 0 (root), login alice, pts/3".
std::string user(const TextLines& lines, const Process& process) {
  std::string text = process.uid ? "" : tr("uid unknown");
  if (process.uid && process.user) {
    text = fmt::format("uid {} ({})", *process.uid, lines.safe(*process.user));
  } else if (process.uid) {
    text = fmt::format("uid {}", *process.uid);
  }
  if (process.login && process.login->uid >= 0)
    text += tr(", login {}", lines.safe(process.login_user.value_or(std::to_string(process.login->uid))));
  return process.tty.value_or("").empty() ? text : fmt::format("{}, {}", text, lines.safe(*process.tty));
}

/// Red only where the signal can end its target.
Ink ink_of(const SignalRecord& record) {
  return ends_by_default(record.number) && record.result != SignalResult::ignored ? Ink::death : Ink::name;
}

std::string target_of(const TextLines& lines, const SignalRecord& record) {
  auto name = lines.name(*record.target);
  bool thread = record.target_tid && record.target_tid != record.target->pid;
  return thread ? tr("{} thread {}", name, record.target_tid) : name;
}

void write_first(const TextLines& lines, const SignalRecord& record, std::string& out) {
  const Process& sender = *record.sender;
  auto signal = lines.paint(ink_of(record), signal_name(record.number));
  auto arrow = lines.glyphs().arrow;
  auto target = target_of(lines, record), how = lines.safe(words::how(record)), whose = user(lines, sender);
  auto name = lines.paint(Ink::name, lines.name(sender));
  bool bystander = record.by == By::kernel && !lines.style().verbose;
  if (!bystander) name = lines.mark(sender) + name;
  lines.line(clock_time(record.time) + "  ",
             record.by == By::process
                 ? tr("{} {} {}   {}   from {}, {}", signal, arrow, target, how, name, whose)
                 : tr("{} {} {}   {}   while running: {}, {}", signal, arrow, target, how, name, whose),
             out);
}

/// On a terminal at most two lines of it, if not everything is asked for.
std::vector<std::string> command_lines(const TextLines& lines, const std::string& command) {
  auto room = lines.room(kIndent.size());
  auto all = folded(command, room);
  if (all.size() <= kMostCommandLines || lines.style().verbose) return all;
  all.resize(kMostCommandLines);
  auto more = lines.glyphs().more;
  all.back() = fmt::format("{}{}", first_columns(all.back(), room - columns_of(more)), more);
  return all;
}

void write_command(const TextLines& lines, const Process& sender, std::string& out) {
  std::string command = lines.command(sender);
  if (command.empty() && sender.exe) command = lines.safe(*sender.exe);
  if (command.empty()) return;
  auto all = command_lines(lines, command);
  if (sender.cwd) all.back() = fmt::format("{}   cwd {}", all.back(), lines.safe(*sender.cwd));
  for (const auto& one : all) lines.line(kIndent, one, out);
}

/// A parent as the list has it: with the command line of an interpreter.
std::string parent(const TextLines& lines, const Process& process) {
  std::string text = lines.name(process);
  bool has_script = process.pid != 1 && is_interpreter(process) && process.argv->size() > 1;
  if (has_script) {
    auto used = kIndent.size() + columns_of(text) + columns_of(" › ▲ ");
    text = fmt::format("{} {}", text, lines.short_command(process, used));
  }
  return lines.mark(process) + (process.ended ? tr("{} (ended)", text) : text);
}

/// From pid 1 down to the sender. A line ends between two processes.
void write_ancestry(const TextLines& lines, const SignalRecord& record, std::string& out) {
  const auto& parents = *record.ancestry;
  if (parents.empty()) return;
  std::vector<std::string> names;
  std::transform(parents.rbegin(), parents.rend(), std::back_inserter(names),
                 [&](const ProcessPtr& one) { return parent(lines, *one); });
  names.push_back(lines.mark(*record.sender) + lines.name(*record.sender));
  auto room = lines.room(kIndent.size());
  std::string text;
  for (const auto& one : names) {
    auto piece = text.empty() ? one : fmt::format("{} {}", lines.glyphs().parent, one);
    if (room && !text.empty() && columns_of(text) + 1 + columns_of(piece) > room) {
      lines.line(kIndent, text, out);
      text = piece;
    } else {
      text += text.empty() ? piece : ' ' + piece;
    }
  }
  lines.line(kIndent, text, out);
}

/// The code that sent it. A script's line says more than its interpreter's functions.
void write_calls(const TextLines& lines, const SignalRecord& record, std::string& out) {
  auto calls = lines.style().verbose ? main_calls(record.frames) : main_calls(*record.sender, record.frames);
  if (!calls.empty()) lines.line(kIndent, tr("in {}", lines.safe(calls)), out);
}

/// What makes a process suspicious, on its own line; nothing for most.
void write_flags(const TextLines& lines, const Process& process, std::string& out) {
  std::string reasons;
  for (const auto& flag : process.flags) {
    Phrase reason = reason_of(flag, process);
    auto shown = lines.safe(reason.empty() ? flag : reason.local());
    reasons = reasons.empty() ? shown : tr("{}; {}", reasons, shown);
  }
  if (reasons.empty()) return;
  lines.line(std::string(kIndent) + lines.mark(process), tr("{}: {}", lines.name(process), reasons), out);
}

}  // namespace

void write_signal(const TextLines& lines, const SignalRecord& record, bool details, std::string& out) {
  write_first(lines, record, out);
  if (!details) return;
  write_command(lines, *record.sender, out);
  write_ancestry(lines, record, out);
  write_calls(lines, record, out);
  write_flags(lines, *record.sender, out);
  for (const auto& ancestor : *record.ancestry) write_flags(lines, *ancestor, out);
}

bool is_noise(const SignalRecord& record, const TextStyle& style) {
  return harmless_by_default(record.number) && !style.harmless;
}

}  // namespace stapkill::text
