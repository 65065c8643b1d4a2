#include "autopsy/inquest/log_readers.h"

#include <algorithm>

#include "autopsy/messages/readers.h"

namespace stapkill {

namespace {
constexpr std::size_t kMostFindings = 100'000;  // of one log
}

LogReaders::LogReaders() {
  for (auto make : {kernel_messages_reader, systemd_messages_reader, daemon_messages_reader, audit_messages_reader,
                    login_messages_reader})
    readers_.push_back(make());
}

bool LogReaders::take(const LogEntry& entry) {
  // The latest count.
  if (findings_.size() >= kMostFindings) findings_.erase(findings_.begin(), findings_.begin() + kMostFindings / 2);
  return std::any_of(readers_.begin(), readers_.end(),
                     [&](const auto& reader) { return reader->take(entry, findings_); });
}

std::vector<Finding> LogReaders::finish() {
  for (const auto& reader : readers_) reader->finish(findings_);
  return std::move(findings_);
}

}  // namespace stapkill
