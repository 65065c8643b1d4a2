#include "cli/stream_filter.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/filter_options.h"
#include "cli/target_options.h"

namespace stapkill {
namespace {

constexpr std::size_t kMostJoined = 65536;

/// The words that can only be names get a number each that no user has: which machine's users they are is only in the
/// records. A number stays one.
Users users_as_given(const Arguments& arguments) {
  std::map<std::int64_t, std::string> names;
  for (const char* option : {"uid", "sender-uid"}) {
    for (const auto& word : arguments.all(option)) {
      bool number = word.find_first_not_of("0123456789") == std::string::npos;
      if (!word.empty() && !number) names.emplace(-1 - static_cast<std::int64_t>(names.size()), word);
    }
  }
  return Users(std::move(names));
}

/// Takes the numbers of names back out.
std::set<std::string> take_names(TargetOptions& targets, const Users& users) {
  std::set<std::string> names;
  std::erase_if(targets.uids, [&](const std::string& uid) {
    if (!uid.starts_with('-')) return false;
    names.insert(users.name(std::stoll(uid)).value_or(""));
    return true;
  });
  return names;
}

/// A container by its id or the beginning of it, a pod by its uid; by their names when a record says them.
void take_ids(TargetOptions& targets) {
  targets.container_ids = targets.containers;
  for (const auto& word : targets.pods) {
    if (auto uid = pod_uid(word)) targets.pod_uids.push_back(*uid);
  }
}

bool is_pod(const std::string& pod, const std::string& word) {
  return pod == word || (!pod.empty() && pod.ends_with('/' + word));
}

}  // namespace

Result<StreamFilter> StreamFilter::make(const Arguments& arguments) {
  auto users = users_as_given(arguments);
  if (arguments.has("children"))
    return usage_error(phrase("--children: a stream of records does not say what every process forked"),
                       phrase("replay a recording (watch --record-events), or name the children"));
  TRY_ASSIGN(auto options, named_targets(arguments, users));
  TRY_ASSIGN(auto filter, record_filter(arguments, users));
  options.wait = true;  // a pid can appear anywhere
  bool has_targets = names_somebody(options);
  auto names = take_names(options, users);
  take_ids(options);
  TRY_ASSIGN(auto targets, Targets::make(std::move(options)));
  StreamFilter made(std::move(targets), std::move(filter));
  made.users_ = std::move(names);
  made.has_targets_ = has_targets;
  if (made.filter_.sender_uid && *made.filter_.sender_uid < 0) {
    made.sender_user_ = users.name(*made.filter_.sender_uid);
    made.filter_.sender_uid.reset();
  }
  const auto& asked = made.filter_;
  made.filters_ = has_targets || !asked.signals.empty() || asked.sender_pid || asked.sender_uid || made.sender_user_ ||
                  asked.deaths != Deaths::all;
  return made;
}

bool StreamFilter::is_asked_for(const Process& process, std::size_t stream) {
  if (!has_targets_) return true;
  std::pair key(stream, key_of(process));
  if (joined_.count(key)) return true;
  bool asked = targets_.matches(process) || (process.user && users_.count(*process.user));
  if (asked && joined_.size() < kMostJoined) joined_.insert(key);
  return asked;
}

bool StreamFilter::passes(const SignalRecord& record, std::size_t stream) {
  bool asked = is_asked_for(*record.target, stream) && filter_.passes(record) &&
               (!sender_user_ || record.sender->user == sender_user_);
  if (asked) ++passed_[stream].signals;
  return asked;
}

bool StreamFilter::passes(const DeathRecord& record, std::size_t stream) {
  bool asked = is_asked_for(*record.process, stream) && filter_.passes(record);
  joined_.erase({stream, key_of(*record.process)});
  if (asked) ++passed_[stream].deaths;
  return asked;
}

bool StreamFilter::passes(const TraceRecord& record, std::size_t stream) {
  return is_asked_for(*record.process, stream);
}

bool StreamFilter::passes(const ContainerRecord& record, std::size_t stream) {
  if (!has_targets_) return true;
  const auto& options = targets_.options();
  const auto& id = record.container.id;
  auto is_name = [&](const std::string& word) {
    return record.name == word || (is_container_id(id) ? id.starts_with(word) : id == word);
  };
  bool named = std::any_of(options.containers.begin(), options.containers.end(), is_name);
  if (named) targets_.add_container(id);
  bool in_pod = std::any_of(options.pods.begin(), options.pods.end(),
                            [&](const std::string& word) { return is_pod(record.pod, word); });
  const auto& uid = record.container.pod_uid;
  if (in_pod && !uid.empty()) targets_.add_pod(uid);
  bool known_pod = std::count(options.pod_uids.begin(), options.pod_uids.end(), uid) > 0;
  return named || in_pod || known_pod || (record.process && is_asked_for(*record.process, stream));
}

bool StreamFilter::passes(SessionRecord& /*record*/, std::size_t stream) {
  passed_[stream] = {};
  return true;
}

bool StreamFilter::passes(SummaryRecord& record, std::size_t stream) {
  record.signals = passed_[stream].signals;
  record.deaths = passed_[stream].deaths;
  return true;
}

bool StreamFilter::passes(StreamRecord& record, std::size_t stream) {
  if (!filters_ || !record.record) return true;
  bool passed = std::visit([&](auto& one) { return passes(one, stream); }, *record.record);
  const auto* summary = std::get_if<SummaryRecord>(&*record.record);
  if (!summary) return passed;
  auto json = nlohmann::ordered_json::parse(record.json, nullptr, false);
  if (!json.is_object()) return passed;
  json["signals"] = summary->signals;
  json["deaths"] = summary->deaths;
  record.json = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return passed;
}

}  // namespace stapkill
