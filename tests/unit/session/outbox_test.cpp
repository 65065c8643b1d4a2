#include "session/outbox.h"

#include <boost/asio/io_context.hpp>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;

namespace {

/// Writes the kind of a record and its own name.
class Marker : public Renderer {
 public:
  explicit Marker(std::string mark) : mark_(std::move(mark)) {}
  void render(const Record& record, std::string& out) override { out += mark_ + std::to_string(record.index()) + '\n'; }
  void finish(std::string& out) override { out += mark_ + "end\n"; }

 private:
  std::string mark_;
};

struct Box {
  boost::asio::io_context loop;
  std::vector<std::unique_ptr<Sink>> sinks;

  void add(std::string mark, const std::string& path, bool machine) {
    auto sink = std::make_unique<Sink>();
    sink->renderer = std::make_unique<Marker>(std::move(mark));
    auto output = Output::file(loop, path);
    REQUIRE(output.has_value());
    sink->output = std::move(*output);
    sink->machine = machine;
    sinks.push_back(std::move(sink));
  }
};

const std::string kLoss = std::to_string(Record(LossRecord()).index()) + '\n';
const std::string kDiagnostic = std::to_string(Record(DiagnosticRecord()).index()) + '\n';

}  // namespace

TEST_CASE("outbox: every sink gets every record, people no diagnostics", "[outbox]") {
  Temporary root;
  Box box;
  box.add("a", root / "a", true);
  box.add("b", root / "b", false);
  Outbox outbox(std::move(box.sinks));
  outbox.write(LossRecord());
  outbox.write(DiagnosticRecord());
  outbox.write(LossRecord());
  outbox.flush();
  CHECK(read_file(root / "a") == "a" + kLoss + "a" + kDiagnostic + "a" + kLoss);
  CHECK(read_file(root / "b") == "b" + kLoss + "b" + kLoss);
  CHECK_FALSE(outbox.broken());
  CHECK_FALSE(outbox.backed_up());
  CHECK_FALSE(outbox.failure().has_value());
}

TEST_CASE("outbox: every text is closed", "[outbox]") {
  Temporary root;
  Box box;
  box.add("a", root / "a", true);
  box.add("b", root / "b", false);
  Outbox outbox(std::move(box.sinks));
  outbox.write(LossRecord());
  outbox.finish();
  outbox.flush();
  CHECK(read_file(root / "a") == "a" + kLoss + "aend\n");
  CHECK(read_file(root / "b") == "b" + kLoss + "bend\n");
}

TEST_CASE("outbox: one sink that fails is reported, and the others go on", "[outbox]") {
  Temporary root;
  Box box;
  box.add("a", "/dev/full", true);
  box.add("b", root / "b", true);
  Outbox outbox(std::move(box.sinks));
  int changes = 0;
  outbox.on_change([&] { ++changes; });
  outbox.write(LossRecord());
  outbox.flush();
  box.loop.poll();
  CHECK(changes == 1);
  CHECK(outbox.broken());
  REQUIRE(outbox.failure().has_value());
  CHECK(outbox.failure()->message.english().find("/dev/full") != std::string::npos);
  CHECK(outbox.failure()->id == "output");
  outbox.write(LossRecord());
  outbox.drain(0);
  CHECK(read_file(root / "b") == "b" + kLoss + "b" + kLoss);
}
