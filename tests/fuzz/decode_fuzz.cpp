// Input: any bytes, as the records of the BPF programs. They become events, lineage and JSON. Before each
// record comes its length in two bytes.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "backend/bpf/decode.h"
#include "records.h"

using namespace stapkill;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Lineage lineage;
  Decoder decoder;
  KernelEvent event;
  while (size >= 2) {
    std::size_t length = std::min<std::size_t>(data[0] | data[1] << 8, size - 2);
    // A copy that ends with the record: the sanitizer sees a read beyond it.
    std::unique_ptr<char[]> record(new char[length]);
    std::memcpy(record.get(), data + 2, length);
    data += 2 + length;
    size -= 2 + length;
    if (!decoder.decode({record.get(), length}, event)) continue;
    EventFields fields(event);
    for (int id : fields.ids) FUZZ_CHECK(possible(id));
    for (auto comm : fields.comms) FUZZ_CHECK(comm.size() <= 16);
    FUZZ_CHECK(!fields.argv || fields.argv->size() <= length);
    if (const auto* signal = event.as<kernel::Signal>()) {
      for (const auto& one : signal->ancestors) FUZZ_CHECK(possible(one.pid));
    }
    check_event(event, lineage);
  }
  return 0;
}
