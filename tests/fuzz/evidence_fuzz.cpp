// Evidence that somebody sent (why --source): reading it, and writing it again.
#include "autopsy/inquest/evidence_json.h"
#include "autopsy/inquest/rules.h"
#include "check.h"

using namespace stapkill;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(bytes), size);
  Evidence evidence;
  add(evidence, read_evidence(text, "file"));
  bring_together(evidence);
  for (auto& death : deaths_in(evidence)) {
    complete(death, evidence);
    conclude(death, evidence);
    FUZZ_CHECK(!death.conclusion.sentence.empty());
  }
  auto again = read_evidence(evidence_lines(evidence, "0"), "file");
  FUZZ_CHECK(again.findings.size() == evidence.findings.size());
  return 0;
}
