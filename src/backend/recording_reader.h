#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backend/wire_fields.h"
#include "base/result.h"
#include "model/containers.h"
#include "model/input.h"
#include "model/machine_facts.h"
#include "model/process.h"
#include "model/record.h"
#include "model/script_text.h"

namespace stapkill {

class ByteSource;

/// A recording in memory, and how far it has been played (docs/wire.md, "Recordings"). Its player moves on; questions
/// get the answers that the recorded machine gave at that moment.
class RecordingReader {
 public:
  /// Facts that hold from the beginning, wherever they stand in the file.
  struct Facts {
    int version = 0;  ///< of the format
    std::string backend;
    MachineFacts machine;
    std::int64_t begun = 0;      ///< boot time
    std::int64_t boot_time = 0;  ///< wall time minus boot time then
    std::vector<std::string> probes;
    int self = 0;  ///< the pid of the session; 0: unknown
    std::vector<std::pair<std::string, std::vector<std::string>>> targets;
    std::map<std::int64_t, std::string> users;
    std::map<std::string, std::string> container_names;            ///< by id
    std::map<std::int64_t, std::string> logins;                    ///< where a login came from, by its session
    std::map<std::pair<int, std::uint64_t>, std::string> peers;    ///< network peers, by pid and start
    std::map<std::pair<int, std::uint64_t>, std::string> at_jobs;  ///< job files of at(1), by the same
    std::map<std::pair<int, std::uint64_t>, std::string> scripts;  ///< paths of scripts, by the same
    std::map<std::pair<ProcessKey, int>, ScriptText> lines;        ///< lines of scripts, by shell and number
    std::map<std::string, std::string> pods;                       ///< pods' names, by uid
    /// Answers of pod_runs, by the pod's uid, each with the number of its line.
    std::map<std::string, std::vector<std::pair<std::size_t, PodRuns>>> runs;
    /// Answers about files, by question and path, each with the number of the line that led to the question.
    std::map<std::pair<std::string_view, std::string>, std::vector<std::pair<std::size_t, bool>>> answers;
    std::size_t line = 0;                     ///< the line that is being read
    std::size_t moment = 0;                   ///< the last line before it on which a session asks questions
    std::vector<ContainerRecord> containers;  ///< what runtimes said of the containers asked for
    std::map<std::string, bool> units;        ///< whether systemd had a unit of that name
    bool has_answers = false;                 ///< it holds answers that records waited for: a manager's lines, frames
  };
  struct Line {
    std::size_t number = 0;  ///< counted from 1
    std::string_view text;   ///< without its newline
    bool whole = true;       ///< it ends with a newline; else the file was cut off there
  };

  /// "-" is standard input.
  static Result<std::shared_ptr<RecordingReader>> read(const std::string& path);
  static Result<std::shared_ptr<RecordingReader>> read(ByteSource& source);
  /// Whether a file that begins so is a recording.
  static bool is_recording(std::string_view head);

  const Facts& facts() const { return facts_; }
  const Phrase& name() const { return name_; }
  /// The next line; none after the last.
  std::optional<Line> next();
  /// Collects what /proc said after the last line that next() returned.
  void look_ahead();
  /// Checks a line that only holds facts, which are known already; false when it is damaged.
  bool is_sound(std::string_view line) const;
  void reach(std::int64_t boot) { now_ = boot > now_ ? boot : now_; }
  void set_clock(std::int64_t offset) { clock_ = offset; }

  /// The time, by what has been played.
  Tick now() const { return {now_, clock_}; }
  /// Since version 4 lines say when the engine learned the time; before, it learned it from each line.
  bool has_ticks() const { return facts_.version >= 4; }
  /// Lines say which records had waited long enough (version 3, except its first recordings).
  bool says_what_is_due() const { return !has_ticks() && facts_.self != 0; }
  /// What /proc said of single processes, and then of all. The same process can be in both, and have changed in
  /// between.
  const std::map<int, ProcEntry>& asked() const { return asked_; }
  const std::vector<ProcEntry>& living() const { return living_; }
  /// What was said of the pod's containers after the last line that next() returned; where nothing was asked there, the
  /// last answer in the file.
  PodRuns runs(const std::string& uid) const;
  /// The last answer to "package" or "replaced" about that file so far; none where it was not asked.
  std::optional<bool> answer(std::string_view question, const std::string& path) const;

 private:
  explicit RecordingReader(Phrase name) : name_(std::move(name)) {}
  Result<void> read_head();
  void read_facts();

  Phrase name_;
  std::string text_;
  Facts facts_;
  std::size_t at_ = 0, line_ = 0;
  std::int64_t now_ = 0, clock_ = 0;
  std::map<int, ProcEntry> asked_;
  std::vector<ProcEntry> living_;
};

/// The name of a line "# NAME FIELD…", with the fields in `fields`; "" for other lines.
std::string_view note_name(std::string_view line, std::string_view& fields);

}  // namespace stapkill
