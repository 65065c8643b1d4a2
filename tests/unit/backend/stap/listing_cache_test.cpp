#include "backend/stap/listing_cache.h"

#include <fstream>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;
namespace fs = std::filesystem;

namespace {

void make(const ListingCache& cache, const std::string& name, const std::string& text = "") {
  auto file = cache.systemtap_directory() / "cache" / name;
  fs::create_directories(file.parent_path());
  fs::remove(file);
  std::ofstream(file) << text;
}

bool has(const ListingCache& cache, const std::string& name) {
  return fs::exists(cache.systemtap_directory() / "cache" / name);
}

}  // namespace

TEST_CASE("what a run makes is there for the next when it is kept, and only then") {
  Temporary parent;
  {
    auto cache = ListingCache::make(parent.path());
    REQUIRE(cache);
    make(*cache, "a/kept");
    cache->keep();
  }
  {
    auto cache = ListingCache::make(parent.path());
    make(*cache, "a/half");
    CHECK(has(*cache, "a/kept"));
  }
  auto cache = ListingCache::make(parent.path());
  CHECK(has(*cache, "a/kept"));
  CHECK_FALSE(has(*cache, "a/half"));
}

TEST_CASE("what stap removes is gone, what it makes again is new") {
  Temporary parent;
  for (const char* text : {"old", "new"}) {
    auto cache = ListingCache::make(parent.path());
    make(*cache, "kept", text);
    make(*cache, "cleaned");
    cache->keep();
  }
  {
    auto cache = ListingCache::make(parent.path());
    fs::remove(cache->systemtap_directory() / "cache/cleaned");
    cache->keep();
  }
  CHECK(read_file(parent / "listings/cache/kept") == "new");
  CHECK_FALSE(fs::exists(parent / "listings/cache/cleaned"));
}

TEST_CASE("runs at the same time do not disturb each other, and leftovers are removed") {
  Temporary parent;
  auto left = parent.write("listing.aaaaaa/stap/cache/x", "");
  auto first = ListingCache::make(parent.path()), second = ListingCache::make(parent.path());
  CHECK_FALSE(fs::exists(left));
  REQUIRE(fs::exists(first->path()));
  make(*first, "first");
  make(*second, "second");
  second->keep();
  first->keep();
  auto third = ListingCache::make(parent.path());
  CHECK((has(*third, "first") && has(*third, "second")));
}
