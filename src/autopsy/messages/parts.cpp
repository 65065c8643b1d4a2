#include "autopsy/messages/parts.h"

#include <algorithm>

#include "autopsy/messages/readers.h"

namespace stapkill {
namespace {

using Readers = std::vector<std::unique_ptr<MessageReader>>;

class FirstOf : public MessageReader {
 public:
  explicit FirstOf(Readers readers) : readers_(std::move(readers)) {}

  bool take(const LogEntry& entry, std::vector<Finding>& findings) override {
    return std::any_of(readers_.begin(), readers_.end(), [&](auto& one) { return one->take(entry, findings); });
  }

  void finish(std::vector<Finding>& findings) override {
    for (auto& one : readers_) one->finish(findings);
  }

 private:
  Readers readers_;
};

}  // namespace

std::unique_ptr<MessageReader> first_of(Readers readers) {
  return std::make_unique<FirstOf>(std::move(readers));
}

std::unique_ptr<MessageReader> systemd_messages_reader() {
  Readers parts;
  parts.push_back(systemd_units_reader());
  parts.push_back(systemd_coredump_reader());
  parts.push_back(systemd_machine_reader());
  return first_of(std::move(parts));
}

std::unique_ptr<MessageReader> daemon_messages_reader() {
  Readers parts;
  parts.push_back(kubelet_messages_reader());
  parts.push_back(container_daemons_reader());
  parts.push_back(podman_messages_reader());
  parts.push_back(openrc_messages_reader());
  parts.push_back(memory_killers_reader());
  return first_of(std::move(parts));
}

}  // namespace stapkill
