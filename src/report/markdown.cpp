#include "report/markdown.h"

#include <fmt/format.h>

#include <memory>

#include "report/markdown_text.h"
#include "report/renderer.h"
#include "report/words.h"
#include "verdict/causes.h"
#include "verdict/suspicion.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostSentence = 900, kMostCommand = 300, kMostLines = 24, kMostRows = 100;
constexpr std::size_t kForDescriptions = 32'000, kForTable = 50'000;  // the text's length after that part, at most

std::string name(const Process& process) {
  return markdown_code(words::name(process), MarkdownPlace::cell);
}

std::string maybe_name(const ProcessPtr& process) {
  return process ? name(*process) : "–";
}

void write_steps(const DeathRecord& death, std::string& out) {
  int number = 0;
  for (const auto& step : death.verdict.chain) {
    out += fmt::format("{}. {} UTC: {} {}", ++number, words::clock(step.time), markdown_code(words::who(step)),
                       markdown_prose(words::deed(step)));
    if (step.confidence == Confidence::likely) out += tr(" (likely)");
    auto command = step.process ? words::command(*step.process, kMostCommand) : std::string();
    if (!command.empty()) out += tr(", running {}", markdown_code(command));
    out += '\n';
  }
  if (number)
    out += fmt::format("{}. {} UTC: {}\n", number + 1, words::clock(death.time),
                       tr("{} ended: {}", name(*death.process), words::ending(death.wait_status)));
}

/// What makes the killer or an ancestor suspicious.
void write_flags(const DeathRecord& death, std::string& out) {
  auto write = [&](const Process& process) {
    for (const auto& flag : process.flags) {
      Phrase reason = reason_of(flag, process);
      out += tr("- Look at {}: {}", name(process),
                markdown_prose(words::shortened(reason.empty() ? flag : reason.local(), kMostCommand))) +
             '\n';
    }
  };
  if (death.verdict.killer) write(*death.verdict.killer);
  for (const auto& ancestor : *death.ancestry) write(*ancestor);
}

void write_folded(std::string_view title, const std::string& lines, std::string& out) {
  if (lines.empty()) return;
  out += fmt::format("<details><summary>{}</summary>\n\n{}\n</details>\n\n", title, lines);
}

void write_evidence(const DeathRecord& death, std::string& out) {
  std::string lines;
  const auto& all = death.verdict.evidence;
  for (std::size_t at = 0; at < all.size() && at < kMostLines; ++at)
    lines += tr("- Seen: {}", markdown_prose(words::shortened(all[at].local(), kMostSentence))) + '\n';
  if (all.size() > kMostLines) lines += tr("- and {} more", all.size() - kMostLines) + '\n';
  if (!death.ancestry->empty()) {
    lines +=
        tr("- Parents of {}, from the first:", name(death.verdict.killer ? *death.verdict.killer : *death.process));
    std::size_t left = death.ancestry->size();
    for (auto at = death.ancestry->rbegin(); at != death.ancestry->rend(); ++at, --left) {
      if (left <= kMostLines) lines += ' ' + name(**at);
    }
    lines += '\n';
  }
  auto command = words::command(*death.process, kMostCommand);
  if (!command.empty()) lines += tr("- Command of {}: {}", name(*death.process), markdown_code(command)) + '\n';
  write_folded(tr("Evidence"), lines, out);
}

/// Begins a line: a number that a sentence began with would begin a list.
std::string_view verdict_word(Confidence confidence) {
  return tr_from(confidence == Confidence::certain  ? msgid("Certain")
                 : confidence == Confidence::likely ? msgid("Likely")
                                                    : msgid("Not known"));
}

std::string description(const Incident& incident) {
  const DeathRecord& death = *incident.death;
  std::string out = tr("> {}: {}", verdict_word(death.verdict.confidence),
                       markdown_prose(words::shortened(death.verdict.summary.local(), kMostSentence)));
  out += "\n\n";
  std::string list;
  for (const auto& line : incident.followers)
    list += tr("- With it: {}", markdown_prose(words::shortened(line.local(), kMostSentence))) + '\n';
  write_flags(death, list);
  write_steps(death, out);
  if (!death.verdict.chain.empty()) out += '\n';
  out += list.empty() ? "" : list + '\n';
  write_evidence(death, out);
  return out;
}

std::string row(const DeathRecord& death) {
  const Verdict& verdict = death.verdict;
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", words::date(death.time), name(*death.process),
                     markdown_code(name_of(verdict.cause)), words::ending(death.wait_status),
                     maybe_name(verdict.killer), maybe_name(verdict.initiator), words::confidence(verdict.confidence));
}

