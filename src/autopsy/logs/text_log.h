#pragma once

#include <string>
#include <string_view>

#include "autopsy/logs/line_clock.h"
#include "autopsy/logs/log_line.h"
#include "autopsy/logs/read_logs.h"

namespace stapkill {

/// Where a line is in its file.
struct LinePlace {
  std::uint64_t offset = 0;  ///< of its first byte
  std::uint64_t number = 0;  ///< from 1; 0: not counted
};

/// Makes entries of the lines of one text log and hands on those in [since, until], and those of no known time.
class TextLog {
 public:
  struct Options {
    std::string name;     ///< for places: "/var/log/kern.log"
    std::string program;  ///< of lines that name none; "" where the file's name tells nothing
    Time since = 0, until = 0;
  };
  TextLog(Options options, LineClock& clock, const TakeEntry& take);

  /// Takes a line without its newline.
  void line(std::string_view bytes, LinePlace place);

  /// Times of the first and last lines that were in scope; 0: none.
  Time first() const { return first_; }
  Time last() const { return last_; }
  /// The time of the line that came last; 0: not known.
  Time now() const { return time_.time; }

 private:
  void give(const SplitLine& line, std::string_view message);
  bool in_scope() const;
  void set_place(LinePlace place);

  Options options_;
  LineClock& clock_;
  const TakeEntry& take_;
  std::string storage_, place_;
  std::string program_;  ///< of the last line, for those that go with it
  int pid_ = 0;
  bool has_tags_ = false;  ///< lines with their writers' names: those without may be a part of one
  LineClock::Placed time_;
  Time first_ = 0, last_ = 0;
};

/// Who writes a log of that name: "kubelet" for "/var/log/kubelet.log.1"; "" where several do.
std::string program_of_log(std::string_view path);

}  // namespace stapkill
