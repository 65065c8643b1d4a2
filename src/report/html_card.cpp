#include <fmt/format.h>

#include <algorithm>

#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/words.h"
#include "verdict/causes.h"
#include "verdict/process_words.h"
#include "verdict/suspicion.h"

namespace stapkill::html {
namespace {

constexpr std::size_t kMostSentence = 1'000, kMostCommand = 400, kMostSteps = 16, kMostParents = 20, kMostEvidence = 30,
                      kMostDepth = 11;

/// Adds up what the strings of one card take.
class Cost {
 public:
  std::string operator()(std::string text) {
    bytes_ += cost(text);
    return text;
  }
  void row(std::size_t markup) { bytes_ += markup; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_ = 0;
};

constexpr std::size_t kStepMarkup = 420, kRowMarkup = 90, kCardMarkup = 900;

/// The step as a stop of the path. `next`: when the following stop was reached.
Data stop(const ChainStep& step, Time next, bool first, Cost& count) {
  Data data;
  data.set("who", count(words::who(step)));
  auto command = step.process ? words::command(*step.process, kMostCommand) : std::string();
  data.set("command", count(command));
  data.set("has_command", Data(!command.empty()));
  data.set("deed", count(words::deed(step)));
  data.set("time", count(words::clock(step.time)));
  data.set("gap", count(step.time && next > step.time ? words::span(next - step.time) : ""));
  data.set("has_gap", Data(step.time != 0 && next > step.time));
  data.set("likely", Data(step.confidence != Confidence::certain));
  data.set("first", Data(first));
  count.row(kStepMarkup);
  return data;
}

/// A cause without a step of somebody: what the kernel did.
Data kernel_stop(const DeathRecord& death, Cost& count) {
  Data data;
  data.set("who", count(tr("the kernel")));
  data.set("has_command", Data(false));
  data.set("deed", count(std::string(tr_from(text_of(death.verdict.cause).because))));
  data.set("time", count(words::clock(death.time)));
  data.set("has_gap", Data(false));
  data.set("likely", Data(death.verdict.confidence != Confidence::certain));
  data.set("first", Data(true));
  count.row(kStepMarkup);
  return data;
}

Data path(const DeathRecord& death, Cost& count) {
  Data stops(Data::type::list);
  const auto& chain = death.verdict.chain;
  auto shown = std::min(chain.size(), kMostSteps);
  for (std::size_t at = 0; at < shown; ++at)
    stops.push_back(stop(chain[at], at + 1 < chain.size() ? chain[at + 1].time : death.time, at == 0, count));
  if (chain.empty() && death.verdict.by == By::kernel && death.verdict.cause != Cause::exit &&
      death.verdict.cause != Cause::unknown)
    stops.push_back(kernel_stop(death, count));
  return stops;
}

void add_fact(Data& facts, std::string_view label, const std::string& value, bool code, Cost& count) {
  if (value.empty()) return;
  Data fact;
  fact.set("label", std::string(tr_from(label)));
  fact.set("value", count(value));
  fact.set("code", Data(code));
  count.row(kRowMarkup);
  facts.push_back(fact);
}

Data facts_of(const DeathRecord& death, Cost& count) {
  Data facts(Data::type::list);
  const Verdict& verdict = death.verdict;
  const Process& process = *death.process;
  auto add = [&](std::string_view label, const std::string& value, bool code = false) {
    add_fact(facts, label, value, code, count);
  };
  add(msgid("Host"), words::host(process.host));
  add(msgid("Time"), words::date(death.time) + " UTC");
  add(msgid("Ended by"), words::ending(death.wait_status));
  add(msgid("Cause"), tr("{}: {}", name_of(verdict.cause), tr_from(text_of(verdict.cause).because)));
  add(msgid("Killer"), verdict.killer ? words::name(*verdict.killer) : "");
  add(msgid("Asked first"), verdict.initiator ? words::name(*verdict.initiator) : "");
  add(msgid("Command"), words::command(process, kMostCommand), true);
  add(msgid("Directory"), words::shortened(process.cwd.value_or(""), kMostCommand), true);
  add(msgid("User"), words::user(process));
  add(msgid("Cgroup"), words::shortened(process.cgroup.value_or(""), kMostCommand), true);
  add(msgid("Parent"), death.parent ? words::name(*death.parent) : "");
  if (process.started) add(msgid("Lived"), words::span(std::max<Time>(0, death.time - process.started)));
  return facts;
}

Data flags_of(const Process& process, Cost& count) {
  std::vector<std::string> reasons;
  for (const auto& flag : process.flags) {
    Phrase reason = reason_of(flag, process);
    reasons.push_back(count(words::shortened(reason.empty() ? flag : reason.local(), kMostCommand)));
    count.row(kRowMarkup);
  }
  return texts(reasons);
}

Data branch(const Process& process, std::size_t depth, bool self, Cost& count) {
  Data data;
  data.set("depth", std::to_string(std::min(depth, kMostDepth)));
  data.set("name", count(words::name(process)));
  auto command = words::command(process, 160);
  data.set("command", count(command));
  data.set("has_command", Data(!command.empty()));
  data.set("user", count(words::user(process)));
  data.set("ended", Data(process.ended));
  data.set("self", Data(self));
  data.set("flags", flags_of(process, count));
  count.row(2 * kRowMarkup);
  return data;
}

/// From pid 1 down to the killer, or to the process itself.
Data tree_of(const DeathRecord& death, Cost& count) {
  Data tree(Data::type::list);
  std::size_t depth = 0, left = death.ancestry->size();
  for (auto at = death.ancestry->rbegin(); at != death.ancestry->rend(); ++at, --left) {
    if (left <= kMostParents) tree.push_back(branch(**at, depth++, false, count));
  }
  tree.push_back(branch(death.verdict.killer ? *death.verdict.killer : *death.process, depth, true, count));
  return tree;
}

std::vector<std::string> counted(const std::vector<Phrase>& all, std::size_t most, Cost& count) {
  std::vector<std::string> shown;
  for (const auto& text : all) {
    if (shown.size() == most) {
      shown.push_back(tr("and {} more", all.size() - most));
      break;
    }
    shown.push_back(count(words::shortened(text.local(), kMostSentence)));
    count.row(kRowMarkup);
  }
  return shown;
}

}  // namespace

std::size_t cost(std::string_view text) {
  return html_text(text).size();
}

Data texts(const std::vector<std::string>& all) {
  Data list(Data::type::list);
  for (const auto& text : all) list.push_back(Data("text", text));
  return list;
}

Data card(const Incident& incident, int number, std::size_t& bytes) {
  const DeathRecord& death = *incident.death;
  const Verdict& verdict = death.verdict;
  Cost count;
  Data data;
  data.set("kind", std::string(death.wait_status == 0 ? "clean" : "bad"));
  data.set("number", std::to_string(number));
  data.set("sentence", count(words::shortened(verdict.summary.local(), kMostSentence)));
  data.set("confidence", std::string(name_of(verdict.confidence)));
  data.set("sureness", words::confidence(verdict.confidence));
  auto place = words::host(death.process->host);
  data.set("has_place", Data(!place.empty()));
  data.set("place", count(place));
  data.set("followers", texts(counted(incident.followers, kMostEvidence, count)));
  data.set("stops", path(death, count));
  data.set("more_stops",
           verdict.chain.size() > kMostSteps
               ? Data(words::count(verdict.chain.size() - kMostSteps, msgid("{} more step"), msgid("{} more steps")))
               : Data(false));
  data.set("has_more_stops", Data(verdict.chain.size() > kMostSteps));
  data.set("name", count(words::name(*death.process)));
  data.set("ending", count(words::ending(death.wait_status)));
  data.set("time", words::clock(death.time));
  data.set("facts", facts_of(death, count));
  data.set("tree_of", count(verdict.killer ? words::name(*verdict.killer) : words::name(*death.process)));
  data.set("tree", tree_of(death, count));
  data.set("evidence", texts(counted(verdict.evidence, kMostEvidence, count)));
  data.set("has_evidence", Data(!verdict.evidence.empty()));
  bytes = count.bytes() + kCardMarkup;
  return data;
}

}  // namespace stapkill::html
