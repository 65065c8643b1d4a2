#include "autopsy/inquest/party_words.h"

#include <fmt/format.h>

#include "base/signals.h"

namespace stapkill {
namespace {

constexpr std::size_t kShownDigits = 12;  // of a container's id

Phrase container_words(const Party& party) {
  auto name = party.container_name.empty() ? party.container.substr(0, kShownDigits) : party.container_name;
  auto text = name.empty() ? Phrase() : phrase("container {}", name);
  if (party.pod.empty()) return text;
  return text.empty() ? phrase("a process of pod {}", party.pod) : phrase("{} of pod {}", text, party.pod);
}

std::string name_of(const Party& party) {
  if (!party.comm.empty()) return party.comm;
  return party.exe.substr(party.exe.rfind('/') + 1);
}

}  // namespace

Phrase words_for(const Party& party) {
  auto name = name_of(party);
  if (party.pid && name.empty()) {
    auto container = container_words(party);
    return container.empty() ? phrase("pid {}", party.pid) : phrase("{} (pid {})", container, party.pid);
  }
  if (party.pid) return fmt::format("{}({})", name, party.pid);
  auto shown = name.empty() ? phrase("a process") : Phrase(name);
  if (party.tid) return phrase("{}(thread {})", shown, party.tid);
  if (auto container = container_words(party); !container.empty()) return container;
  // A user's own scope is in a cgroup below the unit that the system knows.
  if (auto leaf = party.cgroup.substr(party.cgroup.rfind('/') + 1); !leaf.empty() && leaf != party.unit && name.empty())
    return phrase("cgroup {}", party.cgroup);
  if (!party.unit.empty()) return party.unit;
  return shown;
}

Phrase actor_words(const Party& party) {
  auto text = words_for(party);
  if (party.uid) text += phrase(", uid {}", *party.uid);
  if (party.loginuid && party.loginuid != party.uid) text += phrase(", login uid {}", *party.loginuid);
  return text;
}

Phrase end_words(const FoundDeath& death) {
  if (death.signal && !death.signal_inferred) return phrase("was killed by {}", signal_name(death.signal));
  if (!death.status) return phrase("ended");
  if (!death.signal) return phrase("exited with status {}", *death.status);
  return phrase("ended with status {} ({}, or the program's own status)", *death.status, signal_name(death.signal));
}

}  // namespace stapkill
