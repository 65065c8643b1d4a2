#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "autopsy/records/state_files.h"

namespace stapkill {

/// The exit status in conmon's exit file, a decimal text without an end of line (conmon 2.1, src/conmon.c): 128 + N for
/// an end by signal N (src/ctr_exit.c, get_exit_status), and -1 where it is not known, which is none here.
std::optional<int> parse_exit_file(std::string_view text);

/// What such a file says: the container ended when it was written, within a second. None where it is missing or
/// damaged.
std::optional<ContainerState> exit_file_state(StateFiles& files, const std::string& path, const std::string& id);

}  // namespace stapkill
