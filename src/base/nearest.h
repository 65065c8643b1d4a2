#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stapkill {

/// How many letters to insert, remove or change to turn one word into the other (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The names nearest to a word that may be misspelt. Takes any number of names and keeps only those that it returns.
/// Case does not count. A name that contains the word is nearer than any other.
class NearestNames {
 public:
  explicit NearestNames(std::string_view word, std::size_t most = 5);
  void consider(std::string_view name);
  /// The nearest first; equally near ones in alphabetical order.
  std::vector<std::string> names() const;

 private:
  std::string word_;
  std::size_t most_;
  std::vector<std::pair<std::size_t, std::string>> found_;  ///< by distance
};

/// The names that a misspelt word may have meant, at most `most`, in their order: those that begin with it (from three
/// letters on), else those that differ in the fewest letters, two at most. Case does not count.
std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& names, std::size_t most);

}  // namespace stapkill
