#include "verdict/random_name.h"

#include <algorithm>
#include <array>

namespace stapkill {
namespace {

/// For each letter those that rarely follow it.
constexpr std::array<std::string_view, 26> kRareAfter = {"jq",                      // a
                                                         "",                        // b
                                                         "jnqwxz",                  // c
                                                         "qvwxz",                   // d
                                                         "j",                       // e
                                                         "bdghjknqvwxz",            // f
                                                         "jkqvxyz",                 // g
                                                         "bghjknqvwxz",             // h
                                                         "hjqwy",                   // i
                                                         "bdfghjklmnprtvwxyz",      // j
                                                         "hjknqvwxz",               // k
                                                         "hjnqz",                   // l
                                                         "hjqvwxz",                 // m
                                                         "hqwz",                    // n
                                                         "qyz",                     // o
                                                         "jqvwxz",                  // p
                                                         "abcdefghijknopqrsvwxyz",  // q
                                                         "hjqwxz",                  // r
                                                         "jxz",                     // s
                                                         "jqz",                     // t
                                                         "hjquvwyz",                // u
                                                         "bfhjklpqruvwxyz",         // v
                                                         "bcdfgjkpquvwxyz",         // w
                                                         "ghjknquvwxz",             // x
                                                         "fhjkquvwxyz",             // y
                                                         "bcdfghjklmnpqrstuvwx"};   // z

bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Counts runs of one kind; a capital and the small letters after it are one run.
std::size_t pieces_of(std::string_view name) {
  std::size_t pieces = 1;
  for (std::size_t i = 1; i < name.size(); ++i) {
    char last = name[i - 1], now = name[i];
    bool same = is_digit(last) == is_digit(now) && is_capital(last) == is_capital(now);
    bool begins = is_capital(last) && is_small(now) && (i == 1 || !is_capital(name[i - 2]));
    if (!same && !begins) ++pieces;
  }
  return pieces;
}

bool has_rare_pairs(std::string_view name) {
  std::size_t rare = 0;
  for (std::size_t i = 1; i < name.size(); ++i) {
    rare += kRareAfter[static_cast<std::size_t>(name[i - 1] - 'a')].find(name[i]) != std::string_view::npos;
  }
  return rare >= 3 && rare * 4 >= name.size() - 1;
}

}  // namespace

bool looks_random(std::string_view name) {
  constexpr std::size_t shortest_mixed = 6, shortest = 8;
  if (name.size() < shortest_mixed) return false;
  bool small = false, capital = false, digit = false;
  for (char c : name) {
    if (!is_small(c) && !is_capital(c) && !is_digit(c)) return false;
    small = small || is_small(c);
    capital = capital || is_capital(c);
    digit = digit || is_digit(c);
  }
  if (!digit && !capital) return name.size() >= shortest && has_rare_pairs(name);
  if (!digit || (!small && !capital)) return false;
  return name.size() >= (small && capital ? shortest_mixed : shortest) && pieces_of(name) * 2 > name.size();
}

}  // namespace stapkill
