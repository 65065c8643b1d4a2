#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "autopsy/logs/read_logs.h"

namespace stapkill {

/// What journalctl is asked for.
struct JournalQuestion {
  std::string program;             ///< absolute
  std::vector<std::string> where;  ///< "--directory=…", "--file=…"; empty: this machine's journal
  int newest = 0;                  ///< so many entries, the latest ones; 0: all in scope
  bool all = false;                ///< every entry, not those alone that readers know
  const Scope* scope = nullptr;    ///< which times; null: all
  std::string place = "journal";   ///< of the entries
  std::chrono::nanoseconds patience = std::chrono::seconds(8);  ///< until its first entry: a slow host starts it slowly
  std::chrono::nanoseconds limit = std::chrono::milliseconds(2500);  ///< from then on
};

struct JournalAnswer {
  Time first = 0, last = 0;  ///< of the entries; 0: none
  std::size_t entries = 0;
  bool late = false;    ///< time was up
  std::string trouble;  ///< what it wrote to stderr where it failed, or why it did not start
};

/// The machine's journalctl; "" where it has none. Not from PATH.
std::string installed_journalctl();

/// Runs it and hands the entries on as they come.
JournalAnswer ask_journal(const JournalQuestion& question, const TakeEntry& take);

/// The major number in "systemd 252 (252.39-1~deb12u2)"; 0: none.
int systemd_version(std::string_view text);

/// journalctl's arguments, for that version of it.
std::vector<std::string> journal_arguments(const JournalQuestion& question, int version);

}  // namespace stapkill
