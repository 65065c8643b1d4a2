#pragma once

#include <string>
#include <string_view>

#include "autopsy/logs/stamp.h"

namespace stapkill {

/// One line of a text log, split. The views point into it.
struct SplitLine {
  Stamp stamp;
  std::string_view host, program, message;
  int pid = 0;
  bool tagged = false;     ///< its writer's name is in a header, as in syslog's lines
  bool is_kern = false;    ///< the header has the facility kern (busybox)
  bool continues = false;  ///< without a header, and indented: it goes with the line above (journalctl's messages)
};

/// Splits a line without its newline. What is no header is the message. Forms: those of stamp.h, with "host
/// program[pid]: " (RFC 3164; RFC 5424; busybox's "facility.level"), dmesg's, records of /dev/kmsg, lines of klog and
/// of logfmt, and those lines behind the prefix of a container's log. A program "kernel" is the kernel: a sender that
/// names itself so with a pid is "kernel[123]", with another facility "not the kernel".
SplitLine split_log_line(std::string_view line);

/// A line without what mails and terminals add: "> " before it, CR and NUL at its ends, colours. It may be kept in
/// `storage`.
std::string_view without_decoration(std::string_view line, std::string& storage);

/// The message in "message repeated 3 times: [ message]" (rsyslog, runtime/ratelimit.c); any other one as it is.
std::string_view without_repetition(std::string_view message);

}  // namespace stapkill
