#include <algorithm>
#include <string>

#include "autopsy/messages/daemons_ids.h"
#include "autopsy/messages/logfmt.h"
#include "autopsy/messages/parts.h"
#include "autopsy/messages/patterns.h"
#include "autopsy/messages/writer.h"
#include "base/signals.h"

namespace stapkill {
namespace {

using Kind = Finding::Kind;

/// A daemon's message, without its other values.
struct Row {
  const char* pattern;
  Kind kind;
  const char* reason;
  struct Where {
    int container = 0;        ///< a group; 0: a value of the message ("container", "id")
    int go_signal = 0;        ///< a group with Go's word for a signal
    int signal = 0;           ///< the number itself
    int pod = 0, name = 0;    ///< groups
    bool of_sandbox = false;  ///< the container is a pod's sandbox
  } where = {};
};

constexpr Row kDocker[] = {
    // moby, daemon/stop.go, kill.go, container_operations_unix.go: 1.10 to 18.09 have the id in the text, 20.10 to 28
    // as a value.
    {R"(Container ([0-9a-f]{12,64}) failed to exit within (.{1,30}) of (SIGTERM|signal \d{1,2}) - using the force)",
     Kind::container_stop,
     "it had not stopped within $2 of $3",
     {.container = 1, .signal = 9}},
    {R"(Container failed to exit within (.{1,30}) of (signal \d{1,2}) - using the force)",
     Kind::container_stop,
     "it had not stopped within $1 of $2",
     {.signal = 9}},
    {R"(Container ([0-9a-f]{12,64}) failed to exit within (.{1,30}) of kill - trying direct SIGKILL)",
     Kind::container_stop,
     "it had not ended within $2 of its kill",
     {.container = 1, .signal = 9}},
    {R"(Container failed to exit within (.{1,30}) of kill - trying direct SIGKILL)",
     Kind::container_stop,
     "it had not ended within $1 of its kill",
     {.signal = 9}},
    {R"(Container failed to stop after sending signal (\d{1,2}) to the process, force killing)",
     Kind::container_stop,
     "it could not be sent signal $1",
     {.signal = 9}},
    // api/server/middleware/debug.go, with --debug
    {R"(Calling POST (?:/v[0-9.]{1,8})?/containers/([^/?]{1,255})/(stop|kill|restart)(?:\?(.{0,200}))?)",
     Kind::container_stop,
     "the API was asked to $2 it",
     {.container = 1}},
    {R"(Calling DELETE (?:/v[0-9.]{1,8})?/containers/([^/?]{1,255})(?:\?(.{0,200}))?)",
     Kind::container_stop,
     "the API was asked to remove it",
     {.container = 1}},
    {R"(Handler for (?:POST|DELETE) (?:/v[0-9.]{1,8})?/containers/([^/?]{1,255})(?:/(?:stop|kill|restart))? returned error: (.*))",
     Kind::note,
     "the API's answer: $2",
     {.container = 1}},
};

constexpr Row kContainerd[] = {
    // containerd, pkg/cri (internal/cri since 2.0): instrument/instrumented_service.go, server/container_stop.go
    {R"r(StopContainer for "([0-9a-f]{12,64})" with timeout (-?\d{1,10}) \(s\))r",
     Kind::container_stop,
     "the CRI was asked to stop it; timeout, s: $2",
     {.container = 1}},
    {R"r(Stop container "([0-9a-f]{12,64})" with signal ([a-z0-9 ]{1,30}))r",
     Kind::container_stop,
     "it is sent its stop signal: $2",
     {.container = 1, .go_signal = 2}},
    {R"r(Kill container "([0-9a-f]{12,64})")r", Kind::container_stop, "it is killed", {.container = 1, .signal = 9}},
    {R"r(StopPodSandbox for "([0-9a-f]{12,64})")r",
     Kind::container_stop,
     "the CRI was asked to stop its pod's sandbox",
     {.container = 1, .of_sandbox = true}},
    // server/events.go: 1.2 to 1.6 as Go's %+v, then as a text of protobuf's
    {R"r(TaskOOM event (?:&TaskOOM\{ContainerID:|container_id:")([0-9a-f]{64}).*)r",
     Kind::claim,
     "TaskOOM",
     {.container = 1}},
};

