#include <fmt/format.h>

#include <unordered_map>

#include "base/signals.h"
#include "report/html_parts.h"
#include "report/words.h"

namespace stapkill::html {
namespace {

constexpr std::size_t kDeathMarkup = 44, kLinkMarkup = 24, kSignalMarkup = 60;

std::string maybe_name(const ProcessPtr& process) {
  return process ? words::name(*process) : "–";
}

/// Takes `bytes` from the room; false where they do not fit.
bool take(std::size_t& room, std::size_t bytes) {
  if (bytes > room) return false;
  room -= bytes;
  return true;
}

}  // namespace

Data signal_rows(const Digest& digest, std::size_t room, std::size_t& left) {
  Data rows(Data::type::list);
  left = digest.signals().size();
  for (const auto& signal : digest.signals()) {
    std::string sender = words::name(*signal.sender), target = words::name(*signal.target), how = words::how(signal);
    auto bytes = kSignalMarkup + cost(sender) + cost(target) + cost(how) + 24;
    if (!take(room, bytes)) break;
    Data row;
    row.set("time", words::clock(signal.time));
    row.set("signal", signal_name(signal.number));
    row.set("sender", sender);
    row.set("target", target);
    row.set("how", how);
    row.set("bystander", Data(signal.by == By::kernel));
    rows.push_back(row);
    --left;
  }
  return rows;
}

Data death_rows(const Digest& digest, const std::vector<Incident>& incidents, std::size_t cards, std::size_t room,
                std::size_t& left) {
  std::unordered_map<const DeathRecord*, std::size_t> links;
  for (std::size_t at = 0; at < incidents.size() && at < cards; ++at) links[incidents[at].death] = at + 1;
  Data rows(Data::type::list);
  left = digest.deaths().size();
  for (const auto& death : digest.deaths()) {
    std::string name = words::name(*death.process), ending = words::ending(death.wait_status);
    std::string killer = maybe_name(death.verdict.killer), initiator = maybe_name(death.verdict.initiator);
    auto link = links.find(&death);
    auto bytes = kDeathMarkup + cost(name) + cost(ending) + cost(killer) + cost(initiator) + 24 +
                 (link == links.end() ? 0 : kLinkMarkup);
    if (!take(room, bytes)) break;
    Data row;
    row.set("time", words::clock(death.time));
    row.set("name", name);
    row.set("card", link == links.end() ? Data(false) : Data(std::to_string(link->second)));
    row.set("has_card", Data(link != links.end()));
    row.set("cause", std::string(name_of(death.verdict.cause)));
    row.set("ending", ending);
    row.set("killer", killer);
    row.set("initiator", initiator);
    row.set("confidence", words::confidence(death.verdict.confidence));
    rows.push_back(row);
    --left;
  }
  return rows;
}

}  // namespace stapkill::html
