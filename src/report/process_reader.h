#pragma once

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "model/record.h"

namespace stapkill {

/// Reads PROCESS of stapkill-stream(5). One that stays the same, whatever its thread, is the same object again, as it
/// was for the watch: of the last few hundred.
class ProcessReader {
 public:
  /// The host of the processes that are read from now on; null: there is only one.
  void set_host(const HostPtr& host) { host_ = host; }
  /// Null where the member is no object. Members that are missing or of another kind are not known.
  ProcessPtr process(const nlohmann::json& record, const char* name);
  std::vector<ProcessPtr> processes(const nlohmann::json& record, const char* name);
  Ancestry ancestry(const nlohmann::json& record);
  /// Of a member that only names it.
  ProcessPtr name(const nlohmann::json& record, const char* name) const;
  /// One of which nothing is known.
  ProcessPtr unknown() const;

 private:
  struct Kept {
    nlohmann::json json;
    ProcessPtr process;
  };
  ProcessPtr kept(const nlohmann::json& value);

  HostPtr host_;
  std::array<Kept, 256> kept_;
};

/// The thread in a member of that name; 0 where it is none.
int tid_of(const nlohmann::json& record, const char* name);

/// A whole number of an object within the limits of an int; `otherwise` for everything else.
int int_of(const nlohmann::json& object, const char* name, int otherwise = 0);

/// A member's text; none where it is none.
std::optional<std::string> maybe_text_of(const nlohmann::json& object, const char* name);

/// The texts of an array; what else it has is left out.
std::vector<std::string> texts_of(const nlohmann::json& object, const char* name);

/// A time of RFC 3339; 0 where it is none.
Time time_of(const nlohmann::json& object, const char* name);

}  // namespace stapkill
