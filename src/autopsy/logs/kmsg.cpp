#include "autopsy/logs/kmsg.h"

#include <charconv>
#include <limits>

#include "autopsy/logs/tag.h"
#include "autopsy/logs/take.h"

namespace stapkill {

bool split_kernel_record(std::string_view text, KernelRecord& record) {
  unsigned prefix = 0;
  std::uint64_t sequence = 0;
  Time micros = 0;
  if (!take_digits(text, 1, 9, prefix) || !take_char(text, ',') || !take_digits(text, 1, 20, sequence) ||
      !take_char(text, ',') || !take_digits(text, 1, 15, micros) || !take_char(text, ','))
    return false;
  auto end = text.substr(0, 256).find(';');  // more fields may come (caller=T1)
  if (end == std::string_view::npos) return false;
  text.remove_prefix(end + 1);
  record.since_boot = micros * 1000;
  record.message = text.substr(0, text.find('\n'));
  record.program = "kernel";
  record.pid = 0;
  constexpr unsigned facility_bits = 3;  // LOG_KERN is 0 (syslog(3)); the kernel does not let others use it
  if (prefix >> facility_bits == 0) return true;
  Tag tag;
  bool tagged = take_tag(record.message, tag) && tag.program != "kernel";
  record.program = tagged ? tag.program : "kmsg";
  record.pid = tagged ? tag.pid : 0;
  return true;
}

void append_unescaped(std::string_view message, std::string& out) {
  for (std::size_t at = 0; at < message.size(); ++at) {
    unsigned byte = 0;
    const char* digits = message.data() + at + 2;
    bool escape = message.size() - at >= 4 && message[at] == '\\' && message[at + 1] == 'x';
    auto read = escape ? std::from_chars(digits, digits + 2, byte, 16) : std::from_chars_result{};
    if (escape && read.ec == std::errc() && read.ptr == digits + 2) {
      out += static_cast<char>(byte);
      at += 3;
    } else {
      out += message[at];
    }
  }
}

}  // namespace stapkill
