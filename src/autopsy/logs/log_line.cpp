#include "autopsy/logs/log_line.h"

#include <algorithm>

#include "autopsy/logs/kmsg.h"
#include "autopsy/logs/tag.h"
#include "autopsy/logs/take.h"

namespace stapkill {
namespace {

constexpr std::string_view kKernel = "kernel";

/// "<6>", and the version that RFC 5424 puts after it.
bool take_priority(std::string_view& text) {
  auto rest = text;
  int priority = 0;
  if (!take_char(rest, '<') || !take_digits(rest, 1, 3, priority) || !take_char(rest, '>')) return false;
  text = rest;
  return true;
}

/// "kern  :info  : " (dmesg(1), --decode).
void take_decoded(std::string_view& text) {
  auto colon = text.find(':');
  if (colon > 8) return;
  auto end = text.find(": ", colon + 1);
  if (end == std::string_view::npos || end - colon > 8) return;
  auto letters = [](std::string_view word) {
    auto last = word.find_last_not_of(' ');
    word = word.substr(0, last == std::string_view::npos ? 0 : last + 1);
    return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  };
  auto rest = text.substr(end + 2);
  if (letters(text.substr(0, colon)) && letters(text.substr(colon + 1, end - colon - 1)) && rest.starts_with('['))
    text = rest;
}

/// What is in the kernel's buffer: also what systemd wrote there before the journal ran (log.c, write_to_kmsg, 252).
void set_kernel_message(std::string_view message, SplitLine& line) {
  line.program = kKernel;
  line.message = message;
  line.pid = 0;
  Tag tag;
  auto rest = message;
  if (!message.starts_with("systemd") || !take_tag(rest, tag) || tag.pid == 0) return;
  if (rest.starts_with("segfault at") || rest.starts_with("trap ") || rest.starts_with("unhandled signal")) return;
  line.program = tag.program;
  line.pid = tag.pid;
  line.message = rest;
}

/// "host kernel: ", "host prog[1]: ", "kernel: " of journalctl's short-monotonic after a stamp from boot; else dmesg's.
void set_after_boot_stamp(std::string_view rest, SplitLine& line) {
  auto host = first_word(rest);
  auto after = rest;
  Tag tag;
  if (take_tag(after, tag) && tag.program == kKernel && tag.pid == 0) return set_kernel_message(after, line);
  if (host.size() < rest.size() && !host.empty() && !host.ends_with(':') && !host.ends_with(']')) {
    after = rest.substr(host.size() + 1);
    if (take_tag(after, tag) && (tag.pid > 0 || tag.program == kKernel)) {
      line.tagged = true;
      line.host = host;
      line.program = tag.program;
      line.pid = tag.pid;
      line.message = after;
      if (tag.program == kKernel && tag.pid == 0) set_kernel_message(after, line);
      return;
    }
  }
  set_kernel_message(rest, line);
}

/// `facility`: with its level; "" where the line has none.
void set_tagged(const Tag& tag, std::string_view message, std::string_view facility, SplitLine& line) {
  line.tagged = true;
  line.is_kern = facility.starts_with("kern.");
  line.program = tag.program;
  line.pid = tag.pid;
  line.message = message;
  if (tag.program != kKernel) return;
  if (tag.bracketed) {  // the kernel has no pid: somebody calls itself so
    line.program = tag.whole;
    line.pid = 0;
    return;
  }
  if (!facility.empty() && !line.is_kern) {
    line.program = "not the kernel";
    return;
  }
  take_priority(message);
  auto rest = message;
  take_blanks(rest);
  if (take_boot_stamp(rest, line.stamp)) message = rest;
  set_kernel_message(message, line);
}

/// "kern.warn" (busybox, sysklogd/syslogd.c, parse_fac_prio_20).
bool is_facility(std::string_view word) {
  constexpr std::string_view levels[] = {"emerg",   "alert",  "crit", "err",   "error", "warn",
                                         "warning", "notice", "info", "debug", "panic"};
  auto dot = word.find('.');
  return dot != std::string_view::npos && dot > 0 &&
         std::find(std::begin(levels), std::end(levels), word.substr(dot + 1)) != std::end(levels);
}

/// "kern.warn " or nothing.
std::string_view take_facility(std::string_view& text) {
  auto word = first_word(text);
  if (!is_facility(word) || word.size() >= text.size()) return {};
  text.remove_prefix(word.size() + 1);
  return word;
}

/// "host prog[12]: msg", "prog[12]: msg", "host kern.warn kernel: msg", "host msg". Where a host is not `sure`, a
/// text without a tag has none.
void set_header(std::string_view rest, bool sure, SplitLine& line) {
  Tag tag;
  auto word = first_word(rest);
  auto after = rest;
  auto facility = take_facility(after);
  if (take_tag(after, tag)) return set_tagged(tag, after, facility, line);
  line.message = rest;
  if (word.size() >= rest.size()) return;
  after = rest.substr(word.size() + 1);
  facility = take_facility(after);
  if (take_tag(after, tag)) {
    line.host = word;
    return set_tagged(tag, after, facility, line);
  }
  if (!sure) return;
  line.host = word;
  line.message = after;
}

/// "app procid msgid [structured data] msg" after "1 TIME host " (RFC 5424, 6).
bool set_5424(std::string_view rest, SplitLine& line) {
  std::string_view words[4];
  for (auto& word : words) {
    word = first_word(rest);
    if (word.empty() || word.size() >= rest.size()) return false;
    rest.remove_prefix(word.size() + 1);
  }
  bool none = take_char(rest, '-');
  while (!none && take_char(rest, '[')) {
    for (bool quoted = false; !rest.empty(); rest.remove_prefix(1)) {
      if (rest[0] == '\\' && rest.size() > 1) {
        rest.remove_prefix(1);
      } else if (rest[0] == '"') {
        quoted = !quoted;
      } else if (rest[0] == ']' && !quoted) {
        break;
      }
    }
    if (!take_char(rest, ']')) return false;
  }
  take_char(rest, ' ');
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  line.host = words[0];
  Tag tag{words[1] == "-" ? std::string_view() : words[1], {}, 0, false};
  auto digits = words[2];
  tag.bracketed = words[2] != "-" && take_digits(digits, 1, 9, tag.pid);
  tag.whole = tag.bracketed ? std::string_view(words[1].data(), words[1].size() + 1 + words[2].size()) : tag.program;
  set_tagged(tag, rest, {}, line);
  return true;
}

bool set_klog(std::string_view rest, SplitLine& line) {
  if (!take_klog_stamp(rest, line.stamp, line.pid)) return false;
  line.message = rest;
  return true;
}

/// time="2026-11-30T18:21:21Z" level=info … (logrus, text_formatter.go): the message stays whole.
bool set_logfmt(std::string_view text, SplitLine& line) {
  constexpr std::string_view begin = "time=";
  if (!text.starts_with(begin)) return false;
  auto value = text.substr(begin.size());
  bool quoted = take_char(value, '"');
  value = value.substr(0, value.find(quoted ? '"' : ' '));
  int fraction = 0;
  bool comma = false;
  if (!take_iso_stamp(value, line.stamp, fraction, comma) || !value.empty()) return false;
  line.message = text;
  return true;
}

/// What a container wrote, behind the prefix of its runtime: "stderr F " of CRI (kubernetes, pkg/kubelet/kuberuntime/
/// logs), nothing of `docker logs -t`.
void set_of_container(std::string_view rest, SplitLine& line) {
  for (std::string_view stream : {"stdout ", "stderr "}) {
    if (rest.starts_with(stream) && rest.size() > stream.size() + 1 && rest[stream.size() + 1] == ' ')
      rest.remove_prefix(stream.size() + 2);
  }
  SplitLine inner;
  line.program = "container";
  line.message = rest;
  if (!set_klog(rest, inner)) return;
  line.program = "";
  line.pid = inner.pid;
  line.message = inner.message;
}

/// RFC 3339 and its relatives.
bool set_iso(std::string_view text, bool rfc5424, SplitLine& line) {
  int fraction = 0;
  bool comma = false;
  if (!take_iso_stamp(text, line.stamp, fraction, comma)) return false;
  if (rfc5424 && set_5424(text, line)) return true;
  if (comma) {
    set_kernel_message(text, line);  // dmesg --time-format iso
  } else if (fraction > 6 || text.starts_with("stderr F ") || text.starts_with("stdout F ")) {
    set_of_container(text, line);
  } else {
    set_header(text, false, line);
  }
  return true;
}

/// What begins with '[': dmesg in its forms, journalctl's short-monotonic.
bool set_bracketed(std::string_view text, SplitLine& line) {
  auto rest = text;
  if (take_boot_stamp(rest, line.stamp)) {
    set_after_boot_stamp(rest, line);
    return true;
  }
  if (take_delta_stamp(rest, line.stamp)) {
    set_kernel_message(rest, line);
    return true;
  }
  auto end = text.find(']');
  if (end > 64) return false;
  auto inside = text.substr(1, end - 1);
  if (!take_ctime_stamp(inside, line.stamp) || !inside.empty()) return false;
  line.stamp.doubt = Time{120} * 1'000'000'000;  // dmesg -T: see stamp.cpp, kOfDmesg
  rest = text.substr(end + 1);
  take_char(rest, ' ');
  set_kernel_message(rest, line);
  return true;
}

/// A record of /dev/kmsg.
bool set_record(std::string_view text, SplitLine& line) {
  KernelRecord record;
  if (!split_kernel_record(text, record)) return false;
  line.stamp.kind = Stamp::Kind::boot;
  line.stamp.since_boot = record.since_boot;
  line.program = record.program;
  line.pid = record.pid;
  line.message = record.message;
  return true;
}

bool set_dated(std::string_view text, bool rfc5424, SplitLine& line) {
  if (set_iso(text, rfc5424, line)) return true;
  auto rest = text;
  bool dated = take_bsd_stamp(rest, line.stamp) || take_full_stamp(rest, line.stamp);
  if (!dated && take_ctime_stamp(rest, line.stamp)) {
    set_header(rest, false, line);
    return true;
  }
  if (!dated && !take_unix_stamp(rest, line.stamp)) return false;
  set_header(rest, true, line);
  return true;
}

}  // namespace

SplitLine split_log_line(std::string_view text) {
  SplitLine line;
  line.message = text;
  auto rest = text;
  take_priority(rest);
  bool rfc5424 = rest.starts_with("1 ");
  if (rfc5424) rest.remove_prefix(2);
  if (set_dated(rest, rfc5424, line)) return line;
  rest = text;
  take_priority(rest);
  take_decoded(rest);
  if (rest.starts_with('[') && set_bracketed(rest, line)) return line;
  if (set_klog(text, line) || set_logfmt(text, line) || set_record(text, line)) return line;
  line = SplitLine{};
  line.message = text;
  line.continues = text.starts_with(' ') || text.starts_with('\t');
  return line;
}

std::string_view without_decoration(std::string_view line, std::string& storage) {
  while (line.ends_with('\r') || line.ends_with('\0')) line.remove_suffix(1);
  while (line.starts_with('\0')) line.remove_prefix(1);
  if (line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
  while (line.starts_with("> ") || line.starts_with(">>") || line.starts_with(">[") || line.starts_with("|| ")) {
    line.remove_prefix(1);
    take_char(line, ' ');
  }
  if (line.find('\033') == std::string_view::npos) return line;
  storage.clear();
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] != '\033' || at + 1 >= line.size() || line[at + 1] != '[') {
      storage += line[at];
      continue;
    }
    auto end = line.find_first_not_of("0123456789;", at + 2);  // ECMA-48, 5.4: a control sequence's parameters
    at = end == std::string_view::npos ? line.size() : end;
  }
  return storage;
}

std::string_view without_repetition(std::string_view message) {
  auto rest = message;
  constexpr std::string_view begin = "message repeated ";
  int times = 0;
  if (!rest.starts_with(begin) || !rest.ends_with(']')) return message;
  rest.remove_prefix(begin.size());
  if (!take_digits(rest, 1, 9, times) || !rest.starts_with(" times: [")) return message;
  rest.remove_prefix(std::string_view(" times: [").size());
  take_char(rest, ' ');
  rest.remove_suffix(1);
  return rest;
}

}  // namespace stapkill
