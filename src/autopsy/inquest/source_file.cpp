#include "autopsy/inquest/source_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "autopsy/inquest/evidence_json.h"
#include "autopsy/inquest/log_readers.h"
#include "autopsy/logs/read_logs.h"
#include "autopsy/records/read_records.h"
#include "sys/fd.h"

namespace stapkill {
namespace {

constexpr std::size_t kHead = 64 << 10;  // bytes that show what a file is
constexpr std::size_t kMost = 64 << 20;  // of a file that is read as a whole

struct FileKind {
  std::string_view words;
  bool (*looks_like)(std::string_view head);
  Reading (*read)(std::string_view bytes, const std::string& name);  ///< null: by its path
};
// The most specific first: a log can hold lines of any of the others.
constexpr std::array kKinds = {
    FileKind{msgid("evidence saved by `why --save-evidence`"), looks_like_evidence, read_evidence},
    FileKind{msgid("a core dump"), looks_like_core, nullptr},
    FileKind{"wtmp", looks_like_wtmp, read_wtmp_file},
    FileKind{msgid("process accounting"), looks_like_accounting, read_accounting_file},
    FileKind{msgid("`docker inspect` or `podman inspect`"), looks_like_docker_inspect, read_docker_inspect},
    FileKind{"`crictl inspect`", looks_like_crictl_inspect, read_crictl_inspect},
    FileKind{msgid("`kubectl describe pod` or `kubectl get pod -o json`"), looks_like_kubectl_describe,
             read_kubectl_describe},
    FileKind{msgid("a crash report of apport"), looks_like_crash_report, read_crash_report},
    FileKind{msgid("an audit log"), looks_like_audit, read_audit_text},
    FileKind{msgid("`systemctl show` or `systemctl status`"), looks_like_systemctl_show, read_systemctl_show},
};
constexpr std::string_view kLogWords = msgid("a log: dmesg, journalctl, syslog, a kubelet's or a runtime's");

/// At most `most` bytes of a file, from its beginning; with errno in `error`.
std::string bytes_of(const std::string& path, std::size_t most, int& error) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  error = file ? 0 : errno;
  std::string bytes;
  char piece[1 << 16];
  while (file && bytes.size() < most) {
    auto got = ::read(file.get(), piece, std::min(sizeof piece, most - bytes.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) error = errno;
    if (got <= 0) break;
    bytes.append(piece, static_cast<std::size_t>(got));
  }
  return bytes;
}

Reading read_log(const std::string& path, const Scope& scope) {
  LogReaders readers;
  Reading reading;
  read_log_file(
      path, scope, [&](const LogEntry& entry) { readers.take(entry); }, reading.notes);
  reading.findings = readers.finish();
  return reading;
}

}  // namespace

Result<Reading> read_source_file(const std::string& path, const Scope& scope) {
  int error = 0;
  auto head = bytes_of(path, kHead, error);
  if (error)
    return fail(phrase("cannot read {}: {}", path, std::strerror(error)), phrase("name a file with --source"),
                "why.source");
  for (const auto& kind : kKinds) {
    if (!kind.looks_like(head)) continue;
    if (!kind.read) return read_core_file(path, path);
    auto bytes = head.size() < kHead ? std::move(head) : bytes_of(path, kMost, error);
    auto reading = kind.read(bytes, path);
    if (bytes.size() == kMost)
      reading.notes.push_back(
          {SourceNote::State::cut, "", path, phrase("only its first {} MiB were read", kMost >> 20), 0, 0});
    return reading;
  }
  if (looks_like_log(head)) return read_log(path, scope);
  Phrase kinds;
  for (auto words : source_file_kinds())
    kinds += kinds.empty() ? phrase_from(words) : phrase(", {}", phrase_from(words));
  return fail(phrase("{} is no known kind of source", path), phrase("known are: {}", kinds), "why.source");
}

std::vector<std::string_view> source_file_kinds() {
  std::vector<std::string_view> all;
  all.reserve(kKinds.size() + 1);
  for (const auto& kind : kKinds) all.push_back(kind.words);
  all.push_back(kLogWords);
  return all;
}

}  // namespace stapkill
