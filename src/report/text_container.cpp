#include <fmt/format.h>

#include "base/columns.h"
#include "model/containers.h"
#include "report/text_parts.h"
#include "report/words.h"
#include "verdict/exit_codes.h"

namespace stapkill::text {
namespace {

using What = ContainerRecord::What;

/// "container web of pod shop/cart-0 (containerd 0123456789ab)"; "container 0123456789ab (docker)".
std::string name(const TextLines& lines, const ContainerRecord& record) {
  constexpr std::size_t shown_digits = 12;
  const Container& container = record.container;
  auto id = is_container_id(container.id) ? container.id.substr(0, shown_digits) : lines.safe(container.id);
  std::string known(container.runtime);
  if (!record.name.empty()) known += (known.empty() ? "" : " ") + id;
  auto shown = record.name.empty() ? id : lines.safe(record.name), pod = lines.safe(record.pod);
  if (pod.empty()) return known.empty() ? tr("container {}", shown) : tr("container {} ({})", shown, known);
  if (known.empty()) return tr("container {} of pod {}", shown, pod);
  return tr("container {} of pod {} ({})", shown, pod, known);
}

/// What happened to the container, and its process: "" for none.
std::string happening(What what, const std::string& container, const std::string& process) {
  bool has_process = !process.empty();
  switch (what) {
    case What::started:
      return has_process ? tr("{} started: {}", container, process) : tr("{} started", container);
    case What::restarted:
      return has_process ? tr("{} restarted: {}", container, process) : tr("{} restarted", container);
    case What::ended:
      return has_process ? tr("{} ended, with {}", container, process) : tr("{} ended", container);
    case What::present:
      break;
  }
  return has_process ? tr("{}: {}", container, process) : container;
}

/// How the last run before the watch ended.
std::string last_end(const TextLines& lines, int status, const std::string& reason) {
  auto meaning = tr_from(container_meaning(status, reason));
  auto why = lines.safe(reason);
  if (why.empty() && meaning.empty()) return tr("its last run ended with {}", status);
  if (why.empty()) return tr("its last run ended with {}: {}", status, meaning);
  if (meaning.empty()) return tr("its last run ended with {} ({})", status, why);
  return tr("its last run ended with {} ({}): {}", status, why, meaning);
}

}  // namespace

void write_container(const TextLines& lines, const ContainerRecord& record, std::string& out) {
  bool ended = record.what == What::ended;
  std::string process = record.process ? lines.mark(*record.process) + lines.name(*record.process) : "";
  std::string text = happening(record.what, name(lines, record), process);
  if (record.process && !ended) {
    auto command = lines.short_command(*record.process, 2);
    if (!command.empty()) text += "   " + command;
  }
  if (record.restarts)
    text +=
        tr("   ({} since the watch began)", words::count(record.restarts, msgid("{} restart"), msgid("{} restarts")));
  lines.line(lines.paint(ended ? Ink::warning : Ink::own, lines.glyphs().session) + ' ', text, out);
  if (record.last_status) lines.line(kIndent, last_end(lines, *record.last_status, record.last_reason), out);
}

}  // namespace stapkill::text
