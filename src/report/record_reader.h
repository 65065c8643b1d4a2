#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "model/record.h"
#include "report/process_reader.h"

namespace stapkill {

/// Reads records of stapkill-stream(5) back, as far as text shows them. The JSON is foreign: what is missing, or of
/// another kind, is not known. Texts of its records live as long as it does.
class RecordReader {
 public:
  /// The host of the records that are read from now on; null: there is only one.
  void set_host(const HostPtr& host) { processes_.set_host(host); }
  /// None for a type that this stapkill does not know, and for a record that lacks the process it is about.
  std::optional<Record> read(const nlohmann::json& json);

 private:
  SessionRecord session(const nlohmann::json& json);
  ArmedRecord armed(const nlohmann::json& json);
  std::optional<Record> signal(const nlohmann::json& json);
  std::optional<Record> death(const nlohmann::json& json);
  std::optional<Record> trace(const nlohmann::json& json, TraceRecord::Kind kind);
  ContainerRecord container(const nlohmann::json& json);
  Verdict verdict(const nlohmann::json& json);
  std::optional<Syscall> syscall(const nlohmann::json& json);
  std::string_view kept(std::string text);

  ProcessReader processes_;
  std::string kernel_;                        ///< of the last session
  std::set<std::string, std::less<>> names_;  ///< of system calls and runtimes
};

}  // namespace stapkill
