#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stapkill {

/// A message with named values, as Go's daemons write it.
struct NamedValues {
  std::string message;  ///< logrus: "msg"; klog: the quoted text, or all of an unstructured line
  bool structured = false;
  std::vector<std::pair<std::string, std::string>> values;  ///< at most 64

  /// The first value with that name; "" where there is none.
  std::string_view operator[](std::string_view name) const;
};

/// `time="…" level=info msg="…" container=4f5c` (github.com/sirupsen/logrus v1.9, text_formatter.go; the same form from
/// containerd/log). None where there is no msg.
std::optional<NamedValues> parse_logfmt(std::string_view line);

/// klog's line: its header, and `"text" key="value" key=[…]` or a text without form (k8s.io/klog v2.0 to v2.130,
/// internal/buffer, internal/serialize/keyvalues.go; glog has the same header). None without a header at the very
/// start, or where its process is another than `pid` (0: not known): further lines of a value that is foreign text (a
/// probe's output) have none.
std::optional<NamedValues> parse_klog(std::string_view line, int pid);

/// The message and its values, for a person: without the header, what a finding's subject has anyway, and the tails of
/// long ids. At most kLongestQuote bytes.
std::string quote_of(const NamedValues& said);

}  // namespace stapkill
