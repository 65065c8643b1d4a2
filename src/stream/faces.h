#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/text_style.h"
#include "model/record.h"
#include "report/renderer.h"
#include "stream/record_stream.h"

namespace stapkill {

/// Renders the records of one stream or of several.
class StreamFace {
 public:
  virtual ~StreamFace() = default;
  /// Appends a record; `label` names its stream.
  virtual void take(const StreamRecord& record, std::size_t stream, const std::string& label, std::string& out) = 0;
  /// Appends what closes the text.
  virtual void finish(std::string& /*out*/) {}
};

/// Each record as it was written. Of several streams, one that does not say its host gets a member `host`.
std::unique_ptr<StreamFace> make_jsonl_face(bool several);

/// One JSON document (report/json_document.h); of several streams, its summary has the sums of theirs.
std::unique_ptr<StreamFace> make_json_face(bool several);

/// One document about all streams, written when the last one ends. Their records say which hosts they are of
/// (RecordStream::sort_by). `harmless`: also signals that end nobody by default.
enum class ReportFormat { html, markdown };
std::unique_ptr<StreamFace> make_report_face(ReportFormat format, bool harmless);

/// For a person, each stream and each host as its watch showed it; of several, each line begins with its host.
/// `on_diagnostic` gets diagnostics, which are for standard error, and the label, "" for one stream.
using OnDiagnostic = std::function<void(const DiagnosticRecord& record, const std::string& label)>;
std::unique_ptr<StreamFace> make_text_face(TextStyle style, bool several, const std::vector<std::string>& labels,
                                           OnDiagnostic on_diagnostic);

}  // namespace stapkill
