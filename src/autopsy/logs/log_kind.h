#pragma once

#include <string_view>

namespace stapkill {

/// What a file is, by its first bytes (not packed).
enum class LogKind {
  none,
  text,
  exported,  ///< journalctl -o export
  json,      ///< journalctl -o json, json-pretty, json-sse, json-seq
  journal,   ///< a journal's own file (systemd, src/libsystemd/sd-journal/journal-def.h, HEADER_SIGNATURE)
};
LogKind log_kind(std::string_view head);

}  // namespace stapkill
