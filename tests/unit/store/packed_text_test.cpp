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

TEST_CASE("packed text: what was packed with fewer words is read", "[packed_text]") {
  constexpr unsigned char bytes[] = {0xc3, 0x48, 0x1e, 0x48, 0xc1, 0x8f, 0x48, 0x9e, 0x79, 0x40, 0xe3, 0x2b, 0x34, 0x0c,
                                     0x81, 0x95, 0x0c, 0xf9, 0x75, 0x3a, 0x19, 0xb5, 0x65, 0x6c, 0x6d, 0x2d, 0x00};
  CHECK(
      unpacked(std::string(bytes, bytes + sizeof bytes)) ==
      R"({"type":"death","verdict":{"summary":"nginx(12) was asked to end by SIGTERM, and ended with exit status 0.",)"
      R"("evidence":["wait status 0x0f: killed by SIGTERM"]}})");
}
