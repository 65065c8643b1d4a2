#include "cli/backend_choice.h"

#include "catch.h"
#include "cli/command.h"

using namespace stapkill;

namespace {

using Words = std::vector<std::string>;

Result<BackendWish> wish_of(const Words& words) {
  auto arguments = parse_arguments(kWatchCommand.options, words);
  REQUIRE(arguments.has_value());
  Progress progress(true);
  return backend_wish(*arguments, progress);
}

}  // namespace

TEST_CASE("backend choice: what auto takes", "[backend_choice]") {
  struct Row {
    const char *against_stap, *against_bpf;
    Backends backend;
    const char* summary;
  };
  const Row rows[] = {
      {"", "", kStap, "stap (its toolchain is ready here)"},
      {"", "no BTF (bpf: bpf.btf)", kStap, "stap (its toolchain is ready here)"},
      {"there is no stap on PATH (stap: stap.present)", "", kBpf,
       "bpf, because there is no stap on PATH (stap: stap.present)"},
      {"there is no stap on PATH (stap: stap.present)", "no BTF (bpf: bpf.btf)", kStap,
       "stap, although there is no stap on PATH (stap: stap.present); bpf is not ready either: no BTF (bpf: bpf.btf)"},
  };
  for (const auto& row : rows) {
    auto choice = choose_backend(row.against_stap, row.against_bpf);
    CHECK(choice.backend == row.backend);
    CHECK(choice.summary == row.summary);
  }
}

TEST_CASE("backend choice: what the command line wants", "[backend_choice]") {
  CHECK(wish_of({"--all"})->backend == kNone);
  CHECK(wish_of({"--backend", "auto"})->backend == kNone);
  CHECK(wish_of({"--backend", "stap"})->backend == kStap);
  CHECK(wish_of({"--backend", "bpf"})->backend == kBpf);
  auto plain = wish_of({"--all"});
  CHECK(plain->stap.buffer_bytes == 0);
  CHECK(plain->bpf.buffer_bytes == BpfOptions().buffer_bytes);
  CHECK_FALSE(plain->stap.tool_line);
  auto wish = wish_of({"--buffer-size", "2M", "--verbose", "--stap-arg=-v", "--keep"});
  CHECK(wish->stap.buffer_bytes == 2 << 20);
  CHECK(wish->bpf.buffer_bytes == 2 << 20);
  CHECK(wish->bpf.tool_line);
  CHECK(wish->stap.tool_line);
  CHECK(wish->stap.keep == Keep::work);
  CHECK(wish->stap.stap_arguments == Words{"-v"});
  CHECK_FALSE(wish->stap_only.empty());
}

TEST_CASE("backend choice: wrong usage", "[backend_choice]") {
  const std::pair<Words, const char*> rows[] = {
      {{"--backend", "BPF"}, "'BPF'"},
      {{"--backend", ""}, "''"},
      {{"--buffer-size", "1K"}, "'1K'"},
      {{"--backend", "bpf", "--stap-arg=-v"}, "--stap-arg"},
      {{"--backend", "bpf", "--retune"}, "--retune"},
      {{"--backend", "bpf", "--keep"}, "--keep"},
      {{"--backend", "bpf", "--prepare"}, "--prepare"},
      {{"--backend", "bpf", "--kernel", "6.1"}, "--kernel"},
  };
  for (const auto& [words, named] : rows) {
    INFO(words.back());
    auto wish = wish_of(words);
    REQUIRE_FALSE(wish.has_value());
    CHECK(wish.error().kind == ErrorKind::usage);
    CHECK(wish.error().message.english().find(named) != std::string::npos);
  }
}
