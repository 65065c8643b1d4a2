#include "verdict/asked.h"

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
Phrase client_text(const Request& request, const Surroundings& around) {
  const Process& client = *request.client;
  return phrase("`{}` ({} {})", command_line(client), client.comm, client.pid) +
         story_of_client(client, *request.ancestry, around.lookups);
}

Phrase sentence_of(const std::vector<Asker>& asked, const Surroundings& around) {
  auto first = client_text(*asked.front().request, around);
  Phrase text = asked.front().certain ? phrase("; asked by {}", first) : phrase("; probably asked by {}", first);
  for (auto one = asked.begin() + 1; one != asked.end(); ++one)
    text += phrase(", or by {}", client_text(*one->request, around));
  return text;
}

Phrase evidence_of(const Asker& asked, Time acted) {
  const Request& request = *asked.request;
  Phrase text = phrase("{} {} connected to {}, {} before", clock_time(request.time), name_and_pid(*request.client),
                       request.socket, duration_text(acted - request.boot));
  return text + (asked.certain ? phrase("; its command names what ended")
                               : phrase("; likely: that it asked for this was not seen"));
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
    verdict.summary += sentence_of(asked, around);
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
