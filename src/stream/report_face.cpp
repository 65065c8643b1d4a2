#include "report/digest.h"
#include "report/html.h"
#include "report/markdown.h"
#include "stream/faces.h"

namespace stapkill {
namespace {

class ReportFace : public StreamFace {
 public:
  ReportFace(ReportFormat format, bool harmless) : format_(format), digest_(harmless) {}

  void take(const StreamRecord& record, std::size_t /*stream*/, const std::string& /*label*/,
            std::string& /*out*/) override {
    if (record.record) digest_.take(*record.record, record.origin);
  }
  void finish(std::string& out) override {
    out += format_ == ReportFormat::html ? html_report(digest_) : markdown_report(digest_);
  }

 private:
  ReportFormat format_;
  Digest digest_;
};

}  // namespace

std::unique_ptr<StreamFace> make_report_face(ReportFormat format, bool harmless) {
  return std::make_unique<ReportFace>(format, harmless);
}

}  // namespace stapkill
