#include "cli/why/place.h"

#include <array>

namespace stapkill {
namespace {

/// What makes two processes runs of the same thing, the most specific first. A container's id is not among them: it has
/// a new one with each run, and so has its scope.
struct Bond {
  std::optional<std::string> Place::*value;
  std::string_view common;  ///< of two places that have the value {}
  bool is_one_thing;        ///< whatever runs there is part of it, under any name
  void (*set)(DeathQuery&, const std::string&);
};
constexpr Bond kBonds[] = {
    {&Place::name, msgid("the same container name, {}"), true,
     [](DeathQuery& query, const std::string& text) { query.container = text; }},
    {&Place::pod, msgid("the same pod, {}"), true,
     [](DeathQuery& query, const std::string& text) { query.pod = text; }},
    {&Place::unit, msgid("the same unit, {}"), true,
     [](DeathQuery& query, const std::string& text) { query.unit = text; }},
    {&Place::exe, msgid("the same program, {}"), false,
     [](DeathQuery& query, const std::string& text) { query.exe = text; }},
};

/// A session's scope, or a user's manager, holds all that somebody runs.
bool is_for_anything(const Bond& bond, const std::string& value) {
  return !bond.is_one_thing ||
         (bond.value == &Place::unit && (!value.ends_with(".service") || value.starts_with("user@")));
}

bool is_of_container(const Bond& bond, const Place& place) {
  return bond.value == &Place::unit && place.container;
}

bool fits_container(const std::string& word, const Place& place) {
  constexpr std::size_t shortest = 4;
  return word == place.name || word == place.container ||
         (word.size() >= shortest && place.container && place.container->starts_with(word));
}

}  // namespace

Place place_of(const StoredDeath& death) {
  return {death.comm, death.exe, death.unit, death.container, death.name, death.pod};
}

bool fits(const DeathQuery& query, const Place& place) {
  if (query.comm && query.comm != place.comm) return false;
  if (query.exe && query.exe != place.exe) return false;
  if (query.unit && query.unit != place.unit && *query.unit + ".service" != place.unit) return false;
  if (query.container && !fits_container(*query.container, place)) return false;
  return !query.pod || (place.pod && (*query.pod == *place.pod || place.pod->ends_with('/' + *query.pod)));
}

std::vector<SameThing> same_things(const Place& place) {
  std::vector<SameThing> all;
  for (bool same_name : {true, false}) {
    for (const auto& bond : kBonds) {
      const auto& value = place.*bond.value;
      if (!value || is_of_container(bond, place) || (!same_name && is_for_anything(bond, *value))) continue;
      SameThing one;
      bond.set(one.query, *value);
      if (same_name) one.query.comm = place.comm;
      one.words = same_name ? phrase("{} of {}", place.comm, *value) : phrase("of {}", *value);
      all.push_back(std::move(one));
    }
  }
  return all;
}

Phrase common_ground(const Place& one, const Place& other) {
  for (const auto& bond : kBonds) {
    const auto& value = one.*bond.value;
    if (!value || value != other.*bond.value || is_of_container(bond, one)) continue;
    if (is_for_anything(bond, *value) && one.comm != other.comm) continue;
    return Phrase::of(bond.common, std::array<Phrase, 1>{*value});
  }
  return {};
}

}  // namespace stapkill
