#include "script/library.h"

#include <sys/stat.h>
#include <unistd.h>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;
namespace fs = std::filesystem;

namespace {

constexpr const char* kOne = "%! summary: mine\n%! needs: nothing\nprobe begin { exit() }\n";

std::string refusal(const fs::path& folder, const std::string& name = "mine") {
  auto source = find_template({folder}, name);
  REQUIRE_FALSE(source.has_value());
  return source.error().message;
}

bool says(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("library: a user's own comes before the embedded one", "[library]") {
  Temporary first, second;
  first.write("watch.stp", kOne);
  second.write("watch.stp", "%! summary: second\n");
  second.write("other.stp", kOne);
  auto source = find_template({first / "", second / ""}, "watch");
  REQUIRE(source.has_value());
  CHECK(source->summary == "mine");
  CHECK(fs::equivalent(source->file, first / "watch.stp"));
  CHECK(find_template({first / "", second / ""}, "other").has_value());
  auto embedded = find_template({first / ""}, "signal-send");
  REQUIRE(embedded.has_value());
  CHECK(embedded->file.empty());
}

TEST_CASE("library: the list has each name once, and what is broken", "[library]") {
  Temporary root;
  root.write("watch.stp", kOne);
  root.write("broken.stp", "%! summary: s\n%! wrong: x\n");
  root.write("a name with blanks.stp", kOne);
  root.write("README", "no template");
  auto list = list_templates({root / ""});
  CHECK(list.found.size() == templates().size() + 1);  // "a name with blanks"
  REQUIRE(list.broken.size() == 1);
  CHECK(says(list.broken[0].message, "broken.stp:2: "));
  CHECK(says(refusal(root / "", "broken"), "broken.stp:2: "));
}

TEST_CASE("library: an unknown name lists a user's own too", "[library]") {
  Temporary root;
  root.write("mine.stp", kOne);
  auto source = find_template({root / ""}, "nothing");
  REQUIRE_FALSE(source.has_value());
  CHECK(source.error().kind == ErrorKind::usage);
  CHECK(says(source.error().remedy, "mine"));
  CHECK(says(source.error().remedy, "watch"));
  for (const char* name : {"", "../mine", "mine.stp", "/etc/passwd", "-x", "MINE"})
    CHECK_FALSE(find_template({root / ""}, name).has_value());
}

TEST_CASE("library: an unknown name lists each name once, in order, and what is near", "[library]") {
  Temporary root;
  for (const char* name : {"watch", "zz-mine", "aa-mine"}) root.write(std::string(name) + ".stp", kOne);
  for (const char* name : {"wacht", "WATCH"}) {
    auto remedy = find_template({root / ""}, name).error().remedy;
    CHECK(remedy.english().starts_with("near: watch"));
    CHECK(says(remedy, "; the templates are aa-mine, "));
    CHECK(says(remedy, ", watch, zz-mine"));
  }
}

TEST_CASE("library: what is no directory is wrong usage", "[library]") {
  Temporary root;
  root.write("file", "");
  for (const auto& path : {fs::path(), root / "file", root / "none", root / "file/below"}) {
    INFO(path);
    CHECK(find_template({path}, "watch").error().kind == ErrorKind::usage);
    CHECK(list_templates({path}).broken.at(0).kind == ErrorKind::usage);
  }
}

TEST_CASE("library: what others can write is refused", "[library]") {
  Temporary root;
  root.write("d/mine.stp", kOne);
  REQUIRE(find_template({root / "d"}, "mine").has_value());
  for (auto mode : {0666, 0664}) {
    REQUIRE(::chmod((root / "d/mine.stp").c_str(), mode) == 0);
    CHECK(says(refusal(root / "d"), "others can write"));
  }
  REQUIRE(::chmod((root / "d/mine.stp").c_str(), 0644) == 0);
  for (auto mode : {0777, 0775, 01777}) {
    REQUIRE(::chmod((root / "d").c_str(), mode) == 0);
    CHECK(says(refusal(root / "d"), "others can write"));
    CHECK(list_templates({root / "d"}).broken.size() == 1);
  }
  REQUIRE(::chmod((root / "d").c_str(), 0755) == 0);
  REQUIRE(::chmod((root / "").c_str(), 0777) == 0);  // above it: somebody could put another there
  CHECK(says(refusal(root / "d"), "others can write"));
}

TEST_CASE("library: what belongs to others is refused", "[library]") {
  if (::geteuid() != 0) return;
  Temporary root;
  root.write("d/mine.stp", kOne);
  REQUIRE(::chown((root / "d/mine.stp").c_str(), 4242, 0) == 0);
  CHECK(says(refusal(root / "d"), "belongs to user 4242"));
  REQUIRE(::chown((root / "d/mine.stp").c_str(), 0, 0) == 0);
  REQUIRE(::chown((root / "d").c_str(), 4242, 0) == 0);
  CHECK(says(refusal(root / "d"), "belongs to user 4242"));
}

TEST_CASE("library: links, devices, directories and large files are refused", "[library]") {
  Temporary root;
  auto other = root.write("other/file.stp", kOne);
  fs::create_directory(root / "d");
  fs::create_symlink(other, root / "d/mine.stp");
  CHECK(says(refusal(root / "d"), "symbolic link"));
  fs::remove(root / "d/mine.stp");
  REQUIRE(::mkfifo((root / "d/mine.stp").c_str(), 0600) == 0);
  CHECK(says(refusal(root / "d"), "regular file"));
  fs::remove(root / "d/mine.stp");
  fs::create_directory(root / "d/mine.stp");
  CHECK(says(refusal(root / "d"), "regular file"));
  fs::remove(root / "d/mine.stp");
  root.write("d/mine.stp", std::string(kOne) + std::string(kLargestTemplate, '#'));
  CHECK(says(refusal(root / "d"), "256 KiB"));
}

TEST_CASE("library: bytes that are no text are refused, with their line", "[library]") {
  Temporary root;
  root.write("mine.stp", "%! summary: s\n# \xc3\n");
  CHECK(says(refusal(root / ""), "mine.stp:2: "));
  root.write("mine.stp", std::string("%! summary: s\n\0", 15));
  CHECK(says(refusal(root / ""), "mine.stp:2: "));
}

TEST_CASE("library: a directory that is not there is an error that names it", "[library]") {
  auto source = find_template({"/nonexistent/templates"}, "watch");
  REQUIRE_FALSE(source.has_value());
  CHECK(source.error().kind == ErrorKind::usage);
  CHECK(says(source.error().message, "/nonexistent/templates"));
}

TEST_CASE("library: where a user's own are looked for", "[library]") {
  Temporary root;
  fs::create_directories(root / "stapkill/templates");
  ::setenv("XDG_DATA_HOME", (root / "").c_str(), 1);
  CHECK(template_directories({"/a"}) == std::vector<fs::path>{"/a", root / "stapkill/templates"});
  ::setenv("XDG_DATA_HOME", "relative", 1);
  ::setenv("HOME", (root / "home").c_str(), 1);
  CHECK(template_directories({}).empty());
  fs::create_directories(root / "home/.local/share/stapkill/templates");
  CHECK(template_directories({}).size() == 1);
  ::unsetenv("XDG_DATA_HOME");
}
