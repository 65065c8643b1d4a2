#include "sys/journal_entry.h"

#include "catch.h"

using namespace stapkill;

namespace {

std::string entry_with(std::string_view name, std::string_view value) {
  JournalEntry entry;
  entry.add(name, value);
  return entry.text();
}

}  // namespace

TEST_CASE("journal entry: a value on one line is NAME=value, any bytes", "[journal_entry]") {
  CHECK(entry_with("MESSAGE", "a=b") == "MESSAGE=a=b\n");
  CHECK(entry_with("MESSAGE", std::string("a\0\xff", 3)) == std::string("MESSAGE=a\0\xff\n", 12));
}

TEST_CASE("journal entry: a value with a newline has its length first", "[journal_entry]") {
  CHECK(entry_with("MESSAGE", "a\nFORGED=b") == std::string("MESSAGE\n\x0a\0\0\0\0\0\0\0a\nFORGED=b\n", 27));
  auto long_one = entry_with("M", std::string(300, '\n'));
  CHECK(long_one.substr(0, 10) == std::string("M\n\x2c\x01\0\0\0\0\0\0", 10));
}

TEST_CASE("journal entry: an empty value is no field", "[journal_entry]") {
  CHECK(entry_with("MESSAGE", "").empty());
}

TEST_CASE("journal entry: it is bounded, and a cut leaves no half character", "[journal_entry]") {
  std::string euros;
  for (int i = 0; i < 4000; ++i) euros += "\xe2\x82\xac";
  auto text = entry_with("M", euros);
  CHECK(text.size() <= 2 + JournalEntry::kMostValue + 1);
  CHECK((text.size() - 3) % 3 == 0);
  JournalEntry entry;
  for (int i = 0; i < 1000; ++i) entry.add("M", euros);
  CHECK(entry.text().size() <= JournalEntry::kMostEntry);
  CHECK(entry.text().size() > JournalEntry::kMostEntry / 2);
}
