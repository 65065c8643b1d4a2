#include "autopsy/logs/text_log.h"

#include <algorithm>
#include <utility>

namespace stapkill {
namespace {

constexpr std::string_view kKernel = "kernel";
// rsyslog writes control characters as '#' and three octal digits (runtime/parser.c, SanitizeMsg): a newline.
constexpr std::string_view kNewline = "#012";
constexpr std::size_t kMostParts = 200;

/// rsyslog's file of facility kern (Debian's rsyslog.conf): log_entry.h says who can write there.
bool is_kernels_own(std::string_view path) {
  return path.substr(path.rfind('/') + 1).starts_with("kern.log");
}

}  // namespace

TextLog::TextLog(Options options, LineClock& clock, const TakeEntry& take)
    : options_(std::move(options)), clock_(clock), take_(take) {}

bool TextLog::in_scope() const {
  return time_.time == 0 || (time_.time + time_.doubt >= options_.since && time_.time - time_.doubt <= options_.until);
}

void TextLog::set_place(LinePlace place) {
  place_ = options_.name;
  if (place.number > 0) {
    place_.append(":").append(std::to_string(place.number));
  } else {
    place_.append(", byte ").append(std::to_string(place.offset));
  }
}

void TextLog::line(std::string_view bytes, LinePlace place) {
  auto text = without_decoration(bytes, storage_);
  if (text.empty()) return;
  auto line = split_log_line(text);
  if (line.stamp.kind != Stamp::Kind::none || line.stamp.since_boot) {
    time_ = clock_.place(line.stamp);
  } else if (line.continues) {
    line.program = program_;
    line.pid = pid_;
  }
  has_tags_ |= line.tagged;
  if (!in_scope()) return;
  set_place(place);
  if (line.program.empty()) line.program = options_.program;
  if (!line.continues) {
    program_ = line.program;
    pid_ = line.pid;
  }
  auto message = without_repetition(line.message);
  if (message.empty()) return;
  if (line.program == kKernel) return give(line, message);
  for (std::size_t part = 0; part < kMostParts; ++part) {
    auto end = message.find(kNewline);
    if (auto one = message.substr(0, end); !one.empty()) give(line, one);
    if (end == std::string_view::npos) return;
    message.remove_prefix(end + kNewline.size());
  }
}

void TextLog::give(const SplitLine& line, std::string_view message) {
  if (time_.time != 0) {
    if (first_ == 0) first_ = time_.time;
    last_ = std::max(last_, time_.time);
  }
  LogEntry entry;
  entry.time = time_.time;
  entry.doubt = time_.doubt;
  entry.since_boot = line.stamp.since_boot;
  entry.program = line.program;
  entry.pid = line.pid;
  entry.message = message;
  entry.source = line.program == kKernel ? "kernel-log" : "log";
  entry.place = place_;
  entry.forgeable = has_tags_ && !line.is_kern && !is_kernels_own(options_.name);
  take_(entry);
}

std::string program_of_log(std::string_view path) {
  auto name = path.substr(path.rfind('/') + 1);
  constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"kubelet", "kubelet"},       {"docker", "dockerd"}, {"earlyoom", "earlyoom"}, {"dmesg", "kernel"},
      {"containerd", "containerd"}, {"crio", "crio"},      {"nohang", "nohang"}};
  for (const auto& [begin, program] : known) {
    if (name.starts_with(begin)) return std::string(program);
  }
  return {};
}

}  // namespace stapkill
