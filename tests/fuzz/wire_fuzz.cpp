// Input: any bytes, as the output of a watch module. It becomes lines, events, lines again, lineage, records and JSON.
#include <cstddef>
#include <cstdint>
#include <string>

#include "backend/wire.h"
#include "records.h"

using namespace stapkill;

namespace {

/// An event that was read is written as a line, and that line is read as the same event.
void check_written(const KernelEvent& event) {
  std::string line, again;
  append_wire(line, event);
  KernelEvent read;
  WireStorage storage;
  FUZZ_CHECK(!line.empty() && line.back() == '\n');
  FUZZ_CHECK(parse_wire(std::string_view(line).substr(0, line.size() - 1), read, storage));
  append_wire(again, read);
  FUZZ_CHECK(line == again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  Lineage lineage;
  KernelEvent event;
  WireStorage storage;
  while (!rest.empty()) {
    auto end = rest.find('\n');
    // A copy that ends with the line: the sanitizer sees a read beyond it.
    std::string line(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (!parse_wire(line, event, storage)) continue;
    check_written(event);
    for (int id : EventFields(event).ids) FUZZ_CHECK(possible(id));
    if (const auto* signal = event.as<kernel::Signal>()) {
      for (const auto& one : signal->ancestors) FUZZ_CHECK(one.pid > 0);
    }
    check_event(event, lineage);
  }
  return 0;
}
