#pragma once

namespace stapkill {

/// Whether the terminal takes UTF-8, by the locale's name in the environment: LC_ALL, LC_CTYPE, LANG. Only the name
/// counts: it came with the login, from the terminal's side. This host may lack that locale, and a static binary has
/// none.
bool takes_utf8();

/// The terminal takes UTF-8, whatever the locale's name says: the user asked for a language that needs it.
void show_utf8();

}  // namespace stapkill
