#include "session/history_renderer.h"

#include <sys/wait.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"
#include "model/cgroup_names.h"
#include "model/containers.h"
#include "report/json.h"
#include "session/brief_death.h"
#include "session/clock_watch.h"
#include "session/verdict_texts.h"
#include "verdict/process_words.h"

namespace stapkill {
namespace {

constexpr Time kSecond = 1'000'000'000;
constexpr Time kCommitEvery = kSecond;
constexpr Time kLongLife = 60 * kSecond;
constexpr Time kIdleCommit = 10 * kSecond;

bool is_clean(const DeathRecord& record) {
  return WIFEXITED(record.wait_status) && WEXITSTATUS(record.wait_status) == 0 && record.verdict.chain.empty();
}

/// The first process of a unit, which pid 1 has started, or of a container, whose runtime is outside.
bool is_main(const DeathRecord& record) {
  if (!record.parent || record.parent->pid == 1) return true;
  auto own = container_of(record.process->cgroup), parents = container_of(record.parent->cgroup);
  return own && (!parents || parents->id != own->id);
}

Tier tier_of(const DeathRecord& record) {
  if (!is_clean(record)) return Tier::deaths;
  return is_main(record) || record.time - record.process->started >= kLongLife ? Tier::ends : Tier::brief;
}

class HistoryRenderer : public Renderer {
 public:
  HistoryRenderer(History history, Redaction redaction, ContainerNames names,
                  std::function<void(const Error&)> on_error, OnStored on_stored)
      : history_(std::move(history)),
        redaction_(std::move(redaction)),
        names_(std::move(names)),
        on_error_(std::move(on_error)),
        on_stored_(std::move(on_stored)) {}

  void render(const Record& record, std::string& /*out*/) override {
    std::visit([this](const auto& one) { take(one); }, record);
  }

  Time catch_up(Time now, std::string& /*out*/) override {
    if (!armed_) return 0;
    if (is_due(now)) commit(now);
    return pace();
  }

 private:
  Time pace() const { return history_.is_empty() ? kIdleCommit : kCommitEvery; }
  /// Also where the clock was set back.
  bool is_due(Time now) const { return now - committed_ >= pace() || now < committed_ || history_.is_large(); }

  void take(const SessionRecord& record) { boot_ = record.boot_id; }

  void take(const ArmedRecord& record) {
    armed_ = true;
    if (const auto& before = history_.before(); before && before->until < record.time) {
      auto why = before->boot != boot_ ? BlindInterval::Why::booted
                 : before->stopped     ? BlindInterval::Why::not_armed
                                       : BlindInterval::Why::crashed;
      history_.add(BlindInterval{before->until, record.time, why, 0});
    }
    commit(record.time);
  }

  void take(const DeathRecord& record) {
    auto tier = tier_of(record);
    auto death = tier == Tier::brief ? brief_death(record, redaction_) : stored(record, tier);
    if (on_stored_ && tier != Tier::brief) on_stored_(death, record);
    if (tier != Tier::brief) death.record = with_sentences_once(death.record);
    history_.add(std::move(death));
    if (is_due(record.time)) commit(record.time);
  }

  void take(const LossRecord& record) {
    history_.add(BlindInterval{record.time, record.time, BlindInterval::Why::lost, record.count});
  }

  void take(const SummaryRecord& record) {
    stopped_ = true;
    commit(record.time);
  }

  template <typename Other>
  void take(const Other&) {}

  StoredDeath stored(const DeathRecord& record, Tier tier) {
    const Process& process = *record.process;
    StoredDeath death;
    death.tier = tier;
    std::string text;
    append_json(text, Record(record), json_);
    death.record = redaction_.in_record(text);
    auto clean = nlohmann::json::parse(death.record, nullptr, false);
    death.time = record.time;
    death.pid = process.pid;
    death.start = process.started;
    death.comm = process.comm;
    death.exe = process.exe;
    if (clean.is_object() && clean["process"]["argv"].is_array())
      death.cmdline = shell_words(clean["process"]["argv"].get<std::vector<std::string>>());
    death.uid = process.uid;
    death.unit = unit_of(process.cgroup);
    if (auto container = container_of(process.cgroup)) {
      death.container = container->id;
      if (names_.name) death.name = names_.name(container->id);
      if (names_.pod && !container->pod_uid.empty()) death.pod = names_.pod(container->pod_uid);
    }
    death.cause = name_of(record.verdict.cause);
    death.signal = WIFSIGNALED(record.wait_status) ? WTERMSIG(record.wait_status) : 0;
    if (record.verdict.initiator) death.initiator = name_and_pid(*record.verdict.initiator);
    if (clean.is_object()) death.summary = clean["verdict"].value("summary", "");
    return death;
  }

  void commit(Time now) {
    for (const auto& gap : clocks_.look(clocks_now())) history_.add(gap);
    history_.watched({now, boot_, stopped_});
    auto done = history_.commit(now);
    if (!done && !std::exchange(failing_, true)) on_error_(done.error());
    if (done) failing_ = false;
    committed_ = now;
  }

  History history_;
  Redaction redaction_;
  ContainerNames names_;
  std::function<void(const Error&)> on_error_;
  OnStored on_stored_;
  ProcessJson json_;
  ClockWatch clocks_;
  std::string boot_;
  Time committed_ = 0;
  bool armed_ = false, failing_ = false, stopped_ = false;
};

}  // namespace

std::unique_ptr<Renderer> make_history_renderer(History history, Redaction redaction, ContainerNames names,
                                                std::function<void(const Error&)> on_error, OnStored on_stored) {
  return std::make_unique<HistoryRenderer>(std::move(history), std::move(redaction), std::move(names),
                                           std::move(on_error), std::move(on_stored));
}

}  // namespace stapkill
