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
  CHECK(digest.signal(1) == nullptr);
  REQUIRE(digest.signal(2) != nullptr);
  CHECK(digest.signal(2)->seq == 2);
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
