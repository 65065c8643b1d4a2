#include "cli/replay_stream.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstring>

#include "cli/command.h"
#include "cli/sinks.h"
#include "cli/stream_filter.h"
#include "stream/faces.h"
#include "stream/stream_merge.h"
#include "sys/stop_signals.h"

namespace stapkill {
namespace {

constexpr std::size_t kLookEvery = 256;  // records: at signals and readers
constexpr int kPatience = 1000;          // ms

/// The output, and what can end a replay before its files do.
class Way {
 public:
  Way(boost::asio::io_context& loop, std::unique_ptr<Output> output)
      : loop_(loop), signals_(loop), output_(std::move(output)) {
    signals_.async_wait([this](boost::system::error_code error, int) { stopped_ = stopped_ || !error; });
  }

  /// Whether to go on: nobody has asked to stop, and there is a reader.
  bool is_open() {
    loop_.restart();
    loop_.poll();
    return !stopped_ && output_->error() == 0;
  }

  /// The same, when nothing can be read for now: what was read is shown.
  bool wait() {
    output_->flush();
    return is_open();
  }

  /// Waits for a slow reader.
  bool write(const std::string& text) {
    output_->write(text);
    while (output_->backed_up() && is_open()) loop_.run_one_for(std::chrono::milliseconds(100));
    return ++records_ % kLookEvery != 0 || is_open();
  }

  /// Waits until all is written, after a signal not for ever; a reader that has gone has seen enough.
  Result<void> close() {
    bool all = false;
    while (!(all = output_->drain(kPatience)) && is_open()) continue;
    if (!all && stopped_) all = output_->drain(kPatience);
    int error = output_->error();
    if (error == EPIPE) return {};
    if (error == 0 && all) return {};
    if (error == 0)
      return fail(phrase("output was truncated: the reader stopped reading"), phrase("name a file with --output"),
                  "output");
    return fail(phrase("cannot write to {}: {}", output_->name(), std::strerror(error)),
                phrase("free some space or name another place with --output"), "output");
  }

 private:
  boost::asio::io_context& loop_;
  StopSignals signals_;
  std::unique_ptr<Output> output_;
  std::size_t records_ = 0;
  bool stopped_ = false;
};

bool is_report(const std::string& format) {
  return format == "html" || format == "markdown";
}

Result<std::unique_ptr<StreamFace>> face_of(const Arguments& arguments, StreamMerge& merge, Progress& progress) {
  bool several = merge.streams().size() > 1;
  auto format = arguments.one("format").value_or("text");
  if (format == "jsonl") return make_jsonl_face(several);
  if (format == "json") return make_json_face(several);
  TRY_ASSIGN(auto style, text_style_of(arguments));
  if (is_report(format))
    return make_report_face(format == "html" ? ReportFormat::html : ReportFormat::markdown, style.harmless);
  std::vector<std::string> labels;
  for (std::size_t at = 0; several && at < merge.streams().size(); ++at) labels.push_back(merge.label(at));
  return make_text_face(style, several, labels, [&progress](DiagnosticRecord record, const auto& label) {
    if (!label.empty()) record.message = label + ": " + record.message;
    progress.diagnostic(record);
  });
}

}  // namespace

Result<int> replay_streams(const Arguments& arguments, std::vector<std::unique_ptr<ByteSource>> sources,
                           Progress& progress) {
  auto format = arguments.one("format").value_or("text");
  if (format != "text" && format != "jsonl" && format != "json" && !is_report(format)) return no_such_format(format);
  TRY_ASSIGN(auto filter, StreamFilter::make(arguments));
  boost::asio::io_context loop;
  TRY_ASSIGN(auto output, open_output(loop, arguments));
  Way way(loop, std::move(output));
  std::vector<std::unique_ptr<RecordStream>> streams;
  for (auto& source : sources) {
    source->on_wait([&way] { return way.wait(); });
    streams.push_back(
        std::make_unique<RecordStream>(std::move(source), [&progress](const Phrase& text) { progress.line(text); }));
  }
  Hosts hosts;
  if (is_report(format)) {
    for (auto& stream : streams) stream->sort_by(hosts);
  }
  StreamMerge merge(std::move(streams));
  TRY_ASSIGN(auto face, face_of(arguments, merge, progress));
  std::string text;
  bool open = true;
  while (open) {
    auto next = merge.next();
    if (!next) break;
    if (!filter.passes(next->record, next->stream)) continue;
    text.clear();
    face->take(next->record, next->stream, merge.label(next->stream), text);
    open = way.write(text);
  }
  text.clear();
  face->finish(text);
  way.write(text);
  TRY(way.close());
  bool damaged = std::any_of(merge.streams().begin(), merge.streams().end(),
                             [](const auto& stream) { return stream->damaged() > 0; });
  return damaged ? kCouldNot : kDone;
}

}  // namespace stapkill
