#include "stream/record_stream.h"

#include <algorithm>
#include <utility>

#include "base/json_member.h"

namespace stapkill {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostTold = 8;  // lines of one file that are named
constexpr int kDeepest = 64;          // a record has ten levels; what is deeper would use up the stack
constexpr std::string_view kBlanks = " \t\r";

/// How deep the brackets of a JSON text go.
int depth_of(std::string_view text) {
  int depth = 0, deepest = 0;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (quoted && c == '\\') ++at;
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    if (c == '}' || c == ']') --depth;
  }
  return deepest;
}

/// Discarded where it is no JSON, or nested too deeply.
Json parsed(std::string_view text) {
  Json none(Json::value_t::discarded);
  if (text.find('\0') != std::string_view::npos) return none;  // the parser would end there
  // A callback of the parser would know the depth too, but takes twice the time.
  return depth_of(text) > kDeepest ? none : Json::parse(text, nullptr, false);
}

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

std::string rfc3339(Time time) {
  std::string text;
  append_rfc3339(text, time);
  return text;
}

}  // namespace

RecordStream::RecordStream(std::unique_ptr<ByteSource> source, Tell tell)
    : source_(std::move(source)), lines_(*source_), tell_(std::move(tell)) {}

/// A line of it begins an object; the first can be the rest of a line, as tail -c gives it.
bool RecordStream::is_stream(std::string_view head) {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  if (head.starts_with(mark)) head.remove_prefix(mark.size());
  auto first = head.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return false;
  return head[first] == '{' || head.find("\n{\"") != std::string_view::npos;
}

void RecordStream::sort_by(Hosts& hosts) {
  auto path = name().english();
  hosts_.emplace(hosts, path.substr(path.rfind('/') + 1));
}

void RecordStream::leave_out(std::size_t number, const Phrase& why) {
  if (++damaged_ <= kMostTold) tell_(tr("line {} of {} is left out: {}", number, name(), why));
}

StreamRecord RecordStream::record_of(Json&& json, std::string_view text) {
  StreamRecord one;
  one.json = text;
  one.type = text_of(json, "type");
  if (auto time = time_of(json, "time")) time_ = time;
  one.time = time_;
  if (one.type == "session") {
    in_session_ = true;
    host_ = text_of(member(json, "host"), "hostname");
  }
  if (one.type == "summary") in_session_ = false;
  one.has_host = json.contains("host");
  auto own = text_of(json, "host");
  one.host = own.empty() ? host_ : own;
  if (hosts_) {
    const auto& host = member(json, "host");
    one.origin = one.type == "session" ? hosts_->session(host_, text_of(host, "boot_id")) : hosts_->origin(own);
    reader_.set_host(one.origin.host);
  }
  one.record = reader_.read(json);
  return one;
}

std::optional<StreamRecord> RecordStream::read(const StreamLines::Line& line) {
  auto text = trimmed(line.text);
  if (line.too_long) {
    leave_out(line.number, phrase("it is longer than {} MiB", StreamLines::kLongest >> 20));
    return std::nullopt;
  }
  if (text.empty()) return std::nullopt;
  auto json = parsed(text);
  if (json.is_object()) return record_of(std::move(json), text);
  if (!line.whole && json.is_discarded()) {
    cut_line_ = line.number;
  } else {
    leave_out(line.number, json.is_discarded() ? phrase("it is no JSON") : phrase("it is no JSON object"));
  }
  return std::nullopt;
}

std::optional<StreamRecord> RecordStream::next() {
  while (!ended_) {
    auto line = lines_.next();
    if (!line) {
      end();
      break;
    }
    if (auto record = read(*line)) return record;
  }
  return std::nullopt;
}

void RecordStream::tell_cut(const Phrase& how) {
  auto after =
      time_ ? phrase("; what came after {} is missing", rfc3339(time_)) : phrase("; what came after that is missing");
  tell_((how + after).local());
}

/// Says what is missing at the end.
void RecordStream::end() {
  ended_ = true;
  if (damaged_ > kMostTold) tell_(tr("{} more lines of {} are left out", damaged_ - kMostTold, name()));
  if (!source_->fault().empty() && !source_->is_cut()) {
    ++damaged_;
    tell_cut(phrase("{} cannot be read to its end: {}", name(), source_->fault()));
  } else if (!source_->fault().empty()) {
    tell_cut(phrase("{} is cut off: {}", name(), source_->fault()));
  } else if (cut_line_) {
    tell_cut(phrase("{} is cut off in line {}", name(), cut_line_));
  } else if (in_session_) {
    tell_cut(phrase("{} has no summary: its watch still runs or was killed, or the file is cut off", name()));
  }
}

}  // namespace stapkill