/// Both have them: docker starts its own containerd.
constexpr Row kShims[] = {
    // containerd, runtime/v2/shim.go (core/runtime/v2 since 2.0), runtime/v1/linux/runtime.go. "cleaning up …" follows,
    // and says no more.
    {R"((?:shim disconnected|shim reaped))", Kind::claim, "its shim has ended"},
    // moby, libcontainerd/remote/client.go
    {R"(ignoring event)", Kind::claim, "its task was deleted"},
};

constexpr Row kCrio[] = {
    // cri-o, server/container_stop.go: 1.18 to 1.30
    {R"([Ss]topping container: ([0-9a-f]{12,64}) \(timeout: (-?\d{1,10})s\))",
     Kind::container_stop,
     "the CRI was asked to stop it; timeout, s: $2",
     {.container = 1}},
    {R"([Ss]topped container ([0-9a-f]{12,64}): ([a-z0-9.-]{1,253}/[a-z0-9.-]{1,253})/([a-zA-Z0-9.-]{1,253}))",
     Kind::claim,
     "stopped",
     {.container = 1, .pod = 2, .name = 3}},
    {R"([Ss]topped container ([0-9a-f]{12,64}).{0,600})", Kind::claim, "stopped", {.container = 1}},
    // internal/oci/runtime_oci.go: 1.22 to main
    {R"(Stopping container ([0-9a-f]{12,64}) with stop signal(?:\([A-Za-z0-9+]{1,20}\))? timed out[.:].*)",
     Kind::container_stop,
     "it had not stopped in time",
     {.container = 1, .signal = 9}},
    {R"(Stopping pod sandbox: ([0-9a-f]{12,64}))",
     Kind::container_stop,
     "the CRI was asked to stop its pod's sandbox",
     {.container = 1, .of_sandbox = true}},
};

struct Program {
  std::string_view name, daemon;
  bool docker = false, containerd = false, crio = false;
};
constexpr Program kPrograms[] = {
    {"dockerd", "dockerd", true},
    {"docker", "dockerd", true},           // snap, and 1.10's `docker daemon`
    {"dockerd-current", "dockerd", true},  // CentOS 7
    {"docker-containerd", "containerd", false, true},
    {"containerd", "containerd", false, true},
    {"microk8s.daemon-containerd", "containerd", false, true},
    {"crio", "cri-o", false, false, true},
    {"cri-o", "cri-o", false, false, true},
    {"k3s", "containerd", false, true},
};

/// Go's words (syscall.Signal.String(), zerrors_linux_*.go).
constexpr std::pair<std::string_view, int> kGoSignals[] = {
    {"hangup", 1},
    {"interrupt", 2},
    {"quit", 3},
    {"aborted", 6},
    {"killed", 9},
    {"terminated", 15},
    {"user defined signal 1", 10},
    {"user defined signal 2", 12},
};

int go_signal(std::string_view word) {
  const auto* at =
      std::find_if(std::begin(kGoSignals), std::end(kGoSignals), [&](const auto& one) { return one.first == word; });
  return at == std::end(kGoSignals) ? parse_signal(word).value_or(0) : at->second;
}

/// An entry with its daemon and its values.
struct Said {
  const LogEntry& entry;
  std::string_view daemon;
  NamedValues values;
};

Finding finding_of(const Said& said, Kind kind) {
  auto finding = finding_at(said.entry, kind);
  finding.through = said.daemon;
  finding.quote = quote_of(said.values);
  if (kind == Kind::container_stop) {
    finding.actor.comm = said.entry.program;
    finding.actor.pid = said.entry.pid;
  }
  return finding;
}

