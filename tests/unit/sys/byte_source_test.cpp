#include "sys/byte_source.h"

#include <unistd.h>
#include <zlib.h>

#include <fstream>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;

namespace {

std::string gzipped(const std::string& text, int level = 6) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(text.size() + 4096, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

struct Read {
  std::string text, fault;
  bool cut = false;
};

Read read(const std::string& bytes, bool look = false) {
  Temporary temporary;
  auto path = temporary.path() / "file";
  std::ofstream(path, std::ios::binary) << bytes;
  auto source = ByteSource::open(path.string());
  REQUIRE(source.has_value());
  Read read;
  if (look) CHECK_FALSE((*source)->head().empty());
  for (auto piece = (*source)->next(); !piece.empty(); piece = (*source)->next()) read.text += piece;
  read.fault = (*source)->fault();
  read.cut = (*source)->is_cut();
  return read;
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 40000; ++i) text += "line " + std::to_string(i * 7919) + "\n";
  return text;
}

}  // namespace

TEST_CASE("byte source: a file as it is, also when its head was looked at", "[source]") {
  auto text = long_text();
  for (bool look : {false, true}) {
    CHECK(read(text, look).text == text);
    CHECK(read(gzipped(text), look).text == text);
    CHECK(read("x", look).text == "x");
  }
  CHECK(read("").text.empty());
  CHECK(read("").fault.empty());
}

TEST_CASE("byte source: several gzip files in one, and padding behind them", "[source]") {
  auto text = long_text();
  CHECK(read(gzipped(text) + gzipped("end")).text == text + "end");
  auto padded = read(gzipped("one") + std::string(512, '\0'));
  CHECK(padded.text == "one");
  CHECK(padded.fault.empty());
}

TEST_CASE("byte source: gzip that is cut off gives all that is there", "[source]") {
  auto text = long_text();
  auto packed = gzipped(text, 0);
  for (std::size_t keep :
       {packed.size() - 1, packed.size() - 100, packed.size() / 2, std::size_t{20}, std::size_t{3}}) {
    auto got = read(packed.substr(0, keep));
    INFO(keep);
    CHECK(got.cut);
    CHECK_FALSE(got.fault.empty());
    CHECK(text.starts_with(got.text));
    CHECK(got.text.size() + 100 >= std::min(keep, text.size()));
  }
}

TEST_CASE("byte source: damaged gzip is no cut", "[source]") {
  auto packed = gzipped(long_text());
  packed[packed.size() / 2] = static_cast<char>(~packed[packed.size() / 2]);
  auto got = read(packed);
  CHECK_FALSE(got.cut);
  CHECK(got.fault.find("damaged") != std::string::npos);
  CHECK(long_text().starts_with(got.text.substr(0, 100)));
}

TEST_CASE("byte source: a file that is not there, and one that cannot be read", "[source]") {
  auto missing = ByteSource::open("/no/such/file");
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().message.english().find("/no/such/file") != std::string::npos);
  auto folder = ByteSource::open("/");
  REQUIRE(folder.has_value());
  CHECK((*folder)->next().empty());
  CHECK_FALSE((*folder)->fault().empty());
  CHECK_FALSE((*folder)->is_cut());
}

TEST_CASE("byte source: nobody who waits for a pipe is kept waiting", "[source]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  REQUIRE(::write(ends[1], "one two", 7) == 7);
  auto source = ByteSource::open("/dev/fd/" + std::to_string(ends[0]));
  REQUIRE(source.has_value());
  int asked = 0;
  (*source)->on_wait([&] { return ++asked < 3; });
  CHECK((*source)->next() == "one two");
  CHECK(asked == 0);
  CHECK((*source)->next().empty());
  CHECK(asked == 3);
  ::close(ends[0]);
  ::close(ends[1]);
}
