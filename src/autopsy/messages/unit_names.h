#pragma once

#include <string>
#include <string_view>

#include "autopsy/finding.h"

namespace stapkill {

/// Whether a text is a unit's name: the characters of systemd.unit(5), and a suffix of a unit's type.
bool is_unit_name(std::string_view text);

/// Whether units of its type can have processes, or stop units that have (.service, .scope, .slice, .socket, .mount,
/// .swap).
bool has_processes(std::string_view unit);

/// A unit and what its manager says of it.
struct UnitText {
  std::string_view unit;  ///< "" where the text names none at its start
  std::string_view text;
};

/// Parts of a manager's message: "nginx.service: Failed with …" (systemd 229 and later), "nginx.service failed." and
/// "Unit nginx.service entered failed state." (before). A unit's name has no blank: its end is certain.
UnitText split_unit(std::string_view message);

/// A unit with its description, as job messages have it: "nginx.service - A web server" (StatusUnitFormat=combined,
/// the default since 250), "nginx.service" (name), "A web server" (description; the default before). Only the first two
/// name the unit.
UnitText split_description(std::string_view text);

/// Puts a unit into a finding's subject, with the container that its name holds ("docker-ID.scope").
void set_unit(Party& subject, std::string_view unit);

}  // namespace stapkill
