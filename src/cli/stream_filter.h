#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "cli/options.h"
#include "engine/record_filter.h"
#include "engine/targets.h"
#include "stream/record_stream.h"

namespace stapkill {

/// The records of a stream that the targets and filters of the command line ask for. A process that matched once is
/// asked for until it ends, as in a watch. Records that are about no process pass, also those of types that this
/// stapkill does not know.
class StreamFilter {
 public:
  /// A user is found by the name that the records have. A usage error names the wrong word.
  static Result<StreamFilter> make(const Arguments& arguments);

  /// Whether to render the record. A summary is changed to count what passed since its session began.
  bool passes(StreamRecord& record, std::size_t stream);

 private:
  struct Counts {
    std::uint64_t signals = 0, deaths = 0;
  };
  StreamFilter(Targets targets, RecordFilter filter) : targets_(std::move(targets)), filter_(std::move(filter)) {}

  bool passes(const SignalRecord& record, std::size_t stream);
  bool passes(const DeathRecord& record, std::size_t stream);
  bool passes(const TraceRecord& record, std::size_t stream);
  bool passes(const ContainerRecord& record, std::size_t stream);
  bool passes(SessionRecord& record, std::size_t stream);
  bool passes(SummaryRecord& record, std::size_t stream);
  template <typename Other>
  bool passes(const Other&, std::size_t) {
    return true;
  }
  bool is_asked_for(const Process& process, std::size_t stream);

  Targets targets_;
  RecordFilter filter_;
  std::set<std::string> users_;             ///< of --uid, by name
  std::optional<std::string> sender_user_;  ///< of --sender-uid, by name
  bool has_targets_ = false, filters_ = false;
  std::set<std::pair<std::size_t, ProcessKey>> joined_;
  std::map<std::size_t, Counts> passed_;  ///< by stream
};

}  // namespace stapkill
