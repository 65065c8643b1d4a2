#include "autopsy/messages/parts.h"
#include "autopsy/messages/patterns.h"
#include "autopsy/messages/writer.h"

namespace stapkill {
namespace {

/// supervise-daemon of OpenRC, src/supervise-daemon/supervise-daemon.c, supervisor(): 0.25 to 0.55. It is the parent.
class SuperviseDaemon : public MessageReader {
 public:
  bool take(const LogEntry& entry, std::vector<Finding>& findings) override {
    static const Patterns patterns({
        R"((/.{0,400}?), pid (\d{1,10}), terminated by signal (\d{1,2}))",
        R"((/.{0,400}?), pid (\d{1,10}), exited with return code (\d{1,3}))",
        R"(stopping (/.{0,400}?), pid (\d{1,10}))",
    });
    if (entry.program != "supervise-daemon" || !may_be_roots(entry)) return false;
    auto match = patterns.match(first_line(entry.message));
    if (!match) return false;
    auto finding = finding_at(entry, match->row == 2 ? Finding::Kind::unit_stop : Finding::Kind::unit_process);
    finding.subject.exe = (*match)[1];
    finding.subject.pid = pid_in((*match)[2]);
    finding.through = "OpenRC";
    if (match->row == 0) finding.signal = whole_number((*match)[3]).value_or(0);
    if (match->row == 1) finding.status = whole_number((*match)[3]);
    if (match->row == 2) finding.reason = "OpenRC stops the service";
    findings.push_back(std::move(finding));
    return true;
  }
};

}  // namespace

std::unique_ptr<MessageReader> openrc_messages_reader() {
  return std::make_unique<SuperviseDaemon>();
}

}  // namespace stapkill
