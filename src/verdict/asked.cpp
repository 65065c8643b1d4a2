#include "verdict/asked.h"

#include <fmt/format.h>

#include <algorithm>

#include "verdict/chain.h"
#include "verdict/evidence.h"
#include "verdict/process_words.h"
#include "verdict/requests.h"
#include "verdict/story.h"

namespace stapkill {
namespace {

constexpr int kMostManagers = 3;  // one can ask the next: runc asks systemd

/// "`docker stop web` (docker 31), run by …".
std::string client_text(const Request& request, const Surroundings& around) {
  const Process& client = *request.client;
  return fmt::format("`{}` ({} {}){}", command_line(client), client.comm, client.pid,
                     story_of_client(client, *request.ancestry, around.lookups));
}

std::string sentence_of(const std::vector<Asker>& asked, const Surroundings& around) {
  std::string text = asked.front().certain ? "; asked by " : "; probably asked by ";
  for (const auto& one : asked) {
    if (&one != &asked.front()) text += ", or by ";
    text += client_text(*one.request, around);
  }
  return text;
}

std::string evidence_of(const Asker& asked, Time acted) {
  const Request& request = *asked.request;
  std::string text = fmt::format("{} {} connected to {}, {} before", clock_time(request.time),
                                 name_and_pid(*request.client), request.socket, duration_text(acted - request.boot));
  return asked.certain ? text + "; its command names what ended"
                       : text + "; likely: that it asked for this was not seen";
}

/// The first step that a process took to end the other.
const ChainStep* first_act(const std::vector<ChainStep>& chain, const Process& dead) {
  auto at = std::find_if(chain.begin(), chain.end(),
                         [&](const ChainStep& step) { return step.process && !same_process(*step.process, dead); });
  return at == chain.end() ? nullptr : &*at;
}

}  // namespace

void add_who_asked(Verdict& verdict, const Death& death, const Surroundings& around) {
  if (!around.requests || !death.boot) return;
  for (int turn = 0; turn < kMostManagers; ++turn) {
    const auto* act = first_act(verdict.chain, death.process);
    if (!act) return;
    Time boot = death.boot - (death.time - act->time);
    auto asked = who_asked({*act->process, *act->ancestry, death.process, boot}, *around.requests, around.lookups);
    if (asked.empty()) return;
    if (verdict.summary.ends_with('.')) verdict.summary.pop_back();
    verdict.summary += sentence_of(asked, around) + '.';
    std::vector<ChainStep> steps;
    for (const auto& one : asked) {
      verdict.evidence.push_back(evidence_of(one, boot));
      steps.push_back(step_of(one));
    }
    verdict.chain.insert(verdict.chain.begin(), steps.begin(), steps.end());
    verdict.initiator = initiator_of(verdict.chain, death.process);
  }
}

}  // namespace stapkill
