#include "cli/why/query.h"

#include "catch.h"
#include "cli/command.h"
#include "store/made_history.h"

using namespace stapkill;

namespace {

using Words = std::vector<std::string>;

Result<DeathQuery> query_of(const Words& words) {
  auto arguments = parse_arguments(kWhyCommand.options, words);
  REQUIRE(arguments.has_value());
  return why_query(*arguments, kNow);
}

/// The usage error's message, or "".
std::string refused(const Words& words) {
  auto query = query_of(words);
  return query ? "" : query.error().message;
}

std::string refused_word(const std::string& word, const DeathQuery& query = {}) {
  auto checked = check_word(word, query);
  return checked ? "" : checked.error().message;
}

}  // namespace

TEST_CASE("why query: from the options", "[why_query]") {
  auto query = query_of({"--pid", "7", "--name", "a-name-that-is-too-long", "--unit", "u", "--since", "1h"});
  REQUIRE(query.has_value());
  CHECK(query->pid == 7);
  CHECK(query->comm == "a-name-that-is-");  // as the kernel keeps it
  CHECK(query->unit == "u");
  CHECK(query->since == kNow - 3600 * kSecond);
  CHECK(query->most == 1);
  CHECK(query_of({"--last", "20"})->most == 20);
  CHECK(query_of({"--limit", "99999999999"})->most == query_of({"--all"})->most);
}

TEST_CASE("why query: wrong words are named", "[why_query]") {
  CHECK(refused({"--pid", "0"}).find("'0'") != std::string::npos);
  CHECK(refused({"--last", "0"}).find("'0'") != std::string::npos);
  CHECK(refused({"--until", "soon"}).find("'soon'") != std::string::npos);
  CHECK(refused({"--since", "1h", "--until", "2h"}).find("'1h' is after --until '2h'") != std::string::npos);
  CHECK(refused({"--last", "3", "--all"}) == "--last and --all exclude each other");
  CHECK(refused({"--last", "3", "--limit", "3"}) == "--limit and --last exclude each other");
  CHECK(refused({"--root", "/x", "--uid", "root"}).find("'root'") != std::string::npos);
  CHECK(query_of({"--root", "/x", "--uid", "33"})->uid == 33);
}

TEST_CASE("why query: what a word can mean, beside the options", "[why_query]") {
  DeathQuery query;
  query.comm = "worker";
  auto meanings = meanings_of("web", query);
  REQUIRE(meanings.size() == 3);
  CHECK(meanings[0].query.unit == "web");
  for (const auto& one : meanings) CHECK(one.query.comm == "worker");
}

TEST_CASE("why query: words that mean nothing", "[why_query]") {
  CHECK(refused_word("web").empty());
  CHECK(refused_word("7").empty());
  CHECK(refused_word("").find("''") != std::string::npos);
  CHECK(refused_word("0").find("'0'") != std::string::npos);
  CHECK(refused_word("-9").find("'-9'") != std::string::npos);
  DeathQuery query;
  query.pid = 7;
  CHECK(refused_word("7", query).find("exclude each other") != std::string::npos);
  CHECK(refused_word("web", query).empty());
  query.comm = query.unit = query.container = query.pod = "x";
  CHECK(refused_word("web", query).find("'web'") != std::string::npos);
}

TEST_CASE("why query: a word is taken as the most specific that has a death", "[why_query]") {
  auto in_unit = made_death(1, "nginx"), by_hand = made_death(2, "nginx", kNow + kSecond);
  in_unit.unit = "nginx.service";
  auto find = [](const std::vector<StoredDeath>& deaths, const std::string& word) {
    MadeHistory made(deaths);
    auto history = made.read();
    return find_word(word, {}, history);
  };
  auto both = find({in_unit, by_hand}, "nginx");
  REQUIRE(both.found.size() == 1);
  CHECK(both.found[0].pid == 1);
  CHECK(both.remark == "'nginx' is taken as a unit; --name nginx finds others");
  CHECK(find({in_unit}, "nginx").remark.empty());  // the same death by either
  CHECK(find({by_hand}, "nginx").found[0].pid == 2);
  CHECK(find({by_hand}, "2").query.pid == 2);
  CHECK(find({by_hand}, "99999999999").found.empty());
}
