#include "report/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "report/markdown_text.h"
#include "report/renderer.h"
#include "report/words.h"
#include "verdict/causes.h"
#include "verdict/suspicion.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostSentence = 900, kMostCommand = 300, kMostLines = 24, kMostRows = 100;
constexpr std::size_t kForDescriptions = 32'000, kForTable = 50'000,  // the text's length after that part, at most
    kForLimits = 54'000, kForHosts = 6'000, kForFold = 200;

std::string name(const Process& process) {
  return markdown_code(words::name(process), MarkdownPlace::cell);
}

/// "`db1`: text" where there are several hosts.
std::string on_host(const HostPtr& host, const std::string& text) {
  auto where = words::host(host);
  return where.empty() ? text : tr("{}: {}", markdown_code(where), text);
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
  auto sentence = markdown_prose(words::shortened(death.verdict.summary.local(), kMostSentence));
  auto where = words::host(death.process->host);
  std::string out = where.empty()
                        ? tr("> {}: {}", verdict_word(death.verdict.confidence), sentence)
                        : tr("> {}, on {}: {}", verdict_word(death.verdict.confidence), markdown_code(where), sentence);
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
  std::size_t rows = 0, room = kForTable - (digest.has_hosts() ? kForHosts : 0);
  for (const auto& death : digest.deaths()) {
    if (rows == kMostRows) break;
    auto line = row(death);
    if (out.size() + line.size() > room) break;
    out += line;
    ++rows;
  }
  out += '\n';
  return digest.deaths().size() - rows;
}

std::string host_lines(const Digest& digest, const HostPtr& host) {
  std::string out;
  auto line = [&](std::string_view label, const std::string& value) {
    if (!value.empty())
      out += tr("- {}: {}", tr_from(label), markdown_code(words::shortened(value, kMostCommand))) + '\n';
  };
  if (const auto* session = digest.session(host)) {
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
  const auto* summary = digest.has_hosts() ? digest.summary(host) : nullptr;
  if (summary) line(msgid("Ended"), words::date(summary->time) + " UTC");
  if (const auto* armed = digest.armed(host)) line(msgid("Probes"), armed->toolchain);
  return out;
}

/// Of several hosts each has its name above its lines.
std::string all_host_lines(const Digest& digest, std::size_t room) {
  std::string out;
  std::size_t count = 0;
  for (const auto& host : digest.hosts()) {
    auto lines = host_lines(digest, host);
    if (digest.has_hosts()) lines = fmt::format("{}\n\n{}\n", markdown_code(words::host(host)), lines);
    if (out.size() + lines.size() > room) break;
    out += lines;
    ++count;
  }
  if (count < digest.hosts().size() && digest.has_hosts())
    out += tr("{} not in this text.", words::more_hosts(digest.hosts().size() - count)) + '\n';
  return out;
}

/// Losses, and what stapkill had to say: above the rest, because they limit what the report can know.
void write_limits(const Digest& digest, std::size_t left, std::string& out) {
  std::string list;
  if (digest.has_hosts()) list += "- " + words::clocks() + '\n';
  if (left) list += tr("- {} not in this text.", words::more_deaths(left)) + '\n';
  for (const auto& part : digest.left_out()) list += tr("- Left out: {}.", part) + '\n';
  std::size_t lines = 0, most = kForLimits - (digest.has_hosts() ? kForHosts : 0),
              room = most - std::min(most, out.size());
  auto add = [&](const std::string& line) {
    if (++lines <= kMostLines && list.size() + line.size() < room) list += "- " + line + '\n';
  };
  for (const auto& loss : digest.losses()) {
    auto text = tr("{} UTC: {} lost: {}", words::clock(loss.time), words::events(loss.count),
                   markdown_code(words::shortened(loss.where.local(), kMostCommand)));
    add(on_host(loss.origin.host, text));
  }
  for (const auto& note : digest.notes()) {
    auto text = markdown_code(words::shortened(note.message.local(), kMostCommand));
    text = note.level == DiagnosticRecord::Level::error ? tr("Error: {}", text) : tr("Warning: {}", text);
    add(on_host(note.origin.host, text));
  }
  if (!list.empty()) out += tr("What this report may lack:") + "\n\n" + list + '\n';
}

std::string title(const Digest& digest) {
  auto deaths = digest.death_count();
  std::string text = "### stapkill: " + (deaths ? words::deaths(deaths) : tr("no deaths"));
  if (digest.has_hosts()) {
    std::string names;
    for (const auto& one : words::host_names(digest.hosts())) names += (names.empty() ? "" : ", ") + markdown_code(one);
    return tr("{} on {}: {}", text, words::hosts(digest.hosts().size()), names) + "\n\n";
  }
  const auto* session = digest.hosts().empty() ? nullptr : digest.session(digest.hosts().front());
  if (session && !session->hostname.empty())
    text = tr("{} on {}", text, markdown_code(words::shortened(session->hostname, kMostCommand)));
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
  if (auto duration = digest.duration_s())
    out += tr("{}, {}, {} lost in {} s", words::signals(digest.signal_count()), words::deaths(digest.death_count()),
              words::events(digest.lost()), fmt::format("{:.1f}", *duration)) +
           "\n\n";
  write_folded(tr("Host and versions"),
               all_host_lines(digest, kMostMarkdown - kForFold - std::min(kMostMarkdown - kForFold, out.size())), out);
  return out;
}

std::unique_ptr<Renderer> make_markdown_renderer(bool harmless) {
  return std::make_unique<MarkdownRenderer>(harmless);
}

}  // namespace stapkill
