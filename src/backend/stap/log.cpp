#include "backend/stap/log.h"

#include <algorithm>

namespace stapkill {
namespace {

constexpr std::size_t kLongestLine = 1 << 16;  // the rest is not read: all members of a struct are some KiB
constexpr std::size_t kMostNames = 8;
constexpr std::string_view kNames = "(alternatives: ";

/// A line short enough to read. Of a struct's members the first stay: stap lists the nearest names first. Of a line
/// that is still too long both ends stay: the place stands last.
std::string shortened(std::string_view line) {
  std::string text(line);
  auto begin = text.find(kNames), end = text.find(')', begin);
  if (begin != std::string::npos && end != std::string::npos) {
    auto at = begin + kNames.size();
    for (std::size_t names = 0; at < end && names < kMostNames; ++names) at = std::min(text.find(", ", at), end) + 2;
    if (at < end) {
      auto left = std::count(text.begin() + static_cast<std::ptrdiff_t>(at),
                             text.begin() + static_cast<std::ptrdiff_t>(end), ',') +
                  1;
      text.replace(at, end - at, std::to_string(left) + " more");
    }
  }
  if (text.size() <= kLongestMessage) return text;
  constexpr std::string_view gap = " ... ";
  auto half = (kLongestMessage - gap.size()) / 2, rest = kLongestMessage - gap.size() - half;
  return text.substr(0, half) + std::string(gap) + text.substr(text.size() - rest);
}

bool is_error(const Recognised& found) {
  return found.message->level == DiagnosticRecord::Level::error;
}

bool speaks_of_an_error(std::string_view line) {
  for (std::string_view word : {"error", "ERROR", "Error", "错误"}) {
    if (line.find(word) != std::string_view::npos) return true;
  }
  return false;
}

/// N of "Pass N: "; 0 for none.
int pass_of(std::string_view line) {
  constexpr std::string_view kPass = "Pass ";
  for (auto at = line.find(kPass); at != std::string_view::npos; at = line.find(kPass, at + 1)) {
    auto digit = at + kPass.size();
    bool whole = at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t';
    if (whole && digit + 1 < line.size() && line[digit] >= '1' && line[digit] <= '5' && line[digit + 1] == ':') {
      return line[digit] - '0';
    }
  }
  return 0;
}

/// Whether a message is narrower than the one known so far: the tables list the narrower message first.
bool says_more(const Message* message, const Message* known) {
  if (!message || message == known) return false;
  if (!known) return true;
  if (message->context != known->context) return known->context;
  auto all = messages();
  return std::find(all.begin(), all.end(), message) < std::find(all.begin(), all.end(), known);
}

/// Where a tag of HTML ends a line of text within a line of bytes; npos for nowhere.
std::size_t end_of_part(std::string_view line) {
  auto end = std::string_view::npos;
  for (std::string_view tag : {"<br>", "<br/>", "<br />", "</p>", "</li>", "</div>"}) {
    end = std::min(end, line.find(tag));
  }
  return end;
}

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
  return first == std::string_view::npos ? std::string_view() : text.substr(first, last - first + 1);
}

}  // namespace

void LogReader::take(std::string_view bytes) {
  while (!bytes.empty()) {
    auto end = bytes.find('\n');
    auto piece = bytes.substr(0, end);
    if (end != std::string_view::npos && !in_line_) {
      take_line(piece);  // straight from the bytes: the common case
    } else {
      partial_ += piece.substr(0, kLongestLine - partial_.size());
      in_line_ = true;
    }
    if (end == std::string_view::npos) return;
    if (in_line_) take_line(partial_);
    partial_.clear();
    in_line_ = false;
    bytes.remove_prefix(end + 1);
  }
}

void LogReader::end() {
  if (in_line_) take_line(partial_);
  partial_.clear();
  in_line_ = false;
  close();
}

void LogReader::take_line(std::string_view bytes) {
  ++lines_;
  bytes = bytes.substr(0, kLongestLine);
  if (source_ == LogSource::program) return take_part(bytes);
  for (auto end = end_of_part(bytes); end != std::string_view::npos; end = end_of_part(bytes)) {
    take_part(bytes.substr(0, end));
    bytes.remove_prefix(bytes.find('>', end) + 1);
  }
  take_part(bytes);
}

void LogReader::take_part(std::string_view bytes) {
  auto line = clean_line(shortened(bytes));
  if (trimmed(line.text).empty()) return close();
  const auto* message = message_of(line.text);
  note_pass(line.text, message);
  if (source_ == LogSource::program) {
    if (message) return record({lines_, 1, line.text, message});
    return note_unknown(lines_, line.text);
  }
  if (open_ && !message && goes_on(line)) return;
  close();
  open_ = Open{{lines_, 1, line.text, message}, line.text, line.text, line.text, line};
}

