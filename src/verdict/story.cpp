#include "verdict/story.h"

#include <utility>

#include "model/containers.h"

namespace stapkill {
namespace {

constexpr int kMostScripts = 3;  // named, where scripts ran one another

Phrase started_by(const Process& process) {
  return phrase(", started by {}", name_and_pid(process));
}

Phrase run_by(const std::string& what, const Process& interpreter) {
  return phrase(", run by {} ({} {})", what, interpreter.comm.empty() ? "pid" : interpreter.comm, interpreter.pid);
}

/// What an interpreter runs, or a client asks for: a script's path, `kill -9 5`, `docker stop web`; "" for another
/// process, and for a scheduler's job, which the sentence already has.
std::string given_to(const Process& process, const Process* parent) {
  if (is_client(process)) return '`' + command_line(process) + '`';
  auto script = script_of(process);
  if (!script.empty()) return script;
  auto command = parent && is_scheduler(*parent) ? std::string() : inline_command(process);
  return command.empty() ? command : '`' + command + '`';
}

/// The same with the line of the script, where that is known: "/root/cleanup.sh:12".
std::string with_line(const std::string& given, const Process& process) {
  bool is_script = process.script_line && given[0] != '`';
  return is_script ? given + ':' + std::to_string(process.script_line->number) : given;
}

/// What the killer itself runs.
Phrase own_program(const Deed& deed, const std::string& given) {
  if (given.empty() || is_client(deed.killer)) return {};
  bool itself = deed.killer.pid == deed.victim.pid && deed.killer.start == deed.victim.start;
  auto program = with_line(given, deed.killer);
  return given[0] == '`' && !itself ? phrase(", which runs {}", program) : phrase(", running {}", program);
}

struct Explanation {
  Phrase text;
  bool by_origin;  ///< an ancestor that explains it ended the search
};

/// Whether it is the runtime's way to bring a process into a container (docker exec, a health check): the container
/// says more.
bool brings_in(const Process& ancestor, const Process* above, const Process& process) {
  if (!container_of(process.cgroup)) return false;
  bool by_runtime = above && is_runtime(*above);  // else somebody runs `runc exec`
  return ancestor.comm.starts_with("runc:[") || (is_runtime_client(ancestor) && by_runtime);
}

/// Continues `story` with what the ancestors explain; `named` is what the process runs itself.
Explanation explanation(const Process& process, Phrase story, std::string named,
                        const std::vector<ProcessPtr>& ancestry, const Lookups& lookups) {
  int scripts = 0;
  bool starter_named = false;
  const Process* last_resort = nullptr;  // named where no ancestor explains
  const Process* below = &process;
  for (auto at = ancestry.begin(); at != ancestry.end(); ++at) {
    const Process& ancestor = **at;
    const Process* above = at + 1 == ancestry.end() ? nullptr : (at + 1)->get();
    if (brings_in(ancestor, above, process)) continue;
    const Process& child = *std::exchange(below, &ancestor);
    auto origin = origin_text({ancestor, child, above}, lookups);
    if (!origin.empty()) return {story + origin, true};
    auto given = given_to(ancestor, above);
    if (!given.empty()) {
      bool same = given == std::exchange(named, given);  // a subshell of the same script
      if (!same && ++scripts <= kMostScripts) story += run_by(with_line(given, ancestor), ancestor);
    } else if (passes_on(ancestor) || ancestor.pid == 1) {
      if (!last_resort) last_resort = &ancestor;
    } else if (!is_interpreter(ancestor) && ancestor.pid != lookups.own_pid && !std::exchange(starter_named, true)) {
      story += started_by(ancestor);
    }
  }
  story += place_text(process, lookups);
  if (story.empty() && last_resort) story = started_by(*last_resort);
  return {std::move(story), false};
}

}  // namespace

Phrase story_behind(const Deed& deed, const std::vector<ProcessPtr>& ancestry, const Lookups& lookups) {
  auto named = given_to(deed.killer, ancestry.empty() ? nullptr : ancestry.front().get());
  auto own = own_text(deed), story = own + own_program(deed, named);
  auto explained = explanation(deed.killer, std::move(story), std::move(named), ancestry, lookups);
  if (explained.by_origin) return explained.text;
  // A manager's own lack of a login says nothing: somebody may have asked it.
  bool itself = same_process(deed.killer, deed.victim);
  bool no_note = itself || (!own.empty() && !in_login(deed.killer));
  return no_note ? explained.text : explained.text + login_note(deed.killer, lookups);
}

Phrase story_of_client(const Process& client, const std::vector<ProcessPtr>& ancestry, const Lookups& lookups) {
  auto explained = explanation(client, "", given_to(client, nullptr), ancestry, lookups);
  return explained.by_origin ? explained.text : explained.text + login_note(client, lookups);
}

}  // namespace stapkill
