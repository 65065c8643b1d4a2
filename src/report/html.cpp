#include "report/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/catalogue.h"
#include "base/resources.h"
#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/json.h"
#include "report/renderer.h"
#include "report/words.h"

namespace stapkill {
namespace {

using html::Data;

constexpr std::size_t kMostValue = 400, kMostNotes = 30;

/// What the parts may take, in bytes; the page's own text, style and script are added to that.
struct Rooms {
  double part = 1;  ///< of all rooms
  std::size_t of(std::size_t bytes) const { return static_cast<std::size_t>(static_cast<double>(bytes) * part); }
  std::size_t cards() const { return of(56'000); }
  std::size_t timeline() const { return of(30'000); }
  std::size_t signals() const { return of(12'000); }
  std::size_t deaths() const { return of(155'000); }
  std::size_t raw() const { return of(24'000); }
};

std::string_view sum_of(std::string_view path) {
  for (const auto& file : resources()) {
    if (file.path == path) return file.sha256;
  }
  return {};
}

constexpr std::string_view kPage = "templates/report/page.html", kStyle = "templates/report/page.css",
                           kScript = "templates/report/page.js";

Data partial(std::string_view path) {
  Data made(kainjow::mustache::partial([path] { return std::string(resource(path)); }));
  return made;
}

std::string title_of(const Digest& digest, const std::vector<Incident>& incidents) {
  auto deaths = digest.summary() ? digest.summary()->deaths : digest.deaths().size();
  if (incidents.empty()) return deaths ? words::deaths(deaths) : tr("no deaths");
  const DeathRecord& first = *incidents.front().death;
  auto text = words::name(*first.process) + ": " + words::ending(first.wait_status);
  return deaths > 1 ? tr("{} and {}", text, words::more_deaths(deaths - 1)) : text;
}

Data host_rows(const Digest& digest) {
  Data rows(Data::type::list);
  auto add = [&](std::string_view label, const std::string& value) {
    if (value.empty()) return;
    Data row;
    row.set("label", std::string(tr_from(label)));
    row.set("value", words::shortened(value, kMostValue));
    rows.push_back(row);
  };
  if (const auto& session = digest.session()) {
    add(msgid("Host"), session->hostname);
    add(msgid("Kernel"), session->kernel + ' ' + session->arch);
    add(msgid("Boot"), session->boot_id);
    add(msgid("Program"), "stapkill " + session->version);
    add(msgid("Backend"), session->backend + (digest.armed() ? ", " + digest.armed()->toolchain : ""));
    for (const auto& [kind, values] : session->targets) {
      std::string all;
      for (const auto& value : values) all += (all.empty() ? "" : " ") + value;
      add(msgid("Watched"), "--" + kind + (all.empty() ? "" : ' ' + all));
    }
    add(msgid("Began"), words::date(session->time) + " UTC");
  }
  if (digest.summary()) add(msgid("Ended"), words::date(digest.summary()->time) + " UTC");
  return rows;
}

/// What the report may lack, and what stapkill had to say.
std::vector<std::string> limits_of(const Digest& digest) {
  std::vector<std::string> all;
  auto add = [&](const std::string& text) {
    if (all.size() < kMostNotes) all.push_back(words::shortened(text, kMostValue));
  };
  for (const auto& part : digest.left_out()) add(tr("Left out of this report: {}.", part));
  for (const auto& loss : digest.losses())
    add(tr("{} UTC: {} lost: {}", words::clock(loss.time), words::events(loss.count), loss.where));
  for (const auto& note : digest.notes())
    add(note.message.local() + (note.remedy.empty() ? "" : " — " + note.remedy.local()));
  return all;
}

/// Records as the stream has them, those of the described deaths first.
class Raw {
 public:
  explicit Raw(std::size_t room) : room_(room) {}

  void add(const Record& record) {
    std::string line;
    append_json(line, record, processes_);
    line = ascii_json(line.substr(0, line.find('\n')));
    auto bytes = html::cost(line) + 1;
    if (bytes > room_) {
      full_ = true;
      return;
    }
    room_ -= bytes;
    lines_.push_back(std::move(line));
  }
  Data lines() const { return html::texts(lines_); }
  bool full() const { return full_; }

 private:
  std::size_t room_;
  bool full_ = false;
  ProcessJson processes_{false};
  std::vector<std::string> lines_;
};

void set_raw(Data& page, const Digest& digest, const std::vector<Incident>& incidents, std::size_t room) {
  Raw raw(room);
  if (digest.session()) raw.add(*digest.session());
  for (const auto& incident : incidents) {
    if (raw.full()) break;
    for (const auto& step : incident.death->verdict.chain) {
      const auto* signal = step.signal_seq ? digest.signal(*step.signal_seq) : nullptr;
      if (signal) raw.add(*signal);
    }
    raw.add(*incident.death);
  }
  for (const auto& loss : digest.losses()) {
    if (!raw.full()) raw.add(loss);
  }
  if (digest.summary()) raw.add(*digest.summary());
  page.set("raw", raw.lines());
  page.set("raw_full", Data(raw.full()));
}

std::size_t set_cards(Data& page, const std::vector<Incident>& incidents, std::size_t room) {
  Data cards(Data::type::list);
  std::size_t count = 0, used = 0;
  for (const auto& incident : incidents) {
    std::size_t bytes = 0;
    auto card = html::card(incident, static_cast<int>(count + 1), bytes);
    if (count > 0 && used + bytes > room) break;
    used += bytes;
    cards.push_back(card);
    ++count;
  }
  page.set("cards", cards);
  page.set("more_cards", words::more_deaths(incidents.size() - count));
  page.set("has_more_cards", Data(count < incidents.size()));
  return count;
}

void set_tables(Data& page, const Digest& digest, const std::vector<Incident>& incidents, std::size_t cards,
                const Rooms& rooms) {
  std::size_t deaths_left = 0, signals_left = 0;
  page.set("deaths", html::death_rows(digest, incidents, cards, rooms.deaths(), deaths_left));
  page.set("has_deaths", Data(digest.deaths().size() > 1));
  page.set("more_deaths", words::more_deaths(deaths_left));
  page.set("has_more_deaths", Data(deaths_left > 0));
  page.set("signals", html::signal_rows(digest, rooms.signals(), signals_left));
  page.set("has_signals", Data(!digest.signals().empty()));
  page.set("more_signals", words::more_signals(signals_left));
  page.set("has_more_signals", Data(signals_left > 0));
}

/// As HTML names languages (BCP 47): "zh-CN".
std::string html_language() {
  std::string name(spoken_name());
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::string page_of(const Digest& digest, const std::vector<Incident>& incidents, const Rooms& rooms) {
  Data page;
  page.set("t", Data(kainjow::mustache::lambda([](const std::string& text) { return std::string(tr_from(text)); })));
  page.set("lang", html_language());
  page.set("title", title_of(digest, incidents));
  page.set("style_hash", policy_hash(sum_of(kStyle)));
  page.set("script_hash", policy_hash(sum_of(kScript)));
  page.set("style", partial(kStyle));
  page.set("script", partial(kScript));
  page.set("has_host", Data(digest.session().has_value()));
  page.set("host", digest.session() ? words::shortened(digest.session()->hostname, kMostValue) : "");
  page.set("host_rows", host_rows(digest));
  auto limits = limits_of(digest);
  page.set("limits", html::texts(limits));
  page.set("has_limits", Data(!limits.empty()));
  page.set("lost", tr("{} lost", words::events(digest.lost())));
  page.set("is_lossy", Data(digest.lost() > 0));
  const auto& summary = digest.summary();
  page.set("signal_count", words::signals(digest.signal_count()));
  page.set("death_count", words::deaths(summary ? summary->deaths : digest.deaths().size()));
  page.set("duration", summary ? fmt::format("{:.1f} s", summary->duration_s) : "");
  page.set("has_duration", Data(summary.has_value()));
  page.set("is_empty", Data(incidents.empty()));
  auto cards = set_cards(page, incidents, rooms.cards());
  page.set("timeline", html::timeline(digest, incidents, rooms.timeline()));
  set_tables(page, digest, incidents, cards, rooms);
  set_raw(page, digest, incidents, rooms.raw());
  kainjow::mustache::mustache view{std::string(resource(kPage))};
  view.set_custom_escape([](const std::string& text) { return html_text(text); });
  return view.render(page);
}

class HtmlRenderer : public Renderer {
 public:
  explicit HtmlRenderer(bool harmless) : digest_(harmless) {}

  void render(const Record& record, std::string& out) override {
    digest_.take(record);
    if (std::holds_alternative<SummaryRecord>(record)) out += html_report(digest_);
  }

 private:
  Digest digest_;
};

}  // namespace

std::string html_report(const Digest& digest) {
  auto incidents = digest.incidents();
  Rooms rooms;
  auto page = page_of(digest, incidents, rooms);
  for (int tries = 0; page.size() > kMostHtml && tries < 6; ++tries) {
    rooms.part *= 0.6;
    page = page_of(digest, incidents, rooms);
  }
  return page;
}

std::unique_ptr<Renderer> make_html_renderer(bool harmless) {
  return std::make_unique<HtmlRenderer>(harmless);
}

}  // namespace stapkill
