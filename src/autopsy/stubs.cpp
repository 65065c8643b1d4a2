#include "autopsy/logs/read_logs.h"
namespace stapkill {
void read_journal(const Scope&, const TakeEntry&, std::vector<SourceNote>&) {}
void read_log_file(const std::string&, const Scope&, const TakeEntry&, std::vector<SourceNote>&) {}
bool looks_like_log(std::string_view) { return false; }
}
