// Any bytes as the output of a watch module: lines, events, lineage, records, JSON.
#include <cstddef>
#include <cstdint>
#include <string>

#include "backend/stap/wire.h"
#include "records.h"

using namespace stapkill;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  Lineage lineage;
  Event event;
  std::string storage;
  while (!rest.empty()) {
    auto end = rest.find('\n');
    // A copy that ends with the line: reading beyond it is seen.
    std::string line(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (!parse_wire(line, event, storage)) continue;
    if (!possible(event.task.pid) || !possible(event.other.pid)) continue;
    check_event(event, lineage);
  }
  return 0;
}
