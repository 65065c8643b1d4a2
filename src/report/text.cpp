#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <limits>

#include "base/signals.h"
#include "base/time.h"
#include "report/cascades.h"
#include "report/renderer.h"
#include "report/routine.h"
#include "verdict/calls.h"
#include "verdict/exit_codes.h"
#include "verdict/origins.h"
#include "verdict/story.h"
#include "verdict/suspicion.h"

namespace stapkill {
namespace {

constexpr Time kCountEvery = 10'000'000;                // for the count of a cascade
constexpr std::string_view kIndent = "              ";  // as wide as the time and its blanks

struct Glyphs {
  std::string_view session, death, arrow, parent, warning;
};
constexpr Glyphs kUnicode = {"●", "✖", "→", " › ", "▲"};
constexpr Glyphs kAscii = {"*", "x", "->", " > ", "!"};

/// A text's width on a terminal, without colours.
std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  bool colour = false;
  for (char c : text) {
    if (c == '\033') colour = true;
    if (!colour) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    if (c == 'm') colour = false;
  }
  return count;
}

class TextRenderer : public Renderer {
 public:
  explicit TextRenderer(TextStyle style) : style_(style), glyphs_(style.utf8 ? kUnicode : kAscii) {}

  void render(const Record& record, std::string& out) override {
    std::visit(
        [&](const auto& value) {
          say_counted(value.time, out);
          auto before = out.size();
          write(value, out);
          if (out.size() != before) above_ = death_in(record);
        },
        record);
  }

  Time catch_up(Time now, std::string& out) override {
    say_counted(now, out);
    return cascades_.waits() || (whole_container_ && routine_.waits()) ? kCountEvery : 0;
  }

 private:
  std::string safe(std::string_view bytes) const { return printable(bytes, !style_.utf8); }
  std::string paint(std::string_view code, std::string_view text) const {
    return style_.color ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
  }
  std::string name(const Process& process) const {
    return safe(process.comm.empty() ? "?" : process.comm) + fmt::format("({})", process.pid);
  }
  /// The mark before the name of a process with flags.
  std::string mark(const Process& process) const {
    return process.flags.empty() ? std::string() : paint("33", glyphs_.warning) + ' ';
  }
  /// "uid 0 (root), login alice, pts/3".
  std::string user(const Process& process) const {
    std::string text = "uid unknown";
    if (process.uid) text = fmt::format("uid {}{}", *process.uid, process.user ? " (" + safe(*process.user) + ")" : "");
    if (process.login && process.login->uid >= 0)
      text += ", login " + safe(process.login_user.value_or(std::to_string(process.login->uid)));
    return process.tty.value_or("").empty() ? text : text + ", " + safe(*process.tty);
  }
  std::string command(const Process& process) const {
    if (!process.argv || process.argv->empty()) return {};
    std::string line = shell_words(*process.argv);
    line = safe(style_.verbose ? line : with_short_ids(line));
    std::size_t held = 0;
    for (const auto& word : *process.argv) held += word.size() + 1;
    if (process.argv_bytes > held) line += fmt::format(" ... ({} bytes in all)", process.argv_bytes);
    return line;
  }

  /// The summary counts what was shown. A recorded stream can lack records that its summary counts.
  static std::uint64_t shown(std::uint64_t all, std::uint64_t left_out) { return all > left_out ? all - left_out : 0; }

  /// As a stream has it: text says the same of a record and of its JSON.
  static double rounded(double value, double steps) { return std::round(value * steps) / steps; }

  static std::string count(std::uint64_t number, std::string_view what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
  }

  void write(const SessionRecord& record, std::string&) {
    for (const auto& [kind, values] : record.targets) {
      for (const auto& value : values) {
        int pid = 0;
        bool number = std::from_chars(value.data(), value.data() + value.size(), pid).ec == std::errc();
        if (kind == "pid" && number) cascades_.name(pid);
        whole_container_ = whole_container_ || kind == "container" || kind == "pod";
      }
    }
  }

  void write(const ArmedRecord& record, std::string& out) {
    double arm_ms = rounded(record.arm_ms, 10);
    out += paint("32", glyphs_.session) + ' ' + safe(record.toolchain) + ", ";
    if (!record.kernel.empty()) out += "kernel " + safe(record.kernel) + ", ";
    if (record.from_cache) out += *record.from_cache ? "module from cache, " : "module compiled, ";
    out += arm_ms < 1000 ? fmt::format("armed in {:.0f} ms; watching ", arm_ms)
                         : fmt::format("armed in {:.1f} s; watching ", arm_ms / 1000);
    constexpr std::size_t most = 8;
    for (std::size_t i = 0; i < record.watching.size() && i < most; ++i)
      out += (i ? ", " : "") + name(*record.watching[i]);
    if (record.watching.size() > most) out += fmt::format(" and {} more", record.watching.size() - most);
    if (record.watching.empty()) out += "for new processes";
    out += '\n';
  }

