#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace stapkill {

/// Text for a person: sentences, and lines with a label each. Bytes of other processes are made printable, lines are
/// folded at the terminal's width.
class Page {
 public:
  explicit Page(const Appearance& look) : look_(look) {}

  enum class Weight { plain, bold };
  /// A line without a label.
  void sentence(std::string_view text, Weight weight = Weight::plain);
  /// A label and its text; "" continues the last label.
  void line(std::string_view label, std::string_view text);
  /// A label once, and each text on a line of its own. Nothing for no texts.
  void lines(std::string_view label, const std::vector<std::string>& texts);

  /// A line below the last label that is not folded: a command to copy.
  void command(std::string_view text);

  std::string take() { return std::move(out_); }

 private:
  std::size_t width_less(std::size_t indent) const;

  Appearance look_;
  std::string out_;
};

}  // namespace stapkill
