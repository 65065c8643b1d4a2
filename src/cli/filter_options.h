#pragma once

#include "cli/options.h"
#include "engine/record_filter.h"
#include "sys/users.h"

namespace stapkill {

/// The options that say which signals and deaths are reported, for the commands that take them.
inline constexpr Option kFilterOptions[] = {
    {"signal", 's', "SIG[,SIG]", true, msgid("report only these signals; names or numbers")},
    {"sender-pid", 0, "N", false, msgid("report only signals of this sender"), "pid"},
    {"sender-uid", 0, "N|USER", false, msgid("report only signals of this user")},
    {"deaths", 0, "WHICH", false,
     msgid("report all deaths, only abnormal ones (by a signal, with a status other than 0, or requested), or only "
           "kills"),
     "all|abnormal|killed"},
};

/// What these options ask for. `users` are those of the watched machine. A usage error names the wrong word.
Result<RecordFilter> record_filter(const Arguments& arguments, const Users& users);

}  // namespace stapkill