template <std::size_t N>
bool take_rows(const Row (&rows)[N], const Patterns& patterns, const Said& said, std::vector<Finding>& findings) {
  auto match = patterns.match(said.values.message);
  if (!match) return false;
  const auto& row = rows[match->row];
  auto group = [&](int number) { return number > 0 ? (*match)[static_cast<std::size_t>(number)] : std::string_view(); };
  auto finding = finding_of(said, row.kind);
  auto container = group(row.where.container);
  if (container.empty()) container = said.values["container"].empty() ? said.values["id"] : said.values["container"];
  if (row.where.container > 0 || may_be_id(container)) set_container(finding.subject, container);
  if (row.where.pod > 0) finding.subject.pod = group(row.where.pod);
  if (row.where.name > 0) finding.subject.container_name = group(row.where.name);
  finding.signal = row.where.go_signal > 0 ? go_signal(group(row.where.go_signal)) : row.where.signal;
  finding.reason = with_groups(row.reason, *match);
  findings.push_back(std::move(finding));
  return true;
}

/// containerd's word for an end: "TaskExit event …", "received exit event …" (server/events.go; 1.2 to 1.6 as Go's %+v,
/// 1.7 and later as a text of protobuf's, where a 0 is left out). Of a process that was started in the container later
/// (exec) the id is another.
bool take_exit(const Said& said, std::vector<Finding>& findings) {
  static const Patterns patterns({
      R"r((?:TaskExit event|received exit event) &TaskExit\{ContainerID:([0-9a-f]{64}),ID:([0-9a-f]{1,64}),Pid:(\d{1,10}),ExitStatus:(\d{1,3}),.*)r",
      R"r((?:TaskExit event|TaskExit event in podsandbox handler|received exit event) \{?container_id:"([0-9a-f]{64})" +id:"([0-9a-f]{1,64})" +pid:(\d{1,10})(?: +exit_status:(\d{1,3}))?(?: +exited_at:\{seconds:(\d{9,10})(?: +nanos:(\d{1,9}))?\})?.*)r",
  });
  auto match = patterns.match(said.values.message);
  if (!match) return false;
  const auto& groups = *match;
  auto finding = finding_of(said, groups[1] == groups[2] ? Kind::container_end : Kind::note);
  finding.subject.container = groups[1];
  finding.subject.pid = pid_in(groups[3]);
  finding.status = whole_number(groups[4]).value_or(0);
  finding.reason =
      finding.kind == Kind::note ? "a process that was started in the container later (exec) ended" : "exit event";
  if (auto seconds = whole_number<std::int64_t>(groups[5])) {
    constexpr std::int64_t second = 1'000'000'000;
    finding.time = *seconds * second + whole_number<std::int64_t>(groups[6]).value_or(0);
    finding.doubt = 0;
  }
  findings.push_back(std::move(finding));
  return true;
}

class ContainerDaemons : public MessageReader {
 public:
  bool take(const LogEntry& entry, std::vector<Finding>& findings) override {
    const auto* program = std::find_if(std::begin(kPrograms), std::end(kPrograms),
                                       [&](const Program& one) { return one.name == entry.program; });
    // A daemon of a user (rootless) speaks of that user's containers alone, which an id does not show: left out.
    if (program == std::end(kPrograms) || !may_be_roots(entry)) return false;
    auto values = parse_logfmt(first_line(entry.message));
    if (!values) return false;
    Said said{entry, program->daemon, std::move(*values)};
    static const Patterns docker = patterns_of(kDocker), containerd = patterns_of(kContainerd),
                          crio = patterns_of(kCrio), shims = patterns_of(kShims);
    if (program->docker && take_rows(kDocker, docker, said, findings)) return true;
    if (program->containerd && (take_exit(said, findings) || take_rows(kContainerd, containerd, said, findings)))
      return true;
    if (program->crio && take_rows(kCrio, crio, said, findings)) return true;
    if (said.values.message == "ignoring event" && said.values["topic"] != "/tasks/delete") return false;
    return !program->crio && take_rows(kShims, shims, said, findings);
  }
};

}  // namespace

std::unique_ptr<MessageReader> container_daemons_reader() {
  return std::make_unique<ContainerDaemons>();
}

}  // namespace stapkill