std::size_t write_table(const Digest& digest, std::string& out) {
  if (digest.deaths().empty()) return 0;
  out += tr("| Time (UTC) | Process | Cause | Ended by | Killer | Asked first | Verdict |");
  out += "\n|---|---|---|---|---|---|---|\n";
  std::size_t rows = 0;
  for (const auto& death : digest.deaths()) {
    if (rows == kMostRows) break;
    auto line = row(death);
    if (out.size() + line.size() > kForTable) break;
    out += line;
    ++rows;
  }
  out += '\n';
  return digest.deaths().size() - rows;
}

std::string host_lines(const Digest& digest) {
  std::string out;
  auto line = [&](std::string_view label, const std::string& value) {
    if (!value.empty())
      out += tr("- {}: {}", tr_from(label), markdown_code(words::shortened(value, kMostCommand))) + '\n';
  };
  if (const auto& session = digest.session()) {
    line(msgid("Host"), session->hostname);
    line(msgid("Kernel"), session->kernel + ' ' + session->arch);
    line(msgid("Boot"), session->boot_id);
    line(msgid("Program"), tr("stapkill {}, backend {}", session->version, session->backend));
    std::string targets;
    for (const auto& [kind, values] : session->targets)
      targets += (targets.empty() ? "--" : " --") + kind + (values.empty() ? "" : ' ' + values.front()) +
                 (values.size() > 1 ? " …" : "");
    line(msgid("Watched"), targets);
    line(msgid("Began"), words::date(session->time) + " UTC");
  }
  if (const auto& armed = digest.armed()) line(msgid("Probes"), armed->toolchain);
  return out;
}

/// Losses, and what stapkill had to say: above the rest, because they limit what the report can know.
void write_limits(const Digest& digest, std::size_t left, std::string& out) {
  std::string list;
  if (left) list += tr("- {} not in this text.", words::more_deaths(left)) + '\n';
  for (const auto& part : digest.left_out()) list += tr("- Left out: {}.", part) + '\n';
  std::size_t lines = 0;
  for (const auto& loss : digest.losses()) {
    if (++lines > kMostLines) break;
    list += tr("- {} UTC: {} lost: {}", words::clock(loss.time), words::events(loss.count),
               markdown_code(words::shortened(loss.where.local(), kMostCommand))) +
            '\n';
  }
  for (const auto& note : digest.notes()) {
    if (++lines > kMostLines) break;
    auto text = markdown_code(words::shortened(note.message.local(), kMostCommand));
    list += (note.level == DiagnosticRecord::Level::error ? tr("- Error: {}", text) : tr("- Warning: {}", text)) + '\n';
  }
  if (!list.empty()) out += tr("What this report may lack:") + "\n\n" + list + '\n';
}

std::string title(const Digest& digest) {
  auto deaths = digest.summary() ? digest.summary()->deaths : digest.deaths().size();
  std::string text = "### stapkill: " + (deaths ? words::deaths(deaths) : tr("no deaths"));
  if (digest.session() && !digest.session()->hostname.empty())
    text = tr("{} on {}", text, markdown_code(words::shortened(digest.session()->hostname, kMostCommand)));
  return text + "\n\n";
}

class MarkdownRenderer : public Renderer {
 public:
  explicit MarkdownRenderer(bool harmless) : digest_(harmless) {}

  void render(const Record& record, std::string& out) override {
    digest_.take(record);
    if (std::holds_alternative<SummaryRecord>(record)) out += markdown_report(digest_);
  }

 private:
  Digest digest_;
};

}  // namespace

std::string markdown_report(const Digest& digest) {
  std::string out = title(digest), descriptions;
  auto incidents = digest.incidents();
  std::size_t described = 0;
  for (const auto& incident : incidents) {
    auto text = description(incident);
    if (described > 0 && descriptions.size() + text.size() > kForDescriptions) break;
    descriptions += text;
    ++described;
  }
  out += descriptions;
  if (described < incidents.size())
    out += tr("{} only in the table.", words::more_deaths(incidents.size() - described)) + "\n\n";
  auto left = write_table(digest, out);
  write_limits(digest, left, out);
  if (digest.summary())
    out += tr("{}, {}, {} lost in {} s", words::signals(digest.signal_count()), words::deaths(digest.summary()->deaths),
              words::events(digest.lost()), fmt::format("{:.1f}", digest.summary()->duration_s)) +
           "\n\n";
  write_folded(tr("Host and versions"), host_lines(digest), out);
  return out;
}

std::unique_ptr<Renderer> make_markdown_renderer(bool harmless) {
  return std::make_unique<MarkdownRenderer>(harmless);
}

}  // namespace stapkill
