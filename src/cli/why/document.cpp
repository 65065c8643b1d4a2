#include "cli/why/document.h"

#include <sys/utsname.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "autopsy/host_files.h"
#include "base/json_member.h"
#include "cli/version.h"
#include "report/html.h"
#include "report/markdown.h"
#include "report/phrase_json.h"
#include "report/record_reader.h"

namespace stapkill {
namespace {

/// A record as documents show it: what a death that nothing watched has more than others is evidence, too.
std::optional<Record> shown(RecordReader& reader, const nlohmann::json& json) {
  auto record = reader.read(json);
  auto* death = record ? std::get_if<DeathRecord>(&*record) : nullptr;
  if (!death) return record;
  auto& evidence = death->verdict.evidence;
  const auto& texts = member(member(json, "verdict"), "texts");
  const auto& against = member(texts, "contradictions");
  std::size_t at = 0;
  for (const auto& line : member(json, "contradictions")) {
    if (line.is_string()) {
      Phrase text = line.get<std::string>();
      if (against.is_array() && at < against.size()) text = phrase_in(against[at], text.english());
      evidence.push_back(phrase("against it: {}", text));
    }
    ++at;
  }
  if (auto open = text_of(json, "open"); !open.empty())
    evidence.push_back(phrase("not shown: {}", phrase_in(member(texts, "open"), open)));
  return record;
}

}  // namespace

DocumentHost document_host(const std::string& root) {
  constexpr std::size_t most = 256;
  DocumentHost host;
  if (!root.empty()) {
    int error = 0;
    auto name = HostFiles(root).read("/etc/hostname", most, error).value_or("");
    host.name = name.substr(0, name.find('\n'));
    return host;
  }
  utsname names{};
  if (::uname(&names) == 0) host = {names.nodename, names.release, names.machine};
  return host;
}

std::string why_document(const std::string& format, const std::vector<StoredDeath>& deaths, const DocumentHost& host,
                         Time now) {
  Digest digest(true);
  SessionRecord session;
  session.time = deaths.empty() ? now : deaths.back().time;
  session.version = version();
  session.hostname = host.name;
  session.kernel = host.kernel;
  session.arch = host.arch;
  session.backend = "why, after the fact";
  digest.take(session);
  RecordReader reader;
  std::size_t count = 0;
  std::for_each(deaths.rbegin(), deaths.rend(), [&](const StoredDeath& death) {
    auto record = shown(reader, nlohmann::json::parse(death.record, nullptr, false));
    if (!record) return;
    digest.take(*record);
    ++count;
  });
  SummaryRecord summary;
  summary.time = now;
  summary.deaths = count;
  digest.take(summary);
  return format == "html" ? html_report(digest) : markdown_report(digest);
}

}  // namespace stapkill
