#pragma once

#include <string_view>

namespace stapkill {

/// Takes the short name of a month as the common locales have it (glibc, localedata/locales, abmon), with a '.' after
/// it: its number, 0 where there is none.
int take_month(std::string_view& text);

}  // namespace stapkill
