#include "report/html_text.h"

#include <nlohmann/json.hpp>

#include "base/resources.h"
#include "base/text.h"
#include "report/hostile.h"
#include "report/right_to_left.h"

using namespace stapkill;

namespace {

constexpr std::string_view kLeftToRight = "\xe2\x80\x8e";

std::string without(std::string text, std::string_view part) {
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at)) text.erase(at, part.size());
  return text;
}

/// What a browser shows of such a text.
std::string shown(std::string text) {
  constexpr std::pair<std::string_view, char> references[] = {
      {"&lt;", '<'}, {"&gt;", '>'}, {"&#34;", '"'}, {"&#39;", '\''}, {"&amp;", '&'}};
  for (const auto& [form, character] : references) {
    for (auto at = text.find(form); at != std::string::npos; at = text.find(form, at + 1))
      text.replace(at, form.size(), 1, character);
  }
  return without(text, kLeftToRight);
}

}  // namespace

TEST_CASE("html: a name is text and shows what it is", "[report]") {
  for (const auto& name : hostile::names()) {
    INFO(name);
    auto text = html_text(name);
    for (char c : std::string_view("<>\"'\n")) CHECK(text.find(c) == std::string::npos);
    CHECK(is_utf8(text));
    CHECK(shown(text) == printable(name));
  }
}

TEST_CASE("html: right-to-left text keeps the order of what follows", "[report]") {
  CHECK(html_text("\xd7\xa9(1)") == "\xd7\xa9\xe2\x80\x8e(1)");
  CHECK(html_text("\xd7\xa9 \xd7\xa9 x") == "\xd7\xa9 \xd7\xa9\xe2\x80\x8e x");
  CHECK(html_text("a(1)") == "a(1)");
  CHECK(has_right_to_left("a\xd8\xb9"));
  CHECK_FALSE(has_right_to_left("a\xe8\xbf\x9b"));
}

TEST_CASE("html: records can be copied as they are", "[report]") {
  for (const auto& name : hostile::names()) {
    std::string line;
    append_json_string(line, name);
    auto ascii = ascii_json(line);
    INFO(ascii);
    CHECK(std::all_of(ascii.begin(), ascii.end(), [](char c) { return c >= ' ' && c < 0x7f; }));
    CHECK(nlohmann::json::parse(ascii) == nlohmann::json::parse(line));
    CHECK(shown(html_text(ascii)) == ascii);
  }
}

TEST_CASE("html: the hash of an inline text", "[report]") {
  // printf '' | openssl dgst -sha256 -binary | base64
  CHECK(policy_hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855") ==
        "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
}

TEST_CASE("html: the page's own files have no tag that prints without escaping, and close nothing", "[report]") {
  auto page = resource("templates/report/page.html");
  REQUIRE_FALSE(page.empty());
  CHECK(page.find("{{{") == std::string_view::npos);
  CHECK(page.find("{{&") == std::string_view::npos);
  CHECK(page.find("{{=") == std::string_view::npos);
  for (const char* path : {"templates/report/page.css", "templates/report/page.js"}) {
    auto text = resource(path);
    REQUIRE_FALSE(text.empty());
    CHECK(text.find("{{") == std::string_view::npos);
    CHECK(text.find("</") == std::string_view::npos);
    CHECK(text.find("//cdn") == std::string_view::npos);
    for (auto at = text.find("url("); at != std::string_view::npos; at = text.find("url(", at + 1))
      CHECK(text.substr(at, 5) == "url(#");  // within the page alone
  }
}
