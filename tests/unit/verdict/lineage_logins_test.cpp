#include "catch.h"
#include "events.h"
#include "verdict/lineage.h"

using namespace stapkill;
using events::task;
using namespace std::string_view_literals;

namespace {

const auto kShell = task(100, 10, "sh");
const auto kChild = task(200, 20, "sh");

}  // namespace

TEST_CASE("lineage: who logged in is inherited, until an exec says another", "[lineage]") {
  LineageQuestions questions;
  questions.user_name = [](std::int64_t uid) { return std::optional("user " + std::to_string(uid)); };
  Lineage lineage(questions);
  Process shell;
  shell.pid = 100;
  shell.start = 10;
  shell.comm = "sh";
  shell.login = Login{1000, 3};
  shell.tty = "pts/0";
  lineage.seed(shell, 1);
  lineage.apply(events::at(1, events::fork(kShell, kChild)));
  auto child = lineage.find(kChild);
  CHECK(child->login == Login{1000, 3});
  CHECK(child->login_user == "user 1000");
  CHECK(child->tty == "pts/0");
  auto exec = events::exec(kChild, 100, "/bin/x", "x\0"sv);
  events::image_of(exec).login = Login{0, 4};
  events::image_of(exec).tty = "pts1";
  lineage.apply(events::at(2, exec));
  // A description that could read neither leaves what is known.
  lineage.apply(events::at(3, events::describe(kChild, 100, "/bin/x", "x\0"sv)));
  child = lineage.find(kChild);
  CHECK(child->login == Login{0, 4});
  CHECK(child->login_user == "user 0");
  CHECK(child->tty == "pts/1");
}
