#include "report/status_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/columns.h"
#include "base/time.h"
#include "report/text_parts.h"
#include "report/words.h"

namespace stapkill {
namespace {

constexpr std::string_view kErase = "\r\033[K";

}  // namespace

StatusLine::StatusLine(std::unique_ptr<Renderer> text, StatusLook look)
    : inner_(std::move(text)), look_(std::move(look)) {}

void StatusLine::render(const Record& record, std::string& out) {
  text_.clear();
  inner_->render(record, text_);
  if (!text_.empty()) hide(out);
  out += text_;
  count(record);
}

Time StatusLine::catch_up(Time now, std::string& out) {
  text_.clear();
  auto again = inner_->catch_up(now, text_);
  if (!text_.empty()) hide(out);
  out += text_;
  auto later = show(out);
  return again && later ? std::min(again, later) : std::max(again, later);
}

void StatusLine::finish(std::string& out) {
  ended_ = true;
  hide(out);
  inner_->finish(out);
}

void StatusLine::hide(std::string& out) {
  if (!shown_.empty()) out += kErase;
  shown_.clear();
}

void StatusLine::count(const Record& record) {
  if (const auto* armed = std::get_if<ArmedRecord>(&record)) {
    constexpr std::size_t to_the_second = 8;  // "03:10:12"
    since_ = clock_time(armed->time).substr(0, to_the_second);
  } else if (const auto* signal = std::get_if<SignalRecord>(&record)) {
    signals_ += text::is_noise(*signal, look_.style) ? 0 : 1;
  } else if (const auto* death = std::get_if<DeathRecord>(&record)) {
    deaths_ += text::is_noise(*death, look_.style) ? 0 : 1;
  } else if (const auto* loss = std::get_if<LossRecord>(&record)) {
    lost_ += loss->count;
  } else if (std::holds_alternative<SummaryRecord>(record)) {
    ended_ = true;
  }
}

std::string StatusLine::line() const {
  auto signals = words::signals(signals_), deaths = words::deaths(deaths_);
  return look_.style.utf8 ? tr("watching since {} · {} · {} · {} lost", since_, signals, deaths, lost_)
                          : tr("watching since {}, {}, {}, {} lost", since_, signals, deaths, lost_);
}

/// Returns after how many ns the line is to be looked at again; 0: only when a record comes.
Time StatusLine::show(std::string& out) {
  if (since_.empty() || ended_) return 0;
  auto now = look_.now();
  if (drawn_ && now - drawn_ < kEvery) return kEvery - (now - drawn_);
  auto width = look_.width();
  if (width <= 1) return kEvery;
  // The last column stays free: a cursor beyond it would move what is written next to the line below.
  auto text = cut(line(), static_cast<std::size_t>(width) - 1, look_.style.utf8);
  if (text == shown_) return 0;
  hide(out);
  out += text;
  shown_ = std::move(text);
  drawn_ = now;
  return 0;
}

}  // namespace stapkill
