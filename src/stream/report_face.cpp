#include <utility>

#include "stream/faces.h"

namespace stapkill {
namespace {

class ReportFace : public StreamFace {
 public:
  explicit ReportFace(std::unique_ptr<Renderer> renderer) : renderer_(std::move(renderer)) {}

  void take(const StreamRecord& record, std::size_t /*stream*/, const std::string& /*label*/,
            std::string& out) override {
    if (record.record) renderer_->render(*record.record, out);
  }
  void finish(std::string& out) override { renderer_->finish(out); }

 private:
  std::unique_ptr<Renderer> renderer_;
};

}  // namespace

std::unique_ptr<StreamFace> make_report_face(std::unique_ptr<Renderer> renderer) {
  return std::make_unique<ReportFace>(std::move(renderer));
}

}  // namespace stapkill
