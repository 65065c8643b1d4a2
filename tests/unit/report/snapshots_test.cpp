#include <cstdlib>
#include <ctime>
#include <fstream>

#include "base/columns.h"
#include "base/text.h"
#include "catch.h"
#include "report/renderer.h"
#include "report/snapshot_scenes.h"
#include "sys/file.h"

using namespace stapkill;

namespace {

struct Face {
  std::string_view title;
  TextStyle style;
};
constexpr Face kFaces[] = {
    {"60 columns", {.utf8 = true, .width = 60}},
    {"80 columns", {.utf8 = true, .width = 80}},
    {"160 columns", {.utf8 = true, .width = 160}},
    {"60 columns, ASCII", {.utf8 = false, .width = 60}},
    {"80 columns, ASCII", {.utf8 = false, .width = 80}},
    {"160 columns, ASCII", {.utf8 = false, .width = 160}},
    {"80 columns, -v", {.utf8 = true, .width = 80, .verbose = true}},
    {"no terminal", {.utf8 = true}},
};

std::string rendered(const scenes::Scene& scene, const TextStyle& style) {
  std::string out;
  auto renderer = make_text_renderer(style);
  for (const auto& record : scene.records) renderer->render(record, out);
  return out;
}

std::string snapshot_of(const scenes::Scene& scene) {
  std::string out;
  for (const auto& face : kFaces) out.append("== ").append(face.title).append("\n").append(rendered(scene, face.style));
  return out;
}

/// Local times are those of UTC.
struct Utc {
  Utc() {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
  ~Utc() { ::unsetenv("TZ"); }
};

}  // namespace

TEST_CASE("snapshots: each kind of record looks as it did (STAPKILL_UPDATE_SNAPSHOTS=1 writes them)", "[snapshots]") {
  Utc utc;
  bool update = std::getenv("STAPKILL_UPDATE_SNAPSHOTS") != nullptr;
  for (const auto& scene : scenes::all()) {
    auto path = std::string(STAPKILL_SOURCES) + "/tests/unit/report/snapshots/" + scene.name + ".txt";
    auto now = snapshot_of(scene);
    if (update) std::ofstream(path) << now;
    auto kept = read_file(path);
    INFO(path);
    REQUIRE(kept.has_value());
    CHECK(*kept == now);
  }
}

TEST_CASE("snapshots: no line is wider than the terminal, with colours or without", "[snapshots]") {
  Utc utc;
  for (const auto& scene : scenes::all()) {
    for (int width : {40, 60, 80, 160}) {
      for (int face = 0; face < 8; ++face) {
        TextStyle style{.color = (face & 1) != 0, .utf8 = (face & 2) != 0, .width = width, .verbose = (face & 4) != 0};
        auto text = rendered(scene, style);
        INFO(scene.name << " at " << width << ":\n" << text);
        CHECK(text.ends_with('\n'));
        for (const auto& line : lines_of(text)) {
          INFO(line);
          CHECK(columns_of(line) <= static_cast<std::size_t>(width));
          CHECK_FALSE(line.ends_with(' '));
        }
      }
    }
  }
}

TEST_CASE("snapshots: a chain takes at most four lines on a terminal of 80 columns, all of them with -v",
          "[snapshots]") {
  auto lines = [](std::size_t steps, bool verbose) {
    scenes::Scene scene{"", {scenes::chain(steps)}};
    auto text = rendered(scene, {.utf8 = true, .width = 80, .verbose = verbose});
    std::size_t below = 0;
    for (const auto& line : lines_of(text)) below += line.starts_with("     ") ? 1 : 0;
    return verbose ? below - scenes::chain(steps).verdict.evidence.size() : below;
  };
  CHECK(lines(1, false) == 0);
  for (std::size_t steps = 2; steps <= 7; ++steps) CHECK(lines(steps, false) == std::min<std::size_t>(steps, 4));
  CHECK(lines(7, true) >= 7);
}
