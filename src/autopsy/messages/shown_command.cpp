#include "autopsy/messages/shown_command.h"

#include <re2/re2.h>

#include <algorithm>

namespace stapkill {
namespace {

// src/session/redaction.h does this for records; this room may not use it. Here less is known (no argv), so more goes.
constexpr std::size_t kMostWords = 12, kLongestWord = 200, kLongestPlain = 40;

bool matches(std::string_view word, const RE2& expression) {
  return RE2::PartialMatch(re2::StringPiece(word.data(), word.size()), expression);
}

RE2::Options of_bytes() {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);
  return options;
}

/// Whether the words after it may be secret: "--password", "-p", "Bearer", "password:".
bool announces_secret(std::string_view word) {
  static const RE2 names(
      R"((?i)^-{0,2}[a-z0-9_.-]*(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?|bearer|authorization|basic)[:=]?["']?$)",
      of_bytes());
  return word == "-p" || word == "-u" || word == "--user" || word == "-H" || word == "--header" || matches(word, names);
}

/// Whether it holds one itself: NAME=value of such a name, a URL with a password, mysql's -pSECRET, a long run of mixed
/// letters and digits.
bool may_be_secret(std::string_view word) {
  static const RE2 shapes(
      R"((?i)(?:pass|pwd|secret|token|key|credential|auth|bearer)[^/]*[=:]|://[^/]*@|^-p[^-/]{4,}$|[0-9][a-z+/_=-]*[a-z][a-z0-9+/_=-]{18,}|[a-z][a-z+/_=-]*[0-9][a-z0-9+/_=-]{18,})",
      of_bytes());
  static const RE2 path(R"(^/[a-zA-Z0-9/_.@-]*$)", of_bytes());
  if (matches(word, path)) return false;
  return word.size() > kLongestPlain || matches(word, shapes);
}

}  // namespace

std::string shown_command(std::string_view command) {
  std::string out;
  bool secret_next = false;
  for (std::size_t count = 0; count < kMostWords; ++count) {
    command.remove_prefix(std::min(command.find_first_not_of(' '), command.size()));
    if (command.empty()) return out;
    auto word = command.substr(0, std::min(command.find(' '), command.size()));
    if (!out.empty()) out += ' ';
    bool program = count == 0 && word.size() <= kLongestWord;
    if (!program && (secret_next || may_be_secret(word))) {
      out += "[redacted]";
    } else {
      out += word.substr(0, kLongestWord);
    }
    // What follows "Authorization: Bearer" is one too.
    secret_next = announces_secret(word) || (secret_next && word.ends_with(':'));
    command.remove_prefix(word.size());
  }
  return command.find_first_not_of(' ') == std::string_view::npos ? out : out + " …";
}

}  // namespace stapkill
