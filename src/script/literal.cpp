#include "script/literal.h"

#include <re2/re2.h>

#include <algorithm>

namespace stapkill {

bool Literal::is_variable(std::string_view name) {
  static const re2::RE2 pattern(R"([A-Za-z_]\w*(->[A-Za-z_]\w*|\[[0-9]{1,9}\])*)");
  constexpr std::size_t kLongest = 200;
  return name.size() <= kLongest && re2::RE2::FullMatch(re2::StringPiece(name.data(), name.size()), pattern);
}

Literal Literal::variables(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    if (!is_variable(name)) continue;
    // "$name$" prints numbers, strings and structures alike (stapprobes(3stap), "Pretty-printing").
    if (!out.empty()) out += " . ";
    out += text(" " + name + "=").script_;
    out.append(" . sprintf(\"%s\", $").append(name).append("$)");
  }
  return Literal(out.empty() ? "\"\"" : out);
}

Literal Literal::name(std::string_view value) {
  bool as_it_is = std::none_of(value.begin(), value.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f || std::string_view("\"\\%$").find(c) != std::string_view::npos;
  });
  return as_it_is ? Literal('"' + std::string(value) + '"') : text(value);
}

Literal Literal::text(std::string_view value) {
  std::string out = "\"";
  for (char c : value) {
    auto byte = static_cast<unsigned char>(c);
    // '%', '$' and '@' have a meaning to stap's preprocessor or to printf; as octal escapes they have none.
    bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                 std::string_view(" !#&'()*+,-./:;<=>?[]^_{|}~").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
      continue;
    }
    // Always three digits: a following digit cannot become part of the escape.
    out += '\\';
    for (int shift : {6, 3, 0}) out += static_cast<char>('0' + (byte >> shift & 7));
  }
  return Literal(out + "\"");
}

}  // namespace stapkill
