#include "stream/stream_lines.h"

#include <algorithm>
#include <vector>

#include "catch.h"

using namespace stapkill;

namespace {

/// Gives a text in pieces of that size.
class Given : public Pieces {
 public:
  Given(std::string text, std::size_t size) : text_(std::move(text)), size_(size) {}
  std::string_view next() override {
    auto piece = std::string_view(text_).substr(at_, size_);
    at_ += piece.size();
    return piece;
  }

 private:
  std::string text_;
  std::size_t size_, at_ = 0;
};

std::vector<std::string> lines(const std::string& text, std::size_t size) {
  Given given(text, size);
  StreamLines lines(given);
  std::vector<std::string> all;
  while (auto line = lines.next()) {
    CHECK(line->number == all.size() + 1);
    all.push_back(std::string(line->text) + (line->whole ? "." : "") + (line->too_long ? "!" : ""));
  }
  return all;
}

}  // namespace

TEST_CASE("stream lines: however the pieces are cut", "[stream]") {
  for (std::size_t size : {1, 2, 3, 100}) {
    CHECK(lines("one\ntwo\r\n\nlast", size) == std::vector<std::string>{"one.", "two.", ".", "last"});
    CHECK(lines("one\n", size) == std::vector<std::string>{"one."});
    CHECK(lines("\xef\xbb\xbf{}\n\xef\xbb\xbf\n", size) == std::vector<std::string>{"{}.", "\xef\xbb\xbf."});
  }
  CHECK(lines("", 1).empty());
}

TEST_CASE("stream lines: a line that is too long is left out, the next is read", "[stream]") {
  std::string longest(StreamLines::kLongest, 'x');
  CHECK(lines(longest + "\nend\n", 65536) == std::vector<std::string>{longest + ".", "end."});
  CHECK(lines(longest + "y\nend\n", 65536) == std::vector<std::string>{".!", "end."});
  CHECK(lines(longest + "y", 65536) == std::vector<std::string>{"!"});
}
