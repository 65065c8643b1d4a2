#include "report/html.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/catalogue.h"
#include "base/resources.h"
#include "report/html_parts.h"
#include "report/html_text.h"
#include "report/json.h"
#include "report/json_document.h"
#include "report/renderer.h"
#include "report/words.h"

namespace stapkill {
namespace {

using html::Data;

constexpr std::size_t kMostValue = 400, kMostNotes = 30, kRowMarkup = 38, kBlockMarkup = 60;

/// What the parts may take, in bytes; the page's own text, style and script are added to that.
struct Rooms {
  double part = 1;  ///< of all rooms
  std::size_t of(std::size_t bytes) const { return static_cast<std::size_t>(static_cast<double>(bytes) * part); }
  std::size_t cards() const { return of(56'000); }
  std::size_t timeline() const { return of(30'000); }
  std::size_t signals() const { return of(12'000); }
  std::size_t deaths() const { return of(155'000); }
  std::size_t raw() const { return of(24'000); }
  std::size_t hosts() const { return of(12'000); }  ///< from that of deaths
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
  auto deaths = digest.death_count();
  if (incidents.empty()) return deaths ? words::deaths(deaths) : tr("no deaths");
  const DeathRecord& first = *incidents.front().death;
  auto text = words::name(*first.process) + ": " + words::ending(first.wait_status);
  return deaths > 1 ? tr("{} and {}", text, words::more_deaths(deaths - 1)) : text;
}

/// What is known about a host.
Data host_block(const Digest& digest, const HostPtr& host, std::size_t& bytes) {
  Data rows(Data::type::list);
  auto add = [&](std::string_view label, const std::string& value) {
    if (value.empty()) return;
    Data row;
    row.set("label", std::string(tr_from(label)));
    row.set("value", words::shortened(value, kMostValue));
    bytes += kRowMarkup + html::cost(words::shortened(value, kMostValue));
    rows.push_back(row);
  };
  if (const auto* session = digest.session(host)) {
    add(msgid("Host"), session->hostname);
    add(msgid("Kernel"), session->kernel + ' ' + session->arch);
    add(msgid("Boot"), session->boot_id);
    add(msgid("Program"), "stapkill " + session->version);
    const auto* armed = digest.armed(host);
    add(msgid("Backend"), session->backend + (armed ? ", " + armed->toolchain : ""));
    for (const auto& [kind, values] : session->targets) {
      std::string all;
      for (const auto& value : values) all += (all.empty() ? "" : " ") + value;
      add(msgid("Watched"), "--" + kind + (all.empty() ? "" : ' ' + all));
    }
    add(msgid("Began"), words::date(session->time) + " UTC");
  }
  if (const auto* summary = digest.summary(host)) add(msgid("Ended"), words::date(summary->time) + " UTC");
  Data block;
  block.set("has_name", Data(digest.has_hosts()));
  block.set("name", words::host(host));
  block.set("rows", rows);
  bytes += kBlockMarkup + html::cost(words::host(host));
  return block;
}

/// A block for each host. Returns what those after the first take, in bytes.
std::size_t set_host_blocks(Data& page, const Digest& digest, std::size_t room) {
  Data blocks(Data::type::list);
  std::size_t count = 0, used = 0;
  for (const auto& host : digest.hosts()) {
    std::size_t bytes = 0;
    auto block = host_block(digest, host, bytes);
    if (count > 0 && used + bytes > room) break;
    if (count++ > 0) used += bytes;
    blocks.push_back(block);
  }
  page.set("host_blocks", blocks);
  page.set("has_more_hosts", Data(count < digest.hosts().size()));
  page.set("more_hosts", words::more_hosts(digest.hosts().size() - count));
  return used;
}

/// Of one host its name; of several their number and names.
void set_header(Data& page, const Digest& digest) {
  const auto* only = digest.hosts().size() == 1 ? digest.session(digest.hosts().front()) : nullptr;
  page.set("has_host", Data(only != nullptr));
  page.set("host", only ? words::shortened(only->hostname, kMostValue) : "");
  page.set("has_hosts", Data(digest.has_hosts()));
  page.set("host_count", words::hosts(digest.hosts().size()));
  page.set("host_names",
           html::texts(digest.has_hosts() ? words::host_names(digest.hosts()) : std::vector<std::string>()));
}

/// What the report may lack, and what stapkill had to say.
std::vector<std::string> limits_of(const Digest& digest) {
  std::vector<std::string> all;
  auto add = [&](const std::string& text) {
    if (all.size() < kMostNotes) all.push_back(words::shortened(text, kMostValue));
  };
  if (digest.has_hosts()) add(words::clocks());
  for (const auto& part : digest.left_out()) add(tr("Left out of this report: {}.", part));
  for (const auto& loss : digest.losses())
    add(words::on_host(loss.origin.host,
                       tr("{} UTC: {} lost: {}", words::clock(loss.time), words::events(loss.count), loss.where)));
  for (const auto& note : digest.notes())
    add(words::on_host(note.origin.host,
                       note.message.local() + (note.remedy.empty() ? "" : " — " + note.remedy.local())));
  return all;
}

/// Records as the stream has them, those of the described deaths first.
class Raw {
 public:
  explicit Raw(std::size_t room) : room_(room) {}

  /// Of several hosts each says its own, as in a stream of several (stapkill-replay(1)).
  void add(const Record& record, const RecordOrigin& origin) {
    std::string line;
    append_json(line, record, processes_);
    line.resize(line.find('\n'));
    bool says = std::holds_alternative<SessionRecord>(record) || words::host(origin.host).empty();
    line = ascii_json(says ? line : with_host(line, origin.host->name));
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
  for (const auto& session : digest.sessions()) {
    if (!raw.full()) raw.add(session, session.origin);
  }
  for (const auto& incident : incidents) {
    if (raw.full()) break;
    for (const auto& step : incident.death->verdict.chain) {
      const auto* signal = step.signal_seq ? digest.signal(*incident.death, *step.signal_seq) : nullptr;
      if (signal) raw.add(*signal, incident.death->origin);
    }
    raw.add(*incident.death, incident.death->origin);
  }
  for (const auto& loss : digest.losses()) {
    if (!raw.full()) raw.add(loss, loss.origin);
  }
  for (const auto& summary : digest.summaries()) raw.add(summary, summary.origin);
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
                const Rooms& rooms, std::size_t for_hosts) {
  std::size_t deaths_left = 0, signals_left = 0;
  page.set("deaths", html::death_rows(digest, incidents, cards, rooms.deaths() - for_hosts, deaths_left));
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
  set_header(page, digest);
  auto for_hosts = set_host_blocks(page, digest, rooms.hosts());
  auto limits = limits_of(digest);
  page.set("limits", html::texts(limits));
  page.set("has_limits", Data(!limits.empty()));
  page.set("lost", tr("{} lost", words::events(digest.lost())));
  page.set("is_lossy", Data(digest.lost() > 0));
  auto duration = digest.duration_s();
  page.set("signal_count", words::signals(digest.signal_count()));
  page.set("death_count", words::deaths(digest.death_count()));
  page.set("duration", duration ? fmt::format("{:.1f} s", *duration) : "");
  page.set("has_duration", Data(duration.has_value()));
  page.set("is_empty", Data(incidents.empty()));
  auto cards = set_cards(page, incidents, rooms.cards());
  page.set("timeline", html::timeline(digest, incidents, rooms.timeline()));
  set_tables(page, digest, incidents, cards, rooms, for_hosts);
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
