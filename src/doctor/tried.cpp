#include "doctor/tried.h"

#include <algorithm>
#include <iterator>

#include "host/distribution.h"

namespace stapkill {
namespace {

struct Tried {
  std::string_view kernel, what, systemtap;  ///< systemtap: "" where only the bpf backend was tried
};

// The stock kernels and SystemTaps of the lab (tests/lab), and one without modules on which the bpf backend's live
// cases run; the oldest first.
constexpr Tried kTried[] = {
    {"5.10", "Debian 11", "4.4"},    {"6.1", "Debian 12", "4.8"},    {"6.12", "Debian 13", "5.1"},
    {"6.18", msgid("bpf only"), ""}, {"7.2", "Debian forky", "5.6"},
};

const Tried* find_row(std::string_view release) {
  auto line = line_of_kernel(release);
  const auto* at =
      std::find_if(std::begin(kTried), std::end(kTried), [&](const Tried& row) { return row.kernel == line; });
  return at == std::end(kTried) ? nullptr : at;
}

}  // namespace

std::string line_of_kernel(std::string_view release) {
  auto dot = release.find('.');
  if (dot == std::string_view::npos) return std::string(release);
  return std::string(release.substr(0, release.find_first_not_of("0123456789", dot + 1)));
}

Phrase tried_kernels() {
  Phrase text;
  for (const auto& row : kTried) {
    if (!text.empty()) text += phrase(", ");
    text += phrase("{} ({})", row.kernel, phrase_from(row.what));
  }
  return text;
}

bool is_tried_with_bpf(std::string_view release) {
  return find_row(release);
}

bool is_tried_with_stap(std::string_view release) {
  const auto* row = find_row(release);
  return row && !row->systemtap.empty();
}

bool is_tried_pair(std::string_view systemtap, std::string_view release) {
  const auto* row = find_row(release);
  return row && !row->systemtap.empty() && row->systemtap == line_of_kernel(systemtap);
}

std::string_view newest_tried_kernel() {
  return std::rbegin(kTried)->kernel;
}

}  // namespace stapkill
