#include "report/json.h"
#include "report/json_document.h"
#include "report/renderer.h"

namespace stapkill {
namespace {

JsonDocument::Part part_of(const Record& record) {
  return std::holds_alternative<SessionRecord>(record)   ? JsonDocument::Part::session
         : std::holds_alternative<SummaryRecord>(record) ? JsonDocument::Part::summary
                                                         : JsonDocument::Part::record;
}

class JsonRenderer : public Renderer {
 public:
  void render(const Record& record, std::string& out) override {
    text_.clear();
    append_json(text_, record, processes_);
    text_.pop_back();  // its newline
    document_.add(out, part_of(record), text_);
  }

  void finish(std::string& out) override { document_.end(out); }

 private:
  ProcessJson processes_;
  JsonDocument document_;
  std::string text_;
};

}  // namespace

std::unique_ptr<Renderer> make_json_renderer() {
  return std::make_unique<JsonRenderer>();
}

}  // namespace stapkill
