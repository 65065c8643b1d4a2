#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "report/json_document.h"
#include "stream/faces.h"

namespace stapkill {
namespace {

std::string json_of(const StreamRecord& record, const std::string& label, bool several) {
  if (!several || record.has_host) return record.json;
  return with_host(record.json, record.host.empty() ? label : record.host);
}

class JsonlFace : public StreamFace {
 public:
  explicit JsonlFace(bool several) : several_(several) {}

  void take(const StreamRecord& record, std::size_t, const std::string& label, std::string& out) override {
    out += json_of(record, label, several_);
    out += '\n';
  }

 private:
  bool several_;
};

class JsonFace : public StreamFace {
 public:
  explicit JsonFace(bool several) : several_(several), document_(several) {}

  void take(const StreamRecord& record, std::size_t, const std::string& label, std::string& out) override {
    document_.add(out, part_of(record.type), json_of(record, label, several_));
    if (several_) count(record);
  }

  void finish(std::string& out) override { document_.end(out, several_ && first_ ? sums() : "null"); }

 private:
  void count(const StreamRecord& record) {
    if (record.time && (!first_ || record.time < first_)) first_ = record.time;
    last_ = std::max(last_, record.time);
    if (!record.record) return;
    if (const auto* summary = std::get_if<SummaryRecord>(&*record.record)) {
      signals_ += summary->signals;
      deaths_ += summary->deaths;
      lost_ += summary->lost;
    }
  }

  std::string sums() const {
    std::string time;
    append_rfc3339(time, last_);
    auto seconds = static_cast<double>(last_ - first_) / 1e9;
    return fmt::format(R"({{"type":"summary","time":"{}","signals":{},"deaths":{},"lost":{},"duration_s":{:.3f}}})",
                       time, signals_, deaths_, lost_, seconds);
  }

  bool several_;
  JsonDocument document_;
  Time first_ = 0, last_ = 0;
  std::uint64_t signals_ = 0, deaths_ = 0, lost_ = 0;
};

}  // namespace

std::unique_ptr<StreamFace> make_jsonl_face(bool several) {
  return std::make_unique<JsonlFace>(several);
}

std::unique_ptr<StreamFace> make_json_face(bool several) {
  return std::make_unique<JsonFace>(several);
}

}  // namespace stapkill
