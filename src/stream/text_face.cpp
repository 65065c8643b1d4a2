#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "base/columns.h"
#include "base/ink.h"
#include "base/text.h"
#include "report/renderer.h"
#include "stream/faces.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostLanes = 1024;  // hosts of all streams; more share one
constexpr std::size_t kWidest = 24;       // columns of a label that lines are aligned to
constexpr Time kLatest = 300'000'000;     // no record is later: session.cpp

/// The records of one host of one stream: what belongs together is decided by pids, which are those of one host.
struct Lane {
  std::unique_ptr<Renderer> renderer;
  std::string label;  ///< printable; "" for none
  bool waits = false;
};

class TextFace : public StreamFace {
 public:
  TextFace(TextStyle style, bool several, const std::vector<std::string>& labels, OnDiagnostic on_diagnostic)
      : style_(style), several_(several), on_diagnostic_(std::move(on_diagnostic)) {
    if (!several_) return;
    for (const auto& label : labels) width_ = std::max(width_, std::min(columns_of(safe(label)), kWidest));
  }

  void take(const StreamRecord& record, std::size_t stream, const std::string& label, std::string& out) override {
    catch_up(record.time - kLatest, out);
    if (!record.record) return;
    // In a stream that was put together before, records say their hosts.
    bool named = several_ || (record.has_host && record.type != "session");
    const auto& host = record.host.empty() ? label : record.host;
    if (const auto* diagnostic = std::get_if<DiagnosticRecord>(&*record.record)) {
      if (on_diagnostic_) on_diagnostic_(*diagnostic, named ? safe(host) : "");
      return;
    }
    Lane& lane = lane_of(stream, host);
    if (named) lane.label = safe(host);
    text_.clear();
    lane.renderer->render(*record.record, text_);
    append(lane, out);
    text_.clear();
    lane.waits = lane.renderer->catch_up(record.time - kLatest, text_) > 0;
    append(lane, out);
  }

  void finish(std::string& out) override { catch_up(std::numeric_limits<Time>::max(), out); }

 private:
  std::string safe(const std::string& text) const { return printable(text, !style_.utf8); }

  Lane& lane_of(std::size_t stream, const std::string& host) {
    auto at = lanes_.find({stream, host});
    if (at == lanes_.end() && lanes_.size() >= kMostLanes) at = lanes_.begin();
    if (at != lanes_.end()) return at->second;
    TextStyle style = style_;
    if (several_ && style.width > 0) style.width = std::max(style.width - static_cast<int>(width_) - 2, 20);
    return lanes_.emplace(std::pair(stream, host), Lane{make_text_renderer(style), {}}).first->second;
  }

  /// What lanes held back, which no record up to `now` can join.
  void catch_up(Time now, std::string& out) {
    for (auto& [key, lane] : lanes_) {
      if (!lane.waits) continue;
      text_.clear();
      lane.waits = lane.renderer->catch_up(now, text_) > 0;
      append(lane, out);
    }
  }

  /// Puts the label before each line that begins something; lines that go on are below it.
  void append(const Lane& lane, std::string& out) const {
    if (lane.label.empty()) {
      out += text_;
      return;
    }
    auto used = columns_of(lane.label);
    auto pad = std::string(width_ > used ? width_ - used : 0, ' ') + "  ";
    for (std::string_view rest = text_; !rest.empty();) {
      auto line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
      bool goes_on = line.starts_with(' ');
      out += goes_on ? std::string(used, ' ') : painted(Ink::source, lane.label, style_.color);
      out += pad;
      out += line;
      rest.remove_prefix(line.size());
    }
  }

  TextStyle style_;
  bool several_;
  OnDiagnostic on_diagnostic_;
  std::size_t width_ = 0;
  std::map<std::pair<std::size_t, std::string>, Lane> lanes_;
  std::string text_;
};

}  // namespace

std::unique_ptr<StreamFace> make_text_face(TextStyle style, bool several, const std::vector<std::string>& labels,
                                           OnDiagnostic on_diagnostic) {
  return std::make_unique<TextFace>(style, several, labels, std::move(on_diagnostic));
}

}  // namespace stapkill
