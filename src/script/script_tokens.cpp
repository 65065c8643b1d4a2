#include "script/script_tokens.h"

#include <algorithm>
#include <cctype>

namespace stapkill {
namespace {

bool is_word(unsigned char c) {
  return std::isalnum(c) != 0 || c == '_' || c == '*' || c == '$' || c == '@';
}

/// The place after `end`, or the script's end if it is missing.
std::size_t after(std::string_view script, std::string_view end, std::size_t from) {
  auto at = script.find(end, from);
  return at == std::string_view::npos ? script.size() : at + end.size();
}

/// The place after a comment or C code that begins here; `at` itself if none does.
std::size_t after_comment(std::string_view script, std::size_t at) {
  auto rest = script.substr(at);
  if (rest.starts_with('#') || rest.starts_with("//")) return after(script, "\n", at);
  if (rest.starts_with("/*")) return after(script, "*/", at + 2);
  if (rest.starts_with("%{")) return after(script, "%}", at + 2);
  return at;
}

std::size_t after_text(std::string_view script, std::size_t at) {
  for (++at; at < script.size() && script[at] != '"'; ++at) {
    if (script[at] == '\\') ++at;
  }
  return std::min(at + 1, script.size());
}

}  // namespace

std::vector<ScriptToken> script_tokens(std::string_view script) {
  using Kind = ScriptToken::Kind;
  std::vector<ScriptToken> tokens;
  for (std::size_t at = 0; at < script.size();) {
    auto c = static_cast<unsigned char>(script[at]);
    if (std::isspace(c) != 0) {
      ++at;
    } else if (auto next = after_comment(script, at); next != at) {
      at = next;
    } else if (c == '"') {
      auto end = after_text(script, at);
      auto text = script.substr(at + 1, end - at - 1);
      if (text.ends_with('"')) text.remove_suffix(1);
      tokens.push_back({Kind::text, std::string(text)});
      at = end;
    } else if (is_word(c)) {
      auto end = at;
      while (end < script.size() && is_word(static_cast<unsigned char>(script[end]))) ++end;
      tokens.push_back({Kind::word, std::string(script.substr(at, end - at))});
      at = end;
    } else {
      tokens.push_back({Kind::sign, std::string(1, script[at++])});
    }
  }
  return tokens;
}

}  // namespace stapkill
