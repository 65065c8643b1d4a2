#pragma once

#include <charconv>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stapkill {

/// Expressions (RE2's syntax, over bytes) that are tried at once on one text. Each has to fit the whole text.
class Patterns {
 public:
  struct Match {
    std::size_t row = 0;                   ///< the first expression that fits
    std::vector<std::string_view> groups;  ///< parts of the text; that of an absent group is empty

    /// The group with that number, from 1; "" where the row has none.
    std::string_view operator[](std::size_t number) const {
      return number - 1 < groups.size() ? groups[number - 1] : std::string_view();
    }
  };

  /// A wrong expression is a fault of the table's, and never fits.
  explicit Patterns(const std::vector<std::string>& expressions);
  ~Patterns();
  Patterns(Patterns&&) noexcept;
  Patterns& operator=(Patterns&&) noexcept;

  /// Whether every expression is a right one.
  bool ok() const;

  /// The first that fits. The time is linear in the text's length.
  std::optional<Match> match(std::string_view text) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

/// The patterns of a table whose rows have a `pattern`.
template <typename Row, std::size_t N>
Patterns patterns_of(const Row (&rows)[N]) {
  std::vector<std::string> expressions;
  for (const auto& row : rows) expressions.emplace_back(row.pattern);
  return Patterns(expressions);
}

/// `text` with "$1", "$2" … replaced by groups, of which long ones are cut.
std::string with_groups(std::string_view text, const Patterns::Match& match);

/// A whole text as a number in decimal digits.
template <typename Number = int>
std::optional<Number> whole_number(std::string_view text) {
  Number value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// A text as a process id; 0 where it is none.
int pid_in(std::string_view text);

/// The first line of a message, of which at most 4 KiB are looked at.
std::string_view first_line(std::string_view message);

}  // namespace stapkill