  void write(const SignalRecord& record, std::string& out) {
    if (harmless_by_default(record.number) && !style_.harmless) {
      ++signals_left_out_;
      return;
    }
    const Process& sender = *record.sender;
    out += clock_time(record.time) + "  " + paint("1;31", signal_name(record.number)) + ' ' +
           std::string(glyphs_.arrow) + ' ' + name(*record.target);
    if (record.target_tid && record.target_tid != record.target->pid)
      out += fmt::format(" thread {}", record.target_tid);
    out += "   " + how(record) + "   ";
    bool bystander = record.by == By::kernel && !style_.verbose;
    out += (record.by == By::process ? "from " : "while running: ") + (bystander ? "" : mark(sender)) +
           paint("1", name(sender)) + ", " + user(sender) + '\n';
    // A bystander is not shown, nor a sender that was shown a moment ago.
    if ((record.by == By::kernel || shown_lately(record)) && !style_.verbose) return;
    std::string line = command(sender);
    if (line.empty() && sender.exe) line = safe(*sender.exe);
    if (!line.empty()) out += std::string(kIndent) + line + (sender.cwd ? "   cwd " + safe(*sender.cwd) : "") + '\n';
    write_ancestry(record, out);
    write_calls(record, out);
    write_flags(sender, out);
    for (const auto& ancestor : *record.ancestry) write_flags(*ancestor, out);
  }

  /// Whether this sender was shown with its parents within the last ten seconds; remembers it as shown.
  bool shown_lately(const SignalRecord& record) {
    constexpr Time lately = 10'000'000'000;
    constexpr std::size_t most = 8;
    auto at = std::find_if(shown_.begin(), shown_.end(), [&](const Shown& one) { return one.sender == record.sender; });
    bool known = at != shown_.end() && record.time - at->time < lately;
    if (at != shown_.end()) shown_.erase(at);
    shown_.push_back({record.sender, record.time});
    if (shown_.size() > most) shown_.pop_front();
    return known;
  }

  std::string how(const SignalRecord& record) const {
    std::string text;
    if (record.by == By::kernel) {
      text = "kernel, " + safe(code_name(record));
    } else if (record.syscall) {
      text = safe(record.syscall->name) + "(2)";
      if (record.syscall->ret) text += fmt::format(" = {}", *record.syscall->ret);
    }
    if (record.result != SignalResult::delivered) {
      constexpr std::string_view results[] = {"", "ignored", "already pending", "queue full: dropped", "info lost"};
      text += fmt::format(", {}", results[static_cast<int>(record.result)]);
    }
    return text;
  }

  /// The code that sent it. A script's line says more than its interpreter's functions.
  void write_calls(const SignalRecord& record, std::string& out) const {
    auto calls = style_.verbose ? main_calls(record.frames) : main_calls(*record.sender, record.frames);
    if (!calls.empty()) out += fmt::format("{}in {}\n", kIndent, safe(calls));
  }

  /// From pid 1 down to the sender, with command lines of interpreters.
  void write_ancestry(const SignalRecord& record, std::string& out) const {
    const auto& parents = *record.ancestry;
    if (parents.empty()) return;
    std::string line(kIndent);
    std::size_t used = columns(line);
    auto add = [&](const Process& process, const std::string& text, bool first) {
      std::string piece = (first ? "" : std::string(glyphs_.parent)) + mark(process) + text;
      if (style_.width > 0 && !first && used + columns(piece) > static_cast<std::size_t>(style_.width)) {
        line += '\n' + std::string(kIndent);
        used = kIndent.size();
      }
      line += piece;
      used += columns(piece);
    };
    for (auto at = parents.rbegin(); at != parents.rend(); ++at) {
      const Process& process = **at;
      std::string text = name(process);
      bool has_script = process.pid != 1 && is_interpreter(process) && process.argv->size() > 1;
      if (has_script) text += ' ' + shorten(command(process));
      if (process.ended) text += " (ended)";
      add(process, text, at == parents.rbegin());
    }
    add(*record.sender, name(*record.sender), false);
    out += line + '\n';
  }

  /// What makes a process suspicious, on its own line; nothing for most.
  void write_flags(const Process& process, std::string& out) const {
    std::string reasons;
    for (const auto& flag : process.flags) {
      auto reason = reason_of(flag, process).english();
      reasons += (reasons.empty() ? ": " : "; ") + safe(reason.empty() ? flag : reason);
    }
    if (!reasons.empty()) out += std::string(kIndent) + mark(process) + name(process) + reasons + '\n';
  }

  static std::string shorten(std::string text) {
    constexpr std::size_t most = 120;
    if (columns(text) <= most) return text;
    std::size_t cut = most;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
    return text.substr(0, cut) + "...";
  }

  static ProcessPtr death_in(const Record& record) {
    const auto* death = std::get_if<DeathRecord>(&record);
    return death ? death->process : nullptr;
  }

