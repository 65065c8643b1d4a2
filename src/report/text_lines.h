#pragma once

#include <string>
#include <string_view>

#include "base/ink.h"
#include "base/text_style.h"
#include "model/process.h"

namespace stapkill {

/// Before lines that go on below a line with a time: as wide as the time and its blanks.
inline constexpr std::string_view kIndent = "              ";

struct Glyphs {
  std::string_view session, death, arrow, parent, warning, more;
};

/// How the text report writes its lines, and the words that several of its records share.
class TextLines {
 public:
  explicit TextLines(const TextStyle& style);

  const TextStyle& style() const { return style_; }
  const Glyphs& glyphs() const { return glyphs_; }

  /// Bytes of another process, harmless.
  std::string safe(std::string_view bytes) const;
  std::string paint(Ink ink, std::string_view text) const { return painted(ink, text, style_.color); }

  /// "sleep(20246)".
  std::string name(const Process& process) const;
  /// The mark before the name of a process with flags, with a blank; "" for others.
  std::string mark(const Process& process) const;
  /// Its whole command line; "" where it is not known.
  std::string command(const Process& process) const;
  /// The same in what `used` columns leave of a line, if not everything is asked for.
  std::string short_command(const Process& process, std::size_t used) const;

  /// Columns for text below and after `used` columns; 0: any.
  std::size_t room(std::size_t used) const;
  /// Appends `lead` and `text` as a line. What does not fit follows on lines of its own, below the beginning of `text`;
  /// it is broken first between parts, which have three blanks between them.
  void line(std::string_view lead, std::string_view text, std::string& out) const;

 private:
  TextStyle style_;
  Glyphs glyphs_;
};

}  // namespace stapkill
