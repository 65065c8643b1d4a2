#pragma once

#include <string>
#include <string_view>

namespace stapkill {

/// Bytes of other processes as text of an HTML element or of a quoted attribute: printable (base/text.h), with &, <, >,
/// " and ' as references. A left-to-right mark after right-to-left text keeps the order of what follows.
std::string html_text(std::string_view bytes);

/// A line of JSON in ASCII alone: other characters become \uXXXX, so that it can be copied from a page as it is.
std::string ascii_json(std::string_view line);

/// The source expression of a content security policy for a text with that SHA-256 in hex: 'sha256-BASE64' (CSP
/// 3, 2.3.1).
std::string policy_hash(std::string_view hex);

}  // namespace stapkill
