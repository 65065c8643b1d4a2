#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace stapkill {

/// A number as a .mo file has it, little-endian.
inline std::string mo_number(std::size_t number) {
  std::string bytes;
  for (unsigned shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(number >> shift & 0xff);
  return bytes;
}

/// The bytes of a .mo file with these messages and their texts, as msgfmt --no-hash writes it.
inline std::string made_mo(const std::map<std::string, std::string>& texts) {
  constexpr std::size_t header = 28, entry = 8;
  std::size_t messages = header, translations = header + texts.size() * entry;
  std::string tables[2], strings;
  auto add = [&](std::string& table, std::string_view text) {
    table += mo_number(text.size()) + mo_number(header + 2 * texts.size() * entry + strings.size());
    strings.append(text).push_back('\0');
  };
  for (const auto& [message, text] : texts) add(tables[0], message);
  for (const auto& [message, text] : texts) add(tables[1], text);
  return mo_number(0x950412de) + mo_number(0) + mo_number(texts.size()) + mo_number(messages) +
         mo_number(translations) + mo_number(0) + mo_number(header) + tables[0] + tables[1] + strings;
}

}  // namespace stapkill
