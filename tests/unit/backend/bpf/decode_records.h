#pragma once

// Records of the BPF programs, as the tests of their decoder make them.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "backend/bpf/decode.h"
#include "backend/bpf/record.h"

namespace decode_records {

using namespace stapkill;

inline constexpr std::uint32_t kMostPid = 4194304;  // PID_MAX_LIMIT

template <typename Record>
std::string bytes_of(const Record& record) {
  return std::string(reinterpret_cast<const char*>(&record), sizeof record);
}

inline sk_header header(sk_kind kind) {
  return {.boot_ns = 123456789, .kind = kind, .cpu = 3};
}

inline sk_task task(std::uint32_t pid, std::uint32_t tid, std::uint64_t start, std::uint32_t uid,
                    std::string_view comm) {
  sk_task made{.start = start, .pid = pid, .tid = tid, .uid = uid};
  std::memcpy(made.comm, comm.data(), comm.size());
  return made;
}

inline const sk_task kSender = task(200, 201, 55, 1000, "my shell");
inline const sk_task kTarget = task(100, 100, 44, 33, "sleep");

/// One record, decoded from memory that ends with it, so that reading beyond it is noticed.
struct Decoded {
  explicit Decoded(std::string_view record) : bytes(new char[record.size()]) {
    std::copy(record.begin(), record.end(), bytes.get());
    ok = decoder.decode({bytes.get(), record.size()}, event);
  }
  std::unique_ptr<char[]> bytes;
  Decoder decoder;
  KernelEvent event;
  bool ok;
};

}  // namespace decode_records
