#pragma once

namespace stapkill {

/// Whether the terminal takes UTF-8, by the name of the locale in the environment: LC_ALL, LC_CTYPE, LANG. The name
/// came with the login, from where the terminal is; this host may lack that locale, and a static binary all.
bool takes_utf8();

}  // namespace stapkill
