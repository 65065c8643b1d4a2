#include "report/markdown_text.h"

#include <algorithm>
#include <span>
#include <vector>

#include "base/text.h"
#include "report/right_to_left.h"

namespace stapkill {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t longest_run(std::string_view text, char mark) {
  std::size_t longest = 0, run = 0;
  for (char c : text) {
    run = c == mark ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

/// Hosts make links of seven or more hexadecimal digits (a commit).
bool may_be_a_commit(std::string_view text) {
  constexpr std::size_t shortest = 7;
  std::size_t run = 0;
  for (char c : text) {
    run = is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') ? run + 1 : 0;
    if (run >= shortest) return true;
  }
  return false;
}

/// The word without what may stand around it in a sentence.
std::string_view core(std::string_view word) {
  if (word.starts_with('(')) word.remove_prefix(1);
  auto end = word.find_last_not_of(".,;:)");
  return word.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

/// "04:16:39.258", "64.0": digits with single marks between them. Hosts have emoji as :100:, never one of two digits.
bool is_number(std::string_view text) {
  bool time = text.size() >= 8 && text[2] == ':' && text[5] == ':';
  for (std::size_t at = 0; at < text.size(); ++at) {
    bool mark = text[at] == '.' || (time && (at == 2 || at == 5));
    bool between = at > 0 && at + 1 < text.size() && is_digit(text[at - 1]) && is_digit(text[at + 1]);
    if (!is_digit(text[at]) && !(mark && between)) return false;
  }
  return !text.empty();
}

/// Letters and digits, or letters with single hyphens between them: nothing in it has a meaning in any Markdown. A
/// reference as ABC-123 has digits and a hyphen.
bool is_plain(std::string_view text) {
  if (text.empty() || may_be_a_commit(text)) return false;
  auto all = [&](auto is) { return std::all_of(text.begin(), text.end(), is); };
  if (is_number(text) || all([](char c) { return is_letter(c) || is_digit(c); })) return true;
  bool hyphens = text.front() == '-' || text.back() == '-' || text.find("--") != std::string_view::npos;
  return !hyphens && all([](char c) { return is_letter(c) || c == '-'; });
}

/// "sleep(20246" without its end, as core() leaves it.
bool is_name_and_pid(std::string_view text) {
  auto open = text.find('(');
  if (open == std::string_view::npos || open == 0) return false;
  auto pid = text.substr(open + 1);
  return is_plain(text.substr(0, open)) && is_plain(pid) && is_digit(pid.front());
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    auto end = text.find(' ');
    words.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return words;
    text.remove_prefix(end + 1);
  }
}

bool is_text(std::string_view word) {
  auto middle = core(word);
  if (middle == "=") return true;
  if (middle.ends_with("'s") && is_plain(middle.substr(0, middle.size() - 2))) return true;
  return is_plain(middle) || is_name_and_pid(middle);
}

/// Marks at the end of a piece that belong to the sentence.
std::string_view closing_marks(std::string_view text) {
  constexpr std::string_view marks = ".,;:";
  auto end = text.find_last_not_of(marks);
  return end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
}

/// How many words from `at` on are in one pair of parentheses or backticks; 0: they begin none.
std::size_t enclosed(const std::vector<std::string_view>& words, std::size_t at) {
  if (!words[at].starts_with('(') && !words[at].starts_with('`')) return 0;
  bool ticks = words[at].front() == '`';
  for (std::size_t next = at; next < words.size(); ++next) {
    auto word = words[next].substr(0, words[next].size() - closing_marks(words[next]).size());
    if (next == at) word.remove_prefix(std::min<std::size_t>(1, word.size()));
    if (!ticks && word.ends_with(')')) return next - at + 1;
    auto tick = word.find('`');  // a name can hold others: then it is no pair
    if (ticks && tick != std::string_view::npos) return tick + 1 == word.size() ? next - at + 1 : 0;
  }
  return 0;
}

/// The length of the Chinese character or mark that a text begins with: U+3000 to U+303F, U+3400 to U+9FFF, U+FF00 to
/// U+FFEF, and the quotation marks U+201C and U+201D; 0: none.
std::size_t han_character(std::string_view text) {
  if (text.size() < 3) return 0;
  auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  unsigned code = (byte(0) & 0x0fU) << 12 | (byte(1) & 0x3fU) << 6 | (byte(2) & 0x3fU);
  if ((byte(0) & 0xf0) != 0xe0) return 0;
  bool is = (code >= 0x3000 && code <= 0x303f) || (code >= 0x3400 && code <= 0x9fff) ||
            (code >= 0xff00 && code <= 0xffef) || code == 0x201c || code == 0x201d;
  return is ? 3 : 0;
}

std::size_t han_at(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && han_character(text.substr(at)) == 0) ++at;
  return at;
}

std::size_t han_length(std::string_view text) {
  std::size_t at = 0;
  while (auto length = han_character(text.substr(at))) at += length;
  return at;
}

/// Prose without Chinese: plain words are text, all others are code.
std::string latin_prose(std::string_view text, MarkdownPlace place) {
  std::string out;
  auto words = words_of(text);
  bool one_pair = std::count(text.begin(), text.end(), '`') == 2;  // else some can be part of a name
  auto add = [&](std::string_view piece) { out.append(out.empty() ? "" : " ").append(piece); };
  auto add_code = [&](std::size_t from, std::size_t to) {
    std::string_view all(words[from].data(), static_cast<std::size_t>(words[to - 1].end() - words[from].begin()));
    auto marks = closing_marks(all);
    all.remove_suffix(marks.size());
    bool parentheses = all.size() > 2 && all.front() == '(' && all.back() == ')';
    bool ticks = one_pair && all.size() > 2 && all.front() == '`' && all.back() == '`';
    if (parentheses || ticks) all = all.substr(1, all.size() - 2);
    auto code = markdown_code(all, place);
    add((parentheses ? '(' + code + ')' : code) + std::string(marks));
  };
  for (std::size_t at = 0; at < words.size();) {
    std::size_t end = at;
    while (end < words.size() && is_text(words[end]) && !(end > at && enclosed(words, end))) ++end;
    if (auto count = enclosed(words, at)) {
      auto group = std::span(words).subspan(at, count);
      if (std::all_of(group.begin(), group.end(), is_text)) {
        for (auto word : group) add(word);
      } else {
        add_code(at, at + count);
      }
      at += count;
    } else if (end > at) {
      for (; at < end; ++at) add(words[at]);
    } else {
      for (end = at + 1; end < words.size() && !is_text(words[end]) && !enclosed(words, end);) ++end;
      add_code(at, end);
      at = end;
    }
  }
  return out;
}

}  // namespace

std::string markdown_code(std::string_view bytes, MarkdownPlace place) {
  std::string text;
  for (char c : printable(bytes)) {
    if (c == '|' && place == MarkdownPlace::cell) {
      text += "\\x7c";
    } else {
      text += c;
    }
  }
  if (text.empty()) return "(empty)";
  std::string fence(longest_run(text, '`') + 1, '`');
  auto at_edge = [&](char c) { return text.front() == c || text.back() == c; };
  bool blank = text.find_first_not_of(' ') == std::string::npos;
  std::string_view pad = !blank && (at_edge('`') || at_edge(' ')) ? " " : "";
  std::string out = fence;
  out.append(pad).append(text).append(pad).append(fence);
  return has_right_to_left(text) ? out + "&lrm;" : out;
}

std::string markdown_prose(std::string_view sentence, MarkdownPlace place) {
  std::string out, safe = printable(sentence);
  // Chinese has no blanks between words, and none of its characters means anything to Markdown.
  for (std::string_view rest = safe; !rest.empty();) {
    auto other = rest.substr(0, han_at(rest));
    rest.remove_prefix(other.size());
    auto han = rest.substr(0, han_length(rest));
    rest.remove_prefix(han.size());
    auto from = std::min(other.find_first_not_of(' '), other.size());
    auto to = other.find_last_not_of(' ') + 1;
    out.append(other.substr(0, from)).append(from < to ? latin_prose(other.substr(from, to - from), place) : "");
    out.append(other.substr(std::max(from, to))).append(han);
  }
  return out;
}

}  // namespace stapkill
