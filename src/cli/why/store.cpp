#include "cli/why/store.h"

#include <cstring>

#include "cli/times.h"
#include "host/tree.h"
#include "sys/exclusive.h"
#include "sys/file.h"

namespace stapkill {
namespace {

namespace fs = std::filesystem;

constexpr Time kFresh = Time{10} * 1'000'000'000;  // a recorder commits every second, if anything happens

}  // namespace

Result<WhyStore> why_store(const Arguments& arguments) {
  auto place = arguments.one("store").value_or("/var/lib/stapkill");
  auto root = arguments.one("root");
  if (!root) return WhyStore{place, HistoryReader::Origin::this_host};
  std::error_code error;
  auto below = fs::canonical(*root, error);
  if (error)
    return fail(phrase("cannot read the host in {}: {}", *root, error.message()),
                phrase("name its directory with --root"));
  std::string resolved;
  if (int failed = Tree(below.string()).resolve(place, resolved)) {
    return fail(phrase("there is no history in {} of the host in {}: {}", place, *root, std::strerror(failed)),
                phrase("name the recorder's directory on that host with --store"), "store.none", ErrorKind::not_found);
  }
  return WhyStore{below.string() + resolved, HistoryReader::Origin::captured};
}

Phrase unwatched_text(const WhyStore& store, HistoryReader& history, Time now) {
  if (store.origin == HistoryReader::Origin::captured ||
      is_held(store.directory / "lock", read_file("/proc/locks").value_or("")))
    return {};
  auto covered = history.covered();
  if (!covered || now - covered->second < kFresh) return {};
  return phrase("no recorder has watched since {}", date_and_time(covered->second));
}

}  // namespace stapkill
