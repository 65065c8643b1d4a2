// The documents of a whole session: Markdown and HTML.
#include <algorithm>

#include "report/digest.h"
#include "report/hostile.h"
#include "report/html.h"
#include "report/markdown.h"
#include "report/renderer.h"

using namespace stapkill;

namespace {

Digest digest_of(const std::vector<Record>& records) {
  Digest digest;
  for (const auto& record : records) digest.take(record);
  return digest;
}

HostPtr host(const std::string& label) {
  return std::make_shared<NamedHost>(NamedHost{label, label});
}

/// The process as one of that host.
ProcessPtr on(const ProcessPtr& process, const HostPtr& host) {
  auto made = std::make_shared<Process>(*process);
  made->host = host;
  return made;
}

/// The record with its processes on that host.
SignalRecord on(SignalRecord record, const HostPtr& host) {
  record.sender = on(record.sender, host);
  record.target = on(record.target, host);
  return record;
}

DeathRecord on(DeathRecord record, const HostPtr& host) {
  record.process = on(record.process, host);
  record.parent = on(record.parent, host);
  record.verdict.killer = on(record.verdict.killer, host);
  record.verdict.initiator = on(record.verdict.initiator, host);
  for (auto& step : record.verdict.chain) step.process = on(step.process, host);
  return record;
}

Record on(const Record& record, const HostPtr& host) {
  if (const auto* signal = std::get_if<SignalRecord>(&record)) return on(*signal, host);
  if (const auto* death = std::get_if<DeathRecord>(&record)) return on(*death, host);
  return record;
}

/// The same records of several hosts, one after the other.
Digest digest_of(const std::vector<Record>& records, const std::vector<HostPtr>& hosts) {
  Digest digest;
  for (const auto& record : records) {
    for (std::size_t at = 0; at < hosts.size(); ++at) digest.take(on(record, hosts[at]), {hosts[at], at + 1});
  }
  return digest;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

/// Many processes that one killed, each a moment after the other.
std::vector<Record> crowd(int size, const std::string& name) {
  std::vector<Record> records{hostile::session(name)};
  for (int at = 0; at < size; ++at) {
    auto seq = static_cast<std::uint64_t>(at + 1);
    auto signal = hostile::signal(name, seq, 1000 + at);
    auto death = hostile::death(name, seq, 1000 + at);
    signal.time += at * 20'000'000LL;
    death.time += at * 20'000'000LL;
    records.emplace_back(signal);
    records.emplace_back(death);
  }
  SummaryRecord summary;
  summary.signals = summary.deaths = static_cast<std::uint64_t>(size);
  records.emplace_back(summary);
  return records;
}

/// The tags of a page by name, as a browser would count them outside the style and the script.
std::size_t tags(const std::string& page, const std::string& name) {
  return count(page, '<' + name + '>') + count(page, '<' + name + ' ');
}

}  // namespace

TEST_CASE("documents: both are written with the summary, and only then", "[report]") {
  for (bool html : {false, true}) {
    auto renderer = html ? make_html_renderer(false) : make_markdown_renderer(false);
    std::string out;
    auto records = hostile::records("web");
    for (std::size_t at = 0; at + 1 < records.size(); ++at) renderer->render(records[at], out);
    CHECK(out.empty());
    renderer->render(records.back(), out);
    CHECK(out.find("web(100)") != std::string::npos);
    CHECK(out.back() == '\n');
  }
}

TEST_CASE("documents: no name changes what a page consists of", "[report]") {
  auto plain = html_report(digest_of(hostile::records("web")));
  for (const auto& name : hostile::names()) {
    auto page = html_report(digest_of(hostile::records(name)));
    INFO(name);
    for (const char* tag :
         {"script", "style",   "b",   "img", "a",    "li",     "td",  "p",       "h1",      "h2",  "bdi",
          "code",   "details", "svg", "use", "line", "circle", "pre", "article", "section", "meta"})
      CHECK(tags(page, tag) == tags(plain, tag));
    CHECK(count(page, "onerror=alert") == count(page, "onerror=alert(1)&gt;"));
  }
}

TEST_CASE("documents: no name changes what Markdown consists of", "[report]") {
  auto plain = markdown_report(digest_of(hostile::records("web")));
  for (const auto& name : hostile::names()) {
    auto text = markdown_report(digest_of(hostile::records(name)));
    INFO(text);
    CHECK(count(text, "\n") == count(plain, "\n"));
    std::size_t rows = 0;
    for (auto at = text.find("\n| "); at != std::string::npos; at = text.find("\n| ", at + 1)) {
      auto line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
      CHECK(count(line, "|") == 8);
      ++rows;
    }
    CHECK(rows == 2);
  }
}

TEST_CASE("documents: a thousand processes fit, whatever their names are", "[report]") {
  for (const auto& name : {std::string("worker-process"), std::string(15, '&'), std::string(4000, '"')}) {
    auto digest = digest_of(crowd(1000, name));
    auto page = html_report(digest);
    CHECK(page.size() <= kMostHtml);
    CHECK(page.ends_with("</html>\n"));
    CHECK(markdown_report(digest).size() <= kMostMarkdown);
  }
  auto page = html_report(digest_of(crowd(1000, "worker-process")));
  CHECK(page.find(">worker-process(1999)<") != std::string::npos);
  CHECK(page.find("not in this page.</p>\n</section>\n<section aria-labelledby=\"signals\"") == std::string::npos);
}

TEST_CASE("documents: what was left out is said", "[report]") {
  auto digest = digest_of(crowd(1000, std::string(200, 'x')));
  auto page = html_report(digest);
  CHECK(page.find("more deaths not in this page") != std::string::npos);
  CHECK(markdown_report(digest).find("more deaths not in this text") != std::string::npos);
}

TEST_CASE("documents: a session without a death", "[report]") {
  SummaryRecord summary;
  auto digest = digest_of({hostile::session("web"), summary});
  CHECK(html_report(digest).find("No watched process ended.") != std::string::npos);
  CHECK(markdown_report(digest).find("no deaths") != std::string::npos);
}

TEST_CASE("documents: a page with only losses draws them", "[report]") {
  SummaryRecord summary;
  summary.lost = 7;
  LossRecord loss{hostile::kTime, 7, "the buffer"};
  auto digest = digest_of({hostile::session("web"), loss, summary});
  auto page = html_report(digest);
  CHECK(page.find("class=\"loss\"") != std::string::npos);
  CHECK(page.find("7 events lost: the buffer") != std::string::npos);
  CHECK(markdown_report(digest).find("7 events lost: `the buffer`") != std::string::npos);
}

TEST_CASE("digest: deaths are kept before signals, and the rest is counted", "[report]") {
  Digest digest;
  for (std::size_t at = 0; at < Digest::kMost; ++at) digest.take(hostile::signal("a", at + 1));
  digest.take(hostile::death("b"));
  CHECK(digest.deaths().size() == 1);
  CHECK(digest.signals().size() == Digest::kMost - 1);
  CHECK(digest.signals().front().seq == 2);
  const auto& death = digest.deaths().front();
  CHECK(digest.signal(death, 1) == nullptr);
  REQUIRE(digest.signal(death, 2) != nullptr);
  CHECK(digest.signal(death, 2)->seq == 2);
  CHECK(digest.left_out() == std::vector<std::string>{"1 signal"});
}

TEST_CASE("digest: signals that end nobody are not taken, unless asked for", "[report]") {
  auto record = hostile::signal("a");
  record.number = SIGCHLD;
  SummaryRecord summary;
  summary.signals = 3;
  for (bool harmless : {false, true}) {
    Digest digest(harmless);
    digest.take(record);
    digest.take(summary);
    CHECK(digest.signals().size() == (harmless ? 1 : 0));
    CHECK(digest.signal_count() == (harmless ? 3 : 2));
  }
}

TEST_CASE("digest: a plain end comes after what somebody caused", "[report]") {
  auto plain = hostile::death("a", 1, 300);
  plain.wait_status = 0;
  plain.time -= 1'000'000'000;
  plain.verdict = {};
  plain.verdict.cause = Cause::exit;
  auto digest = digest_of({plain, hostile::death("b", 1, 400)});
  auto incidents = digest.incidents();
  REQUIRE(incidents.size() == 2);
  CHECK(incidents[0].death->process->pid == 400);
  CHECK(incidents[1].death->process->pid == 300);
}

TEST_CASE("digest: a cascade is one incident", "[report]") {
  std::vector<Record> records{hostile::session("a")};
  for (int at = 0; at < 5; ++at) {
    auto death = hostile::death("a", static_cast<std::uint64_t>(at + 1), 300 + at);
    death.time += at * 1000;
    records.emplace_back(death);
  }
  auto digest = digest_of(records);
  auto incidents = digest.incidents();
  REQUIRE(incidents.size() == 1);
  REQUIRE(incidents[0].followers.size() == 1);
  CHECK(incidents[0].followers[0].english().find('4') != std::string::npos);
}

TEST_CASE("digest: hosts with the same pids, starts and numbers of signals stay apart", "[report]") {
  auto db = host("db1"), web = host("web1");
  auto digest = digest_of(hostile::records("a"), {db, web});
  CHECK(digest.hosts() == std::vector<HostPtr>{db, web});
  CHECK(digest.has_hosts());
  REQUIRE(digest.deaths().size() == 2);
  for (const auto& death : digest.deaths()) {
    const auto* signal = digest.signal(death, 1);
    REQUIRE(signal != nullptr);
    CHECK(signal->target->host == death.origin.host);
  }
  // One sender, one signal, one moment: on one host it would be a cascade.
  auto incidents = digest.incidents();
  REQUIRE(incidents.size() == 2);
  CHECK(incidents[0].followers.empty());
  CHECK(incidents[1].followers.empty());
  CHECK(digest.death_count() == 2);
  CHECK(digest.signal_count() == 2);
  CHECK(digest.lost() == 6);
}

TEST_CASE("digest: a cascade on each host is counted with its own death", "[report]") {
  auto db = host("db1"), web = host("web1");
  std::vector<Record> records;
  for (int at = 0; at < 3; ++at) {
    auto death = hostile::death("a", static_cast<std::uint64_t>(at + 1), 300 + at);
    death.time += at * 1000;
    records.emplace_back(death);
  }
  auto digest = digest_of(records, {db, web});
  auto incidents = digest.incidents();
  REQUIRE(incidents.size() == 2);
  for (const auto& incident : incidents) {
    REQUIRE(incident.followers.size() == 1);
    CHECK(incident.followers[0].english().find('2') != std::string::npos);
  }
}

TEST_CASE("digest: two sessions of one host are summed, one without a summary by its records", "[report]") {
  auto db = host("");
  Digest digest;
  auto first = hostile::session("db1"), second = first;
  second.time += 60'000'000'000;
  SummaryRecord summary;
  summary.time = first.time + 10'000'000'000;
  summary.deaths = 4;
  summary.signals = 5;
  summary.lost = 2;
  summary.duration_s = 10;
  digest.take(first, {db, 1});
  digest.take(on(hostile::signal("a"), db), {db, 1});
  digest.take(summary, {db, 1});
  CHECK(digest.duration_s() == 10);
  digest.take(second, {db, 2});
  auto death = on(hostile::death("a"), db);
  death.time = second.time + 3'000'000'000;
  digest.take(death, {db, 2});
  CHECK_FALSE(digest.has_hosts());
  CHECK(digest.death_count() == 5);
  CHECK(digest.signal_count() == 5);
  CHECK(digest.lost() == 2);
  CHECK(*digest.duration_s() == Approx(63));
  CHECK(digest.signal(digest.deaths().front(), 1) == nullptr);  // that number is of the first session
}

TEST_CASE("documents: of several hosts each process has its host's name", "[report]") {
  auto digest = digest_of(hostile::records("web"), {host("db1"), host("web1")});
  auto page = html_report(digest);
  for (const char* text :
       {"2 hosts", ">db1: web(100)</a>", ">web1: web(100)</a>", "on <bdi dir=\"ltr\">web1</bdi>",
        "<dd>db1: web(200)</dd>", "<li title=\"web1: web(100)\">", "db1: 02:34:19.000 UTC: 3 events lost",
        "<h3><bdi dir=\"ltr\">web1</bdi></h3>", "only as good as the clocks", "&#34;host&#34;:&#34;db1&#34;"})
    CHECK(page.find(text) != std::string::npos);
  CHECK(count(page, "<dt>Kernel</dt>") == 2);
  CHECK(tags(page, "article") == 2);
  auto text = markdown_report(digest);
  for (const char* part :
       {"### stapkill: 2 deaths on 2 hosts: `db1`, `web1`", "> Certain, on `web1`: web(100) was killed",
        "| `db1: web(100)` |", "- `web1`: 02:34:19.000 UTC: 3 events lost", "only as good as the clocks",
        "\n`db1`\n\n- Host: "})
    CHECK(text.find(part) != std::string::npos);
}

TEST_CASE("documents: no name of a host changes what a page consists of", "[report]") {
  auto other = host("other");
  auto records = hostile::records("web");
  auto plain = html_report(digest_of(records, {host("db1"), other}));
  auto plain_text = markdown_report(digest_of(records, {host("db1"), other}));
  for (const auto& name : hostile::names()) {
    auto digest = digest_of(records, {host(name), other});
    auto page = html_report(digest);
    INFO(name);
    for (const char* tag :
         {"script", "style", "b", "img", "a", "li", "td", "p", "h1", "h2", "h3", "bdi", "code", "article"})
      CHECK(tags(page, tag) == tags(plain, tag));
    CHECK(count(markdown_report(digest), "\n") == count(plain_text, "\n"));
  }
}

TEST_CASE("documents: a thousand processes of many hosts fit", "[report]") {
  for (const auto& name : {std::string("db"), std::string(64, '&'), std::string(4000, '"')}) {
    std::vector<HostPtr> hosts;
    for (int at = 0; at < 100; ++at) hosts.push_back(host(name + std::to_string(at)));
    auto digest = digest_of(crowd(10, name), hosts);
    auto page = html_report(digest);
    CHECK(page.size() <= kMostHtml);
    CHECK(page.ends_with("</html>\n"));
    CHECK(page.find("100 hosts") != std::string::npos);
    CHECK(markdown_report(digest).size() <= kMostMarkdown);
  }
  auto page = html_report(digest_of(crowd(500, "nginx"), {host("db1"), host("web1")}));
  CHECK(page.find(">web1: nginx(1499)<") != std::string::npos);
  CHECK(page.find("not in this page.</p>\n</section>\n<section aria-labelledby=\"signals\"") == std::string::npos);
}

TEST_CASE("documents: a wait is on the lane of the process that ends", "[report]") {
  auto death = hostile::death("web");
  ChainStep asked = death.verdict.chain.front();
  asked.number = SIGTERM;
  asked.time -= 10'000'000'000;
  death.verdict.chain.insert(death.verdict.chain.begin(), asked);
  SummaryRecord summary;
  auto page = html_report(digest_of({hostile::session("web"), death, summary}));
  CHECK(page.find("web(100): waited 10.0 s after SIGTERM</title>") != std::string::npos);
  CHECK(page.find("web(100): waited 5 ms after SIGKILL</title>") != std::string::npos);
  CHECK(count(page, "class=\"wait\"") == 2);
}
