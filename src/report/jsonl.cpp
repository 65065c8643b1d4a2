#include "report/json.h"
#include "report/renderer.h"

namespace stapkill {
namespace {

class JsonlRenderer : public Renderer {
 public:
  void render(const Record& record, std::string& out) override { append_json(out, record, processes_); }

 private:
  ProcessJson processes_;
};

}  // namespace

std::unique_ptr<Renderer> make_jsonl_renderer() {
  return std::make_unique<JsonlRenderer>();
}

}  // namespace stapkill
