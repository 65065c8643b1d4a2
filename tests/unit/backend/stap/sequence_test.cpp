#include "backend/stap/sequence.h"

#include "catch.h"

using namespace stapkill;

TEST_CASE("sequence: without gaps nothing is missing", "[sequence]") {
  Sequence sequence;
  for (std::uint64_t number = 1; number <= 100; ++number) CHECK(sequence.arrived(0, number) == 0);
  CHECK(sequence.ended(0, 100) == 0);
}

TEST_CASE("sequence: a gap is counted once, by its size", "[sequence]") {
  Sequence sequence;
  CHECK(sequence.arrived(0, 1) == 0);
  CHECK(sequence.arrived(0, 5) == 3);
  CHECK(sequence.arrived(0, 6) == 0);
  CHECK(sequence.arrived(0, 8) == 1);
}

TEST_CASE("sequence: what is missing before the first record counts", "[sequence]") {
  Sequence sequence;
  CHECK(sequence.arrived(2, 4) == 3);
}

TEST_CASE("sequence: each CPU has its own", "[sequence]") {
  Sequence sequence;
  CHECK(sequence.arrived(0, 1) == 0);
  CHECK(sequence.arrived(1, 1) == 0);
  CHECK(sequence.arrived(1, 2) == 0);
  CHECK(sequence.arrived(0, 3) == 1);
  CHECK(sequence.arrived(1, 3) == 0);
}

TEST_CASE("sequence: a late or repeated record is no new gap", "[sequence]") {
  Sequence sequence;
  CHECK(sequence.arrived(0, 10) == 9);
  CHECK(sequence.arrived(0, 4) == 0);
  CHECK(sequence.arrived(0, 10) == 0);
  CHECK(sequence.arrived(0, 11) == 0);
}

TEST_CASE("sequence: what is missing at the end", "[sequence]") {
  Sequence sequence;
  CHECK(sequence.arrived(0, 1) == 0);
  CHECK(sequence.ended(0, 4) == 3);
  CHECK(sequence.ended(0, 4) == 0);
  CHECK(sequence.ended(7, 2) == 2);  // a CPU of which nothing ever arrived
}

TEST_CASE("sequence: the largest numbers do not wrap", "[sequence]") {
  Sequence sequence;
  CHECK(sequence.arrived(0, UINT64_MAX - 1) == UINT64_MAX - 2);
  CHECK(sequence.arrived(0, UINT64_MAX) == 0);
  CHECK(sequence.arrived(0, 3) == 0);
  CHECK(sequence.ended(0, UINT64_MAX) == 0);
}
