#include "stream/hosts.h"

#include <fmt/format.h>

#include <algorithm>

namespace stapkill {

HostPtr Hosts::host(const std::string& name, const std::string& boot) {
  auto at = known_.find({name, boot});
  if (at != known_.end()) return at->second;
  auto made = add(name);
  if (known_.size() < kMost) known_[{name, boot}] = made;
  return made;
}

HostPtr Hosts::unnamed(const std::string& file) {
  return add(file);
}

HostPtr Hosts::named(const HostPtr& unnamed, const std::string& name, const std::string& boot) {
  auto at = std::find_if(all_.begin(), all_.end(), [&](const auto& one) { return one == unnamed; });
  bool is_new = known_.count({name, boot}) == 0 && known_.size() < kMost && at != all_.end();
  if (!is_new) return host(name, boot);
  (*at)->name = name;
  label();
  return known_[{name, boot}] = unnamed;
}

HostPtr Hosts::add(const std::string& name) {
  if (all_.size() >= kMost) return all_.back();
  all_.push_back(std::make_shared<NamedHost>(NamedHost{name, ""}));
  label();
  return all_.back();
}

/// A number tells names apart that are the same: of a host that was started again, or of another host.
void Hosts::label() {
  if (all_.size() < 2) return;
  std::map<std::string, int> count;
  for (const auto& one : all_) {
    bool is_blank = one->name.find_first_not_of(' ') == std::string::npos;
    auto shown = is_blank ? "?" : one->name;
    int number = ++count[shown];
    one->label = number == 1 ? shown : fmt::format("{} ({})", shown, number);
  }
}

const RecordOrigin& HostsOfStream::session(const std::string& name, const std::string& boot) {
  if (name.empty()) {
    auto known = last_.host;
    last_ = {known ? known : hosts_.unnamed(file_), hosts_.next_session()};
    is_unnamed_ = is_unnamed_ || !known;
  } else {
    auto host = is_unnamed_ ? hosts_.named(last_.host, name, boot) : hosts_.host(name, boot);
    last_ = {host, hosts_.next_session()};
    is_unnamed_ = false;
  }
  if (of_names_.size() < Hosts::kMost || of_names_.count(name)) of_names_[name] = last_;
  return last_;
}

const RecordOrigin& HostsOfStream::origin(const std::string& name) {
  if (!name.empty()) {
    auto at = of_names_.find(name);
    if (at != of_names_.end()) return at->second;
    RecordOrigin made{hosts_.host(name, ""), hosts_.next_session()};
    if (of_names_.size() < Hosts::kMost) return of_names_[name] = made;
    return of_names_.begin()->second;
  }
  if (!last_.host) {
    last_ = {hosts_.unnamed(file_), hosts_.next_session()};
    is_unnamed_ = true;
  }
  return last_;
}

}  // namespace stapkill
