#include "report/status_line.h"

#include <csignal>
#include <cstdlib>
#include <ctime>

#include "catch.h"
#include "report/hostile.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = StatusLine::kEvery;

/// A status line below records that a test gives, at times that it sets.
struct Watch {
  explicit Watch(bool utf8 = true) {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    TextStyle style;
    style.utf8 = utf8;
    style.width = width;
    line = std::make_unique<StatusLine>(make_text_renderer(style),
                                        StatusLook{style, [this] { return width; }, [this] { return now; }});
  }
  ~Watch() { ::unsetenv("TZ"); }

  std::string say(const Record& record) {
    std::string out;
    line->render(record, out);
    return out;
  }
  std::string later(Time by) {
    now += by;
    std::string out;
    again = line->catch_up(hostile::kTime, out);
    return out;
  }
  std::string arm() {
    ArmedRecord record;
    record.time = hostile::kTime;
    record.toolchain = "BPF";
    return say(record);
  }

  int width = 80;
  Time now = kSecond, again = 0;
  std::unique_ptr<StatusLine> line;
};

}  // namespace

TEST_CASE("status line: it begins when the probes are armed, and counts what text counts", "[status]") {
  Watch watch;
  CHECK(watch.later(kSecond).empty());
  CHECK(watch.arm().starts_with("● BPF"));
  CHECK(watch.later(0) == "watching since 02:34:19 · 0 signals · 0 deaths · 0 lost");
  CHECK(watch.again == 0);
  auto text = watch.say(hostile::signal("kill"));
  CHECK(text.starts_with("\r\033[K02:34:19"));
  auto harmless = hostile::signal("kill");
  harmless.number = SIGCHLD;
  CHECK(watch.say(harmless).empty());
  CHECK_FALSE(watch.say(hostile::death("sh")).starts_with("\r"));  // it is gone already
  watch.say(LossRecord{hostile::kTime, 7, "buffer"});
  CHECK(watch.later(kSecond).ends_with("watching since 02:34:19 · 1 signal · 1 death · 7 lost"));
}

TEST_CASE("status line: it is written at most once a second, and only when it has changed", "[status]") {
  Watch watch;
  watch.arm();
  CHECK_FALSE(watch.later(0).empty());
  CHECK(watch.later(2 * kSecond).empty());
  CHECK(watch.again == 0);
  watch.say(hostile::signal("kill"));
  CHECK_FALSE(watch.later(0).empty());
  watch.say(hostile::signal("kill", 2));
  CHECK(watch.later(kSecond / 4).empty());
  CHECK(watch.again == kSecond - kSecond / 4);
  CHECK_FALSE(watch.later(watch.again).empty());
}

TEST_CASE("status line: it is removed for others, at the end, and stays away after it", "[status]") {
  Watch watch;
  watch.arm();
  watch.later(0);
  std::string out;
  watch.line->hide(out);
  watch.line->hide(out);
  CHECK(out == "\r\033[K");
  watch.later(kSecond);
  SummaryRecord summary;
  summary.time = hostile::kTime;
  CHECK(watch.say(summary).starts_with("\r\033[K● 0 signals"));
  CHECK(watch.later(kSecond).empty());

  Watch cut_off;
  cut_off.arm();
  cut_off.later(0);
  std::string end;
  cut_off.line->finish(end);
  CHECK(end == "\r\033[K");
  CHECK(cut_off.later(kSecond).empty());
}

TEST_CASE("status line: it fits the terminal as it is at that moment; ASCII where it must be", "[status]") {
  Watch watch(false);
  watch.arm();
  watch.width = 0;  // something else is shown
  CHECK(watch.later(0).empty());
  CHECK(watch.again == kSecond);
  watch.width = 80;
  CHECK(watch.later(kSecond) == "watching since 02:34:19, 0 signals, 0 deaths, 0 lost");
  watch.width = 27;
  watch.say(hostile::signal("kill"));
  CHECK(watch.later(kSecond) == "watching since 02:34:19...");
}
