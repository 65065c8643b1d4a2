#pragma once

#include <kainjow/mustache.hpp>
#include <string>
#include <vector>

#include "report/digest.h"

/// The parts of the page (templates/report/page.html) as data of mustache. Strings are as the processes gave them: the
/// template's {{name}} escapes each. A part keeps to its room, in bytes of HTML.
namespace stapkill::html {

using Data = kainjow::mustache::data;

/// What a text takes as HTML.
std::size_t cost(std::string_view text);

/// A list with {{text}} for each.
Data texts(const std::vector<std::string>& all);

/// One death: its sentence, the path to it, facts, ancestry, evidence. `number` counts from 1.
Data card(const Incident& incident, int number, std::size_t& bytes);

/// The time line's lanes and marks, from these deaths first; false where nothing can be drawn.
Data timeline(const Digest& digest, const std::vector<Incident>& incidents, std::size_t room);

/// All signals as rows, up to that room.
Data signal_rows(const Digest& digest, std::size_t room, std::size_t& left);

/// All deaths as rows, up to that room; the first `cards` incidents have a card to link to.
Data death_rows(const Digest& digest, const std::vector<Incident>& incidents, std::size_t cards, std::size_t room,
                std::size_t& left);

}  // namespace stapkill::html
