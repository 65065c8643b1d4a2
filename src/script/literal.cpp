#include "script/literal.h"

namespace stapkill {

Literal Literal::text(std::string_view value) {
  std::string out = "\"";
  for (char c : value) {
    auto byte = static_cast<unsigned char>(c);
    // '%' and '$', '@' mean something to stap's preprocessor or to printf; as octal they mean nothing but themselves.
    bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                 std::string_view(" !#&'()*+,-./:;<=>?[]^_{|}~").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
      continue;
    }
    // Three digits always: a digit that follows cannot join the escape.
    out += '\\';
    for (int shift : {6, 3, 0}) out += static_cast<char>('0' + (byte >> shift & 7));
  }
  return Literal(out + "\"");
}

}  // namespace stapkill
