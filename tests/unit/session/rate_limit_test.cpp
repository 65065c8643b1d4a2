#include "session/rate_limit.h"

#include "catch.h"

using namespace stapkill;

namespace {

constexpr Time kSecond = 1'000'000'000;

int allowed(RateLimit& limit, const std::string& subject, int count, Time now) {
  int all = 0;
  for (int i = 0; i < count; ++i) all += limit.allows(subject, now);
  return all;
}

}  // namespace

TEST_CASE("token bucket: a burst, then one in each interval", "[rate_limit]") {
  TokenBucket bucket(2, kSecond);
  Time now = 100 * kSecond;
  CHECK(bucket.take(now));
  CHECK(bucket.take(now));
  CHECK_FALSE(bucket.take(now + kSecond - 1));
  CHECK(bucket.take(now + kSecond));
  CHECK_FALSE(bucket.take(now + kSecond));
  CHECK_FALSE(bucket.is_full(now + 2 * kSecond));
  CHECK(bucket.is_full(now + 3 * kSecond));
}

TEST_CASE("token bucket: a clock that is set back gives nothing, and does not block for ever", "[rate_limit]") {
  TokenBucket bucket(1, kSecond);
  CHECK(bucket.take(1000 * kSecond));
  CHECK_FALSE(bucket.take(5 * kSecond));
  CHECK(bucket.take(6 * kSecond));
}

TEST_CASE("rate limit: a loud subject does not silence another", "[rate_limit]") {
  RateLimit limit;
  CHECK(allowed(limit, "loud.service", 1000, kSecond) == 20);
  CHECK(allowed(limit, "calm.service", 5, kSecond) == 5);
  CHECK(allowed(limit, "loud.service", 1000, 31 * kSecond) == 3);
}

TEST_CASE("rate limit: many subjects together have a limit too", "[rate_limit]") {
  RateLimit limit;
  int all = 0;
  for (int i = 0; i < 10000; ++i) all += limit.allows("run-" + std::to_string(i) + ".service", kSecond);
  CHECK(all == 100);
  CHECK(allowed(limit, "later.service", 1, 300 * kSecond) == 1);
}
