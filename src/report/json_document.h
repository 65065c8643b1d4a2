#pragma once

#include <string>
#include <string_view>

namespace stapkill {

/// One JSON document of a stream's records (stapkill-stream(5)), written as they come: its session, its records, its
/// summary. It holds at most one of them.
class JsonDocument {
 public:
  enum class Part { session, record, summary };

  /// Of several streams, the document has no session: each is among its records, as are their summaries.
  explicit JsonDocument(bool several = false) : several_(several) {}

  /// Appends an object, without a newline at its end. The first session and the last summary have their own places;
  /// others are records.
  void add(std::string& out, Part part, std::string_view object);
  /// Closes it; `summary` where there is none of one stream. Nothing is added later.
  void end(std::string& out, std::string_view summary = "null");

 private:
  void begin(std::string& out, std::string_view session);
  void record(std::string& out, std::string_view object);

  bool several_, begun_ = false, has_records_ = false;
  std::string summary_;  ///< the last one, if no record came after it
};

/// The object with the member `host`; the rest of it stays as it was written.
std::string with_host(std::string_view object, std::string_view host);

/// The part of a record of that type.
JsonDocument::Part part_of(std::string_view type);

}  // namespace stapkill
