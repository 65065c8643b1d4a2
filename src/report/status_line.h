#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "report/renderer.h"

namespace stapkill {

/// What a status line needs to know of its terminal.
struct StatusLook {
  TextStyle style;
  std::function<int()> width;  ///< the terminal's columns now; 0: nothing can be shown now
  std::function<Time()> now;   ///< a clock that nobody sets, in ns
};

/// The text report with a line below it, for a terminal that nobody else writes to: "watching since 03:10:12 · 124
/// signals · 3 deaths · 0 lost". It begins after `armed`, is written at most once a second and only when it has
/// changed, and is gone before other text comes. All of it is in the renderer's text, in order.
class StatusLine : public Renderer {
 public:
  static constexpr Time kEvery = 1'000'000'000;

  StatusLine(std::unique_ptr<Renderer> text, StatusLook look);

  void render(const Record& record, std::string& out) override;
  Time catch_up(Time now, std::string& out) override;
  void finish(std::string& out) override;

  /// Appends what removes the line, where it is shown: something else will be written to the terminal.
  void hide(std::string& out);

  /// Expires with the line.
  std::weak_ptr<void> alive() const { return alive_; }

 private:
  void count(const Record& record);
  std::string line() const;
  Time show(std::string& out);

  std::unique_ptr<Renderer> inner_;
  StatusLook look_;
  std::string since_, shown_, text_;  ///< `shown_` is what the terminal has; empty: nothing
  std::uint64_t signals_ = 0, deaths_ = 0, lost_ = 0;
  Time drawn_ = 0;
  bool ended_ = false;
  std::shared_ptr<void> alive_ = std::make_shared<int>();
};

}  // namespace stapkill
