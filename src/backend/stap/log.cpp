#include "backend/stap/log.h"

#include <algorithm>

namespace stapkill {
namespace {

constexpr std::string_view kPass = "Pass ";

bool is_error(const Recognised& found) {
  return found.message->level == DiagnosticRecord::Level::error;
}

bool speaks_of_an_error(std::string_view line) {
  return line.find("error") != std::string_view::npos || line.find("ERROR") != std::string_view::npos ||
         line.find("Error") != std::string_view::npos;
}

}  // namespace

void LogReader::take(std::string_view bytes) {
  while (!bytes.empty()) {
    auto end = bytes.find('\n');
    auto piece = bytes.substr(0, end);
    if (end != std::string_view::npos && !in_line_) {
      take_line(piece);  // straight from the bytes: the common case
    } else {
      partial_ += piece.substr(0, kLongestMessage - partial_.size());
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
}

void LogReader::take_line(std::string_view line) {
  ++lines_;
  line = line.substr(0, kLongestMessage);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.empty()) return;
  if (line.starts_with(kPass) && line.size() > kPass.size() && line[kPass.size()] >= '1' && line[kPass.size()] <= '5') {
    last_pass_ = line[kPass.size()] - '0';
  }
  const auto* message = recognise(line);
  if (!message) {
    if (!unknown_error_ && speaks_of_an_error(line)) unknown_error_ = Recognised{lines_, 1, std::string(line), nullptr};
    return;
  }
  if (message->id == "context.pass" && !failed_pass_ && line.starts_with(kPass)) failed_pass_ = last_pass_;
  auto known =
      std::find_if(found_.begin(), found_.end(), [&](const Recognised& found) { return found.message == message; });
  if (known != found_.end()) {
    ++known->count;
  } else {
    found_.push_back({lines_, 1, std::string(line), message});
  }
}

bool LogReader::explained() const {
  return std::any_of(found_.begin(), found_.end(),
                     [](const Recognised& found) { return is_error(found) && !found.message->context; });
}

const Recognised* LogReader::cause() const {
  bool known = explained();
  auto at = std::find_if(found_.begin(), found_.end(),
                         [&](const Recognised& found) { return is_error(found) && found.message->context != known; });
  return at == found_.end() ? nullptr : &*at;
}

std::vector<Recognised> LogReader::recognised() const {
  std::vector<Recognised> out;
  const auto* first = cause();
  std::copy_if(found_.begin(), found_.end(), std::back_inserter(out),
               [&](const Recognised& found) { return &found == first || !found.message->context; });
  if (out.empty() && !found_.empty()) out.push_back(found_.front());
  auto rank = [&](const Recognised& found) {
    return first && found.message == first->message ? 0 : is_error(found) ? 1 : 2;
  };
  std::stable_sort(out.begin(), out.end(),
                   [&](const Recognised& one, const Recognised& other) { return rank(one) < rank(other); });
  return out;
}

}  // namespace stapkill