/// The message of a line. A bare "no match" is completed with the probe point that stap named two lines above, as
/// SystemTap 1 printed it in one line.
const Message* LogReader::message_of(std::string_view text) {
  constexpr std::string_view kSource = "source:", kProbe = "probe ";
  constexpr std::size_t kLongestProbe = 512;
  auto words = trimmed(text);
  if (resolving_ && words.starts_with(kSource)) {
    words = trimmed(words.substr(kSource.size()));
    if (words.starts_with(kProbe)) words = trimmed(words.substr(kProbe.size()));
    if (auto alias = words.find(" = "); alias != std::string_view::npos) words = trimmed(words.substr(alias + 3));
    probe_ = words.substr(0, kLongestProbe);
    resolving_ = false;
    return recognise_clean(text);
  }
  if (text.find("while resolving probe point: ") != std::string_view::npos) {
    resolving_ = true;
    probe_.clear();
  }
  if (!probe_.empty() && words.ends_with("semantic error: no match")) {
    return recognise_clean("semantic error: no match while resolving probe point " + probe_);
  }
  return recognise_clean(text);
}

/// Joins a line that is no message with the open line, if both together are one.
bool LogReader::goes_on(const LogLine& line) {
  constexpr int kMostPieces = 5;
  auto& open = *open_;
  if (open.pieces >= kMostPieces || !may_be_folded(open.last, line)) return false;
  bool quoted = open.last.text.ends_with('=');  // quoted-printable
  for (auto* joined : {&open.blank, &open.nothing}) {
    if (quoted) joined->pop_back();
    if (joined == &open.blank && !quoted && !joined->ends_with(' ')) *joined += ' ';
    *joined += line.text;
    joined->resize(std::min(joined->size(), kLongestMessage));
    const auto* message = recognise_clean(*joined);
    if (!says_more(message, open.found.message)) continue;
    open.found.message = message;
    open.found.text = *joined;
  }
  open.last = line;
  ++open.pieces;
  note_unknown(lines_, line.text);
  return true;
}

/// The open line is complete.
void LogReader::close() {
  if (!open_) return;
  auto open = std::move(*open_);
  open_.reset();
  if (!open.found.message) {
    bool later = unknown_error_ && unknown_error_->line > open.found.line;
    if (later && speaks_of_an_error(open.first)) unknown_error_.reset();
    return note_unknown(open.found.line, open.first);
  }
  // The rest was taken for an unknown error: it is part of a known message.
  if (unknown_error_ && unknown_error_->line > open.found.line && open.found.text != open.first) unknown_error_.reset();
  record(std::move(open.found));
}

void LogReader::record(Recognised found) {
  auto text = trimmed(found.text);
  found.text = std::string(text);
  auto known = std::find_if(found_.begin(), found_.end(),
                            [&](const Recognised& other) { return other.message == found.message; });
  if (known != found_.end()) {
    ++known->count;
  } else {
    found_.push_back(std::move(found));
  }
}

void LogReader::note_unknown(std::size_t line, std::string_view text) {
  if (!unknown_error_ && speaks_of_an_error(text)) {
    unknown_error_ = Recognised{line, 1, std::string(trimmed(text)), nullptr};
  }
}

void LogReader::note_pass(std::string_view text, const Message* message) {
  int pass = pass_of(text);
  if (pass == 0) return;
  last_pass_ = pass;
  if (message && message->id == "context.pass" && !failed_pass_) failed_pass_ = pass;
}

const Recognised* LogReader::origin(const Recognised& found) const {
  auto at = std::find_if(found_.begin(), found_.end(), [&](const Recognised& other) {
    return other.message != found.message && explains(*other.message, *found.message);
  });
  return at == found_.end() ? nullptr : &*at;
}

/// Whether this can be the cause: an error, or a warning that an error follows from, which no other message explains.
bool LogReader::stands(const Recognised& found) const {
  if (found.message->context || origin(found)) return false;
  return is_error(found) || std::any_of(found_.begin(), found_.end(), [&](const Recognised& other) {
           return is_error(other) && explains(*found.message, *other.message);
         });
}

const Recognised* LogReader::cause() const {
  auto at = std::find_if(found_.begin(), found_.end(), [this](const Recognised& found) { return stands(found); });
  if (at == found_.end()) {
    at = std::find_if(found_.begin(), found_.end(), [](const Recognised& found) { return is_error(found); });
  }
  return at == found_.end() ? nullptr : &*at;
}

std::vector<Recognised> LogReader::recognised() const {
  std::vector<const Recognised*> shown;
  const auto* first = cause();
  for (const auto& found : found_) {
    if (&found == first || !found.message->context) shown.push_back(&found);
  }
  if (shown.empty() && !found_.empty()) shown.push_back(&found_.front());
  auto rank = [&](const Recognised* found) {
    return found == first ? 0 : stands(*found) ? 1 : is_error(*found) ? 2 : 3;
  };
  std::stable_sort(shown.begin(), shown.end(),
                   [&](const Recognised* one, const Recognised* other) { return rank(one) < rank(other); });
  std::vector<Recognised> out;
  out.reserve(shown.size());
  for (const auto* found : shown) out.push_back(*found);
  return out;
}

}  // namespace stapkill
