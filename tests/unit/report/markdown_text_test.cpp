#include "report/markdown_text.h"

#include <algorithm>

#include "base/text.h"
#include "report/hostile.h"

using namespace stapkill;

namespace {

/// A reader of our code spans that is no part of stapkill (CommonMark 6.1): its content; "!" where the text is no span.
std::string content(std::string_view span) {
  auto fence = std::min(span.find_first_not_of('`'), span.size());
  auto end = span.find_last_of('`');
  if (fence == 0 || end == std::string_view::npos || end < 2 * fence) return "!";
  auto inner = span.substr(fence, end + 1 - 2 * fence);
  std::string marks(fence, '`');
  for (auto at = inner.find(marks); at != std::string_view::npos; at = inner.find(marks, at + 1)) {
    auto stop = std::min(inner.find_first_not_of('`', at), inner.size());
    if (stop - at == fence) return "!";  // it would end there
    at = stop - 1;
  }
  bool padded = inner.size() > 1 && inner.front() == ' ' && inner.back() == ' ';
  if (padded && inner.find_first_not_of(' ') != std::string_view::npos) inner = inner.substr(1, inner.size() - 2);
  return std::string(inner);
}

std::string with_escaped_pipes(const std::string& text) {
  std::string out;
  for (char c : text) out += c == '|' ? std::string("\\x7c") : std::string(1, c);
  return out;
}

}  // namespace

TEST_CASE("markdown: a code span holds any name and nothing else", "[report]") {
  for (const auto& name : hostile::names()) {
    INFO(name);
    auto text = markdown_code(name);
    CHECK(content(text) == printable(name));
    CHECK(text.find('\n') == std::string::npos);
    auto cell = markdown_code(name, MarkdownPlace::cell);
    CHECK(cell.find('|') == std::string::npos);
    CHECK(content(cell) == with_escaped_pipes(printable(name)));
  }
  CHECK(markdown_code("") == "(empty)");
}

TEST_CASE("markdown: text after a right-to-left name keeps its order", "[report]") {
  CHECK(markdown_code("\xd7\xa9") == "`\xd7\xa9`&lrm;");
  CHECK(markdown_code("x") == "`x`");
}

TEST_CASE("markdown: a sentence's plain words are text, all others are code", "[report]") {
  CHECK(markdown_prose("sleep(12) was killed by SIGKILL from sh(7), its parent.") ==
        "sleep(12) was killed by SIGKILL from sh(7), its parent.");
  CHECK(markdown_prose("run by /opt/a.sh (python3 7), a job") == "run by `/opt/a.sh` (python3 7), a job");
  CHECK(markdown_prose("which runs `kill -9 20246; exit 0`, run by it") ==
        "which runs `kill -9 20246; exit 0`, run by it");
  CHECK(markdown_prose("over (/usr/bin/timeout -s KILL 1), started") == "over (`/usr/bin/timeout -s KILL 1`), started");
  CHECK(markdown_prose("` | `(5) was") == "``` ` | `(5) ``` was" || markdown_prose("` | `(5) was") == "`` ` | `(5) `` was" ||
        markdown_prose("` | `(5) was") == "`` ` | `(5)`` was");
  CHECK(markdown_prose("the kernel's killer at 04:16:39.258 and 64.0 MiB") ==
        "the kernel's killer at 04:16:39.258 and 64.0 MiB");
}

TEST_CASE("markdown: what hosts make links of is code", "[report]") {
  for (const char* word : {"@octocat",
                           "#123",
                           "GH-12",
                           "ABC-123",
                           "owner/repo#1",
                           "0123abc",
                           "deadbeef1",
                           "www.example.com",
                           "http://example.com",
                           "me@example.com",
                           ":smile:",
                           ":100:",
                           "1234567",
                           "*a*",
                           "_a_",
                           "<b>",
                           "[x]",
                           "a|b",
                           "a&b",
                           "a:100:",
                           "--",
                           "$x$",
                           "!45",
                           "~a",
                           "\\"}) {
    INFO(word);
    CHECK(markdown_prose(word).find('`') != std::string::npos);
  }
}

TEST_CASE("markdown: hostile names in a sentence stay in code spans", "[report]") {
  for (const auto& name : hostile::names()) {
    auto text = markdown_prose(name + "(100) was killed by SIGKILL from " + name + "(200), run by " + name + '.');
    INFO(text);
    std::string outside;
    for (std::size_t at = 0; at < text.size();) {
      if (text[at] != '`') {
        outside += text[at++];
        continue;
      }
      auto fence = text.find_first_not_of('`', at);
      REQUIRE(fence != std::string::npos);
      std::string marks = text.substr(at, fence - at);
      auto end = text.find(marks, fence);
      while (end != std::string::npos && end + marks.size() < text.size() && text[end + marks.size()] == '`')
        end = text.find(marks, text.find_first_not_of('`', end));
      REQUIRE(end != std::string::npos);
      at = end + marks.size();
    }
    for (char c : std::string_view("|<>[]*_~@#!$\\\n\"{}/+^%")) CHECK(outside.find(c) == std::string::npos);
  }
}
