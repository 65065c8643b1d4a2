#include "store/packed_text.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("packed text: any bytes come back", "[packed_text]") {
  std::string bytes;
  for (int at = 0; at < 3000; ++at) bytes += static_cast<char>(at * 31 % 256);
  for (const auto& text : {std::string(), std::string("x"), std::string("a\0b", 3), bytes, std::string(100'000, 'z')})
    CHECK(unpacked(packed(text)) == text);
}

TEST_CASE("packed text: a record takes less than half", "[packed_text]") {
  std::string record =
      R"({"type":"death","time":"2026-11-30T14:29:52.134364268Z","process":{"$":73},"parent":{"$":33},"exit":{"kind":)"
      R"("signal","signal":9,"signal_name":"SIGKILL","status":null,"core_dumped":false,"shell_code":137}})";
  CHECK(packed(record).size() * 2 < record.size());
}

TEST_CASE("packed text: what is damaged is empty", "[packed_text]") {
  auto whole = packed(std::string(5000, 'a') + "b");
  for (std::size_t length = 0; length < whole.size(); ++length) CHECK(unpacked(whole.substr(0, length)).empty());
  CHECK(unpacked("no such bytes").empty());
  CHECK(unpacked(packed(std::string(std::size_t{64} << 20, 'a'))).empty());  // longer than a record can be
}