  /// The line about counted deaths: below the death that was shown, or with its name where other lines came in between.
  void say_counted(Time now, std::string& out) {
    auto lines = cascades_.over(now);
    auto routine = routine_.over(now);
    lines.insert(lines.end(), routine.begin(), routine.end());
    for (const auto& line : lines) {
      out += line.head == above_ ? std::string(kIndent)
                                 : paint("1;31", glyphs_.death) + ' ' + paint("1", name(*line.head)) + ": ";
      out += safe(line.text.local()) + '\n';
      above_ = line.head;
    }
  }

  void write(const DeathRecord& record, std::string& out) {
    if (!style_.verbose && record.verdict.cause == Cause::exit && is_runtimes_step(*record.process)) {
      ++deaths_left_out_;
      return;
    }
    if (!style_.verbose && whole_container_ && routine_.counts(record)) return;
    if (!style_.verbose && cascades_.counts(record)) return;
    out += paint("1;31", glyphs_.death) + ' ' + paint("1", safe(record.verdict.summary.local()));
    if (record.verdict.confidence == Confidence::likely) out += " (likely)";
    out += '\n';
    if (record.verdict.cause != Cause::unknown && !style_.verbose) return;
    for (const auto& line : record.verdict.evidence) out += std::string(kIndent) + safe(line.local()) + '\n';
  }

  void write(const TraceRecord& record, std::string& out) {
    constexpr std::string_view kinds[] = {"fork", "exec", "exit"};
    out += clock_time(record.time) + "  " + std::string(kinds[static_cast<int>(record.kind)]) + ' ' +
           name(*record.process);
    if (record.parent) out += "   by " + name(*record.parent);
    if (record.kind == TraceRecord::Kind::exec) out += "   " + shorten(command(*record.process));
    out += '\n';
  }

  void write(const LossRecord& record, std::string& out) {
    out +=
        paint("33", glyphs_.warning) + fmt::format(" {} lost: {}\n", count(record.count, "event"), safe(record.where.local()));
  }

  void write(const DiagnosticRecord& record, std::string& out) {
    out += paint("33", glyphs_.warning) + ' ' + safe(record.message.local());
    if (!record.remedy.empty()) out += "\n  " + safe(record.remedy.local());
    out += '\n';
  }

  /// "container web of pod shop/cart-0 (containerd 0123456789ab)"; "container 0123456789ab (docker)".
  std::string name(const ContainerRecord& record) const {
    const Container& container = record.container;
    auto id = is_container_id(container.id) ? container.id.substr(0, 12) : safe(container.id);
    std::string text = "container " + (record.name.empty() ? id : safe(record.name)), known(container.runtime);
    if (!record.pod.empty()) text += " of pod " + safe(record.pod);
    if (!record.name.empty()) known += (known.empty() ? "" : " ") + id;
    return known.empty() ? text : text + " (" + known + ')';
  }

  void write(const ContainerRecord& record, std::string& out) {
    bool ended = record.what == ContainerRecord::What::ended;
    if (record.process && !ended) routine_.show_end_of(*record.process);
    out += paint(ended ? "33" : "32", glyphs_.session) + ' ' + name(record);
    if (record.what != ContainerRecord::What::present) out += ' ' + std::string(name_of(record.what));
    if (record.process) out += (ended ? ", with " : ": ") + mark(*record.process) + name(*record.process);
    if (record.process && !ended && !command(*record.process).empty()) out += "   " + shorten(command(*record.process));
    if (record.restarts) out += fmt::format("   ({} since the watch began)", count(record.restarts, "restart"));
    out += '\n';
    if (!record.last_status) return;
    out += std::string(kIndent) + fmt::format("its last run ended with {}", *record.last_status);
    if (!record.last_reason.empty()) out += " (" + safe(record.last_reason) + ')';
    auto meaning = container_meaning(*record.last_status, record.last_reason);
    out += meaning.empty() ? "\n" : ": " + std::string(meaning) + '\n';
  }

  void write(const SummaryRecord& record, std::string& out) {
    say_counted(std::numeric_limits<Time>::max(), out);
    out += fmt::format("{} {}, {}, ", paint("32", glyphs_.session),
                       count(shown(record.signals, signals_left_out_), "signal"),
                       count(shown(record.deaths, deaths_left_out_), "death"));
    if (record.restarts) out += count(*record.restarts, "container restart") + ", ";
    out += fmt::format("{} lost in {:.1f} s\n", count(record.lost, "event"), rounded(record.duration_s, 1000));
  }

  struct Shown {
    ProcessPtr sender;
    Time time = 0;
  };

  TextStyle style_;
  Glyphs glyphs_;
  std::deque<Shown> shown_;
  std::uint64_t signals_left_out_ = 0, deaths_left_out_ = 0;
  Cascades cascades_;
  Routine routine_;
  bool whole_container_ = false;  ///< a container's or a pod's processes are watched, whatever they are
  ProcessPtr above_;              ///< process whose death the last line showed; null: the line showed something else
};

}  // namespace

std::unique_ptr<Renderer> make_text_renderer(TextStyle style) {
  return std::make_unique<TextRenderer>(style);
}

}  // namespace stapkill
