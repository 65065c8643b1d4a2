// Input: lines of logs for the readers of systemd, daemons and logins. Each line: an optional program of the list, by
// its first byte (a letter), then the message; "\x01NAME=value" parts after it are fields of the journal.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "autopsy/messages/readers.h"
#include "check.h"

using namespace stapkill;

namespace {

constexpr std::string_view kPrograms[] = {"systemd",
                                          "systemd-coredump",
                                          "systemd-logind",
                                          "systemd-shutdown",
                                          "systemd-sleep",
                                          "kubelet",
                                          "dockerd",
                                          "containerd",
                                          "crio",
                                          "podman",
                                          "conmon",
                                          "systemd-oomd",
                                          "earlyoom",
                                          "nohang",
                                          "sudo",
                                          "su",
                                          "sshd",
                                          "CRON",
                                          "atd",
                                          "kernel"};

struct Readers {
  std::unique_ptr<MessageReader> all[3] = {systemd_messages_reader(), daemon_messages_reader(),
                                           login_messages_reader()};
};

void give(Readers& readers, std::string_view line, std::vector<Finding>& findings) {
  std::map<std::string_view, std::string_view> fields;
  auto end = line.find('\x01');
  auto text = line.substr(0, end);
  while (end != std::string_view::npos) {
    auto next = line.find('\x01', end + 1);
    auto field = line.substr(end + 1, next == std::string_view::npos ? next : next - end - 1);
    if (auto equals = field.find('='); equals != std::string_view::npos)
      fields[field.substr(0, equals)] = field.substr(equals + 1);
    end = next;
  }
  if (text.empty()) return;
  LogEntry entry;
  entry.time = 1'700'000'000'000'000'000;
  entry.program = kPrograms[static_cast<unsigned char>(text[0]) % std::size(kPrograms)];
  entry.message = text.substr(1);
  entry.pid = text[0] & 0x20 ? 3224 : 1;
  entry.source = "log";
  entry.place = "fuzz";
  if (!fields.empty()) {
    entry.field = [&](std::string_view name) {
      auto at = fields.find(name);
      return at == fields.end() ? std::string_view() : at->second;
    };
  }
  for (auto& reader : readers.all) reader->take(entry, findings);
}

void check(const Finding& finding) {
  FUZZ_CHECK(finding.subject.pid >= 0 && finding.actor.pid >= 0);
  FUZZ_CHECK(finding.signal >= 0 && finding.signal <= 64);
  FUZZ_CHECK(finding.time > 0 && finding.doubt >= 0);
  FUZZ_CHECK(finding.quote.size() <= kLongestQuote + 16);
  FUZZ_CHECK(finding.reason.size() <= 4096);
  FUZZ_CHECK(!finding.through.empty());
  FUZZ_CHECK(finding.source == "log" && finding.place == "fuzz");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  Readers readers;
  std::vector<Finding> findings;
  std::size_t lines = 0;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    give(readers, line, findings);
    ++lines;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  for (auto& reader : readers.all) reader->finish(findings);
  FUZZ_CHECK(findings.size() <= 51 * lines);
  for (const auto& finding : findings) check(finding);
  return 0;
}
