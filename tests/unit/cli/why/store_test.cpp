#include "cli/why/store.h"

#include "catch.h"
#include "cli/command.h"
#include "store/made_history.h"

using namespace stapkill;

namespace {

Result<WhyStore> store_of(const std::vector<std::string>& words) {
  auto arguments = parse_arguments(kWhyCommand.options, words);
  REQUIRE(arguments.has_value());
  return why_store(*arguments);
}

}  // namespace

TEST_CASE("why store: this host's, or below a root", "[why_store]") {
  Temporary root;
  root.write("var/lib/stapkill/lock", "");
  CHECK(store_of({})->directory == "/var/lib/stapkill");
  CHECK(store_of({"--store", "/x"})->directory == "/x");
  auto captured = store_of({"--root", root.path()});
  REQUIRE(captured.has_value());
  CHECK(captured->origin == HistoryReader::Origin::captured);
  CHECK(captured->directory == std::filesystem::canonical(root.path()) / "var/lib/stapkill");
  CHECK(store_of({"--root", root.path(), "--store", "/none"}).error().id == "store.none");
  CHECK_FALSE(store_of({"--root", root / "none"}).has_value());
}

TEST_CASE("why store: links stay inside the root", "[why_store]") {
  Temporary root;
  root.write("data/history/lock", "");
  std::filesystem::create_directories(root / "var/lib");
  std::filesystem::create_symlink("/data/history", root / "var/lib/stapkill");
  CHECK(store_of({"--root", root.path()})->directory == std::filesystem::canonical(root.path()) / "data/history");
  std::filesystem::create_symlink("../../../../../../etc", root / "var/lib/out");
  CHECK_FALSE(store_of({"--root", root.path(), "--store", "/var/lib/out"}).has_value());
}

TEST_CASE("why store: a history that nobody writes says since when", "[why_store]") {
  MadeHistory made({made_death(1, "web")}, {}, kNow);
  auto history = made.read();
  WhyStore store{made.place(), HistoryReader::Origin::this_host};
  CHECK(unwatched_text(store, history, kNow + 60 * kSecond).english().starts_with("no recorder has watched since "));
  CHECK(unwatched_text(store, history, kNow + kSecond).empty());
  store.origin = HistoryReader::Origin::captured;
  CHECK(unwatched_text(store, history, kNow + 60 * kSecond).empty());
}
