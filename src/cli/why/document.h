#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "store/stored_death.h"

namespace stapkill {

/// What a document about deaths says of their host.
struct DocumentHost {
  std::string name, kernel, arch;
};

/// This host; of a captured one (`root`) its name alone.
DocumentHost document_host(const std::string& root);

/// The deaths, the latest first, as one document: "html" or "markdown" (docs/reports.md).
std::string why_document(const std::string& format, const std::vector<StoredDeath>& deaths, const DocumentHost& host,
                         Time now);

}  // namespace stapkill
