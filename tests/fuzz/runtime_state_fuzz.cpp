// Input: any bytes, as state files of container runtimes, answers of their tools, of kubectl and of systemctl, and
// counters of cgroups.
#include <cstddef>
#include <cstdint>
#include <string>

#include "autopsy/records/cgroups.h"
#include "autopsy/records/cri_state.h"
#include "autopsy/records/crio_state.h"
#include "autopsy/records/docker_state.h"
#include "autopsy/records/exit_files.h"
#include "autopsy/records/foreign_json.h"
#include "autopsy/records/podman_state.h"
#include "autopsy/records/pods.h"
#include "autopsy/records/read_records.h"
#include "autopsy/records/state_times.h"
#include "autopsy/records/systemctl_show.h"
#include "check.h"
#include "host/pods.h"
#include "host/stored_names.h"
#include "model/containers.h"

using namespace stapkill;

namespace {

void check(const std::vector<Finding>& findings) {
  for (const auto& one : findings) {
    FUZZ_CHECK(!one.source.empty() && one.quote.size() <= kLongestQuote);
    FUZZ_CHECK(one.time >= 0 && one.doubt >= 0);
    FUZZ_CHECK(!one.status || (*one.status >= 0 && *one.status <= 255));
    FUZZ_CHECK(one.signal >= 0 && one.signal <= 255 && one.subject.pid >= 0);
    FUZZ_CHECK(one.subject.container.empty() || is_container_id(one.subject.container));
    FUZZ_CHECK(one.subject.pod_uid.empty() || pod_uid(one.subject.pod_uid) == one.subject.pod_uid);
    FUZZ_CHECK(one.kind != Finding::Kind::container_end || one.status || one.signal || one.time);
    FUZZ_CHECK(one.kind != Finding::Kind::unit_process || ((one.status || one.signal) && one.subject.pid));
  }
}

void check(const std::vector<ContainerState>& states) {
  std::vector<Finding> findings;
  for (const auto& one : states) add_state(one, findings);
  check(findings);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  for (auto* read : {read_docker_inspect, read_crictl_inspect, read_kubectl_describe, read_systemctl_show}) {
    auto reading = read(text, "file");
    FUZZ_CHECK(reading.notes.size() == 1);
    FUZZ_CHECK(reading.notes[0].state != SourceNote::State::broken || reading.findings.empty());
    check(reading.findings);
  }
  if (auto json = foreign_json(text)) {
    check(docker_states(*json, *json));
    check(crictl_states(*json));
    check(containerd_states(*json));
    check(crio_states(*json));
  }
  check(podman_events(text, "file"));
  check(show_findings(text, "file"));
  check(status_findings(text, "file"));
  auto status = parse_exit_file(text);
  FUZZ_CHECK(!status || (*status >= 0 && *status <= 255));
  FUZZ_CHECK(last_line_time(text) >= 0);
  for (auto time : {rfc3339_time(text), rfc1123z_time(text)}) FUZZ_CHECK(!time || *time > 0);
  (void)systemd_time(text);
  (void)keyed_number(text, "oom_kill");
  auto log = container_log(text);
  FUZZ_CHECK(!log || is_container_id(log->id));
  auto directory = pod_directory(text);
  FUZZ_CHECK(!directory || pod_uid(directory->uid) == directory->uid);
  for (auto* looks :
       {looks_like_docker_inspect, looks_like_crictl_inspect, looks_like_kubectl_describe, looks_like_systemctl_show})
    (void)looks(text);
  return 0;
}
