#include "cli/filter_options.h"

#include <boost/algorithm/string/split.hpp>

#include "base/signals.h"
#include "cli/target_options.h"

namespace stapkill {
namespace {

Result<int> signal_number(const std::string& word) {
  if (auto number = parse_signal(word)) return *number;
  return usage_error(phrase("--signal: '{}' is not a signal", word));
}

Result<std::set<int>> signal_numbers(const Arguments& arguments) {
  std::set<int> numbers;
  for (const auto& list : arguments.all("signal")) {
    std::vector<std::string> words;
    boost::split(words, list, [](char c) { return c == ','; });
    for (const auto& word : words) {
      TRY_ASSIGN(auto number, signal_number(word));
      numbers.insert(number);
    }
  }
  return numbers;
}

Result<Deaths> deaths_to_report(const Arguments& arguments) {
  auto word = arguments.one("deaths").value_or("all");
  if (word == "all") return Deaths::all;
  if (word == "abnormal") return Deaths::abnormal;
  if (word == "killed") return Deaths::killed;
  return usage_error(phrase("--deaths expects all, abnormal or killed, not '{}'", word));
}

}  // namespace

Result<RecordFilter> record_filter(const Arguments& arguments, const Users& users) {
  RecordFilter filter;
  TRY_ASSIGN(filter.signals, signal_numbers(arguments));
  TRY_ASSIGN(auto sender, arguments.number("sender-pid", 1));
  if (sender && *sender > kMostPid)
    return usage_error(
        phrase("{} is above 4194304, the largest pid of Linux", "--sender-pid " + std::to_string(*sender)));
  if (sender) filter.sender_pid = static_cast<int>(*sender);
  if (auto word = arguments.one("sender-uid")) {
    auto uid = users.id(*word);
    if (!uid) return usage_error("--sender-uid: " + uid.error().message, uid.error().remedy);
    filter.sender_uid = *uid;
  }
  TRY_ASSIGN(filter.deaths, deaths_to_report(arguments));
  return filter;
}

}  // namespace stapkill
