#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stapkill {

/// How many letters are to be put in, left out or changed to make one word of the other (Levenshtein).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// Of any number of names, those that are nearest to a word that somebody may have misspelt. Keeps no more than it
/// gives back. Letters count as equal in both cases; a name that holds the word is nearer than one that is spelt
/// otherwise.
class NearestNames {
 public:
  explicit NearestNames(std::string_view word, std::size_t most = 5);
  void consider(std::string_view name);
  /// The nearest first; of equals the one that comes first in the alphabet.
  std::vector<std::string> names() const;

 private:
  std::string word_;
  std::size_t most_;
  std::vector<std::pair<std::size_t, std::string>> found_;  ///< by distance
};

/// The names that a misspelt word may have meant, at most `most`, in their order: those that begin with it (from three
/// letters on), else those that differ in the fewest letters, two at most. Capitals do not count.
std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& names, std::size_t most);

}  // namespace stapkill
