#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>
#include <limits>

#include "base/time.h"
#include "report/cascades.h"
#include "report/renderer.h"
#include "report/routine.h"
#include "report/text_parts.h"
#include "report/words.h"

namespace stapkill {
namespace {

constexpr Time kCountEvery = 10'000'000;  // for the count of a cascade

/// The summary counts what was shown. A recorded stream can lack records that its summary counts.
std::uint64_t shown(std::uint64_t all, std::uint64_t left_out) {
  return all > left_out ? all - left_out : 0;
}

/// As a stream has it: text says the same of a record and of its JSON.
double rounded(double value, double steps) {
  return std::round(value * steps) / steps;
}

ProcessPtr death_in(const Record& record) {
  const auto* death = std::get_if<DeathRecord>(&record);
  return death ? death->process : nullptr;
}

class TextRenderer : public Renderer {
 public:
  explicit TextRenderer(const TextStyle& style) : lines_(style) {}

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
  /// Before a line about the session itself.
  std::string own_lead() const { return lines_.paint(Ink::own, lines_.glyphs().session) + ' '; }
  std::string warning_lead() const { return lines_.paint(Ink::warning, lines_.glyphs().warning) + ' '; }

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

  /// The targets that are there.
  std::string watched(const ArmedRecord& record) const {
    constexpr std::size_t most = 8;
    if (record.watching.empty()) return tr("for new processes");
    std::string text;
    for (std::size_t i = 0; i < record.watching.size() && i < most; ++i)
      text += (i ? ", " : "") + lines_.name(*record.watching[i]);
    return record.watching.size() > most ? tr("{} and {} more", text, record.watching.size() - most) : text;
  }

  void write(const ArmedRecord& record, std::string& out) {
    constexpr double second = 1000;  // ms
    double arm_ms = rounded(record.arm_ms, 10);
    std::string text = tr("{}, ", lines_.safe(record.toolchain));
    if (!record.kernel.empty()) text += tr("kernel {}, ", lines_.safe(record.kernel));
    if (record.from_cache) text += *record.from_cache ? tr("module from cache, ") : tr("module compiled, ");
    auto after = arm_ms < second ? fmt::format("{:.0f} ms", arm_ms) : fmt::format("{:.1f} s", arm_ms / second);
    text += tr("armed in {}; watching {}", after, watched(record));
    lines_.line(own_lead(), text, out);
  }

  void write(const SignalRecord& record, std::string& out) {
    if (text::is_noise(record, lines_.style())) {
      ++signals_left_out_;
      return;
    }
    // A bystander is not shown, nor a sender that was shown a moment ago.
    bool details = (record.by != By::kernel && !shown_lately(record)) || lines_.style().verbose;
    text::write_signal(lines_, record, details, out);
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

  /// The line about counted deaths: below the death that was shown, or with its name where other lines came in between.
  void say_counted(Time now, std::string& out) {
    auto counted = cascades_.over(now);
    auto routine = routine_.over(now);
    counted.insert(counted.end(), routine.begin(), routine.end());
    for (const auto& line : counted) {
      auto text = lines_.safe(line.text.local());
      if (line.head == above_) {
        lines_.line(kIndent, text, out);
      } else {
        lines_.line(lines_.paint(Ink::death, lines_.glyphs().death) + ' ',
                    tr("{}: {}", lines_.paint(Ink::name, lines_.name(*line.head)), text), out);
      }
      above_ = line.head;
    }
  }

  void write(const DeathRecord& record, std::string& out) {
    if (text::is_noise(record, lines_.style())) {
      ++deaths_left_out_;
      return;
    }
    bool verbose = lines_.style().verbose;
    if (!verbose && whole_container_ && routine_.counts(record)) return;
    if (!verbose && cascades_.counts(record)) return;
    text::write_death(lines_, record, out);
  }

  void write(const TraceRecord& record, std::string& out) {
    constexpr std::string_view kinds[] = {"fork", "exec", "exit"};
    std::string text = fmt::format("{} {}", kinds[static_cast<int>(record.kind)], lines_.name(*record.process));
    if (record.parent) text = tr("{}   by {}", text, lines_.name(*record.parent));
    if (record.kind == TraceRecord::Kind::exec) text += "   " + lines_.short_command(*record.process, kIndent.size());
    lines_.line(clock_time(record.time) + "  ", text, out);
  }

  void write(const LossRecord& record, std::string& out) {
    lines_.line(warning_lead(), tr("{} lost: {}", words::events(record.count), lines_.safe(record.where.local())), out);
  }

  void write(const DiagnosticRecord& record, std::string& out) {
    lines_.line(warning_lead(), lines_.safe(record.message.local()), out);
    if (!record.remedy.empty()) lines_.line("  ", lines_.safe(record.remedy.local()), out);
  }

  void write(const ContainerRecord& record, std::string& out) {
    if (record.process && record.what != ContainerRecord::What::ended) routine_.show_end_of(*record.process);
    text::write_container(lines_, record, out);
  }

  void write(const SummaryRecord& record, std::string& out) {
    say_counted(std::numeric_limits<Time>::max(), out);
    auto signals = words::signals(shown(record.signals, signals_left_out_));
    auto deaths = words::deaths(shown(record.deaths, deaths_left_out_));
    auto lost = words::events(record.lost);
    auto seconds = fmt::format("{:.1f}", rounded(record.duration_s, 1000));
    auto restarts =
        words::count(record.restarts.value_or(0), msgid("{} container restart"), msgid("{} container restarts"));
    lines_.line(own_lead(),
                record.restarts ? tr("{}, {}, {}, {} lost in {} s", signals, deaths, restarts, lost, seconds)
                                : tr("{}, {}, {} lost in {} s", signals, deaths, lost, seconds),
                out);
  }

  struct Shown {
    ProcessPtr sender;
    Time time = 0;
  };

  TextLines lines_;
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
