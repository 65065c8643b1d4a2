#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/process.h"
#include "report/digest.h"

namespace stapkill {

/// The hosts of all streams that go into one report. One host has one name and one boot: the same in two files is one.
class Hosts {
 public:
  static constexpr std::size_t kMost = 1024;  ///< more share the last

  /// The host of that name and boot.
  HostPtr host(const std::string& name, const std::string& boot);
  /// One whose name is not known: a file's name stands for it.
  HostPtr unnamed(const std::string& file);
  /// A host without a name turns out to be this one, unless that is another one already.
  HostPtr named(const HostPtr& unnamed, const std::string& name, const std::string& boot);
  /// A number for a session: the numbers of its signals are its own.
  std::size_t next_session() { return ++sessions_; }

 private:
  using Key = std::pair<std::string, std::string>;
  HostPtr add(const std::string& name);
  void label();

  std::vector<std::shared_ptr<NamedHost>> all_;
  std::map<Key, HostPtr> known_;
  std::size_t sessions_ = 0;
};

/// Which host and session each record of one stream is of. A stream can have been put together of several hosts'
/// before.
class HostsOfStream {
 public:
  /// `file`: the name of the stream. `hosts` must outlive it.
  HostsOfStream(Hosts& hosts, std::string file) : hosts_(hosts), file_(std::move(file)) {}

  /// A session of that host begins.
  const RecordOrigin& session(const std::string& name, const std::string& boot);
  /// Where a record is from that says this host; "": none, so it is of the last session's.
  const RecordOrigin& origin(const std::string& name);

 private:
  Hosts& hosts_;
  std::string file_;
  RecordOrigin last_;
  bool is_unnamed_ = false;
  std::map<std::string, RecordOrigin> of_names_;
};

}  // namespace stapkill
