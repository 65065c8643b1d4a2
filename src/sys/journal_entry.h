#pragma once

#include <string>
#include <string_view>

namespace stapkill {

/// One entry for systemd's journal, in the form that its socket takes (systemd.io/JOURNAL_NATIVE_PROTOCOL). Bounded: a
/// long value is cut, and what makes the entry larger than one datagram carries is left out.
class JournalEntry {
 public:
  static constexpr std::size_t kMostValue = 4096, kMostEntry = 48 << 10;  ///< bytes

  /// `name`: capital letters, digits and '_'. `value`: any bytes; an empty one is no field.
  void add(std::string_view name, std::string_view value);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Where the journal listens: a constant place in a directory of root's (systemd-journald.service(8)).
inline constexpr std::string_view kJournalSocket = "/run/systemd/journal/socket";

}  // namespace stapkill
