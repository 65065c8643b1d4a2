#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "model/record.h"

namespace stapkill {

/// Renders processes as PROCESS of stapkill-stream(5). Senders and ancestors often repeat: caches the text of the last
/// processes, one for each slot of a table, and the last ancestry.
class ProcessJson {
 public:
  /// `with_texts`: also the messages and values of which texts are made.
  explicit ProcessJson(bool with_texts = true) : with_texts_(with_texts) {}
  bool with_texts() const { return with_texts_; }
  /// A member of an object; null where there is no process. `tid` 0: that of its first thread.
  void process(std::string& out, std::string_view name, const ProcessPtr& value, int tid = 0);
  void processes(std::string& out, std::string_view name, const std::vector<ProcessPtr>& values);
  /// "ancestry".
  void ancestry(std::string& out, const Ancestry& ancestry);

 private:
  struct Kept {
    ProcessPtr process;  ///< kept alive so that no other process gets its address
    std::string tail;    ///< all that follows "tid"
  };
  void append(std::string& out, const ProcessPtr& process, int tid = 0);
  const std::string& tail_of(const ProcessPtr& process);

  bool with_texts_;
  std::array<Kept, 256> kept_;
  Ancestry last_;
  std::string last_text_;
};

/// "container" of a process or a record.
void append_container(std::string& out, const std::optional<Container>& value);

}  // namespace stapkill
