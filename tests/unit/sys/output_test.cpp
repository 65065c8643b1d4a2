#include "sys/output.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <thread>

#include "catch.h"
#include "temporary.h"

using namespace stapkill;
using namespace std::chrono_literals;

namespace {

/// An Output that writes to a pipe of which the test has the other end.
struct Pipe {
  Temporary root;
  boost::asio::io_context loop;
  int reader = -1;
  std::unique_ptr<Output> output;

  Pipe() {
    ::signal(SIGPIPE, SIG_IGN);  // as main does
    auto path = root / "pipe";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(reader >= 0);
    auto opened = Output::file(loop, path);
    REQUIRE(opened.has_value());
    output = std::move(*opened);
  }
  ~Pipe() { close_reader(); }

  void close_reader() {
    if (reader >= 0) ::close(reader);
    reader = -1;
  }
  /// What is in the pipe now.
  std::string read() const {
    std::string text;
    char buffer[65536];
    for (ssize_t got; (got = ::read(reader, buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<std::size_t>(got));
    return text;
  }
  template <typename Condition>
  bool run_until(Condition condition) {
    auto end = std::chrono::steady_clock::now() + 60s;
    while (!condition() && std::chrono::steady_clock::now() < end) {
      loop.restart();
      loop.run_one_for(10ms);
    }
    return condition();
  }
};

std::string numbered(std::size_t size) {
  std::string text;
  for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + '\n';
  return text;
}

}  // namespace

TEST_CASE("output: a file", "[output]") {
  Temporary root;
  boost::asio::io_context loop;
  auto path = root.write("x", "what was there before");
  auto output = Output::file(loop, path);
  REQUIRE(output.has_value());
  CHECK((*output)->name() == path.string());
  CHECK(read_file(path) == "");
  (*output)->write("a");
  (*output)->write(std::string_view("\0b\n", 3));
  (*output)->flush();
  CHECK(read_file(path) == std::string("a\0b\n", 4));
  CHECK((*output)->error() == 0);
  CHECK_FALSE((*output)->backed_up());
  auto large = numbered(9 << 20);
  (*output)->write(large);
  (*output)->flush();
  CHECK(read_file(path) == std::string("a\0b\n", 4) + large);
  CHECK_FALSE((*output)->backed_up());
}

TEST_CASE("output: what cannot be written to is an error that names it", "[output]") {
  Temporary root;
  boost::asio::io_context loop;
  auto socket_path = root / "s";
  int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path.c_str());
  REQUIRE(::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  for (const auto& path : {root.path().string(), (root / "missing/x").string(), socket_path.string(), std::string()}) {
    INFO(path);
    auto output = Output::file(loop, path);
    REQUIRE_FALSE(output.has_value());
    CHECK(output.error().message.english().find(path) != std::string::npos);
    CHECK(output.error().id == "output");
  }
  ::close(socket);
}

TEST_CASE("output: a full disk is reported", "[output]") {
  boost::asio::io_context loop;
  auto output = Output::file(loop, "/dev/full");
  REQUIRE(output.has_value());
  int changes = 0;
  (*output)->on_change([&] { ++changes; });
  (*output)->write("x");
  CHECK((*output)->error() == 0);  // it is not written yet
  (*output)->flush();
  CHECK((*output)->error() == ENOSPC);
  loop.poll();
  CHECK(changes == 1);
  (*output)->write("y");
  (*output)->flush();
  CHECK((*output)->error() == ENOSPC);
  CHECK_FALSE((*output)->backed_up());
  (*output)->drain(60000);  // nothing to wait for
}

TEST_CASE("output: a pipe", "[output]") {
  Pipe pipe;
  pipe.output->write("line\n");
  pipe.output->flush();
  CHECK(pipe.read() == "line\n");
  pipe.output->write("two\n");
  pipe.output->drain(0);
  CHECK(pipe.read() == "two\n");
  CHECK(pipe.output->error() == 0);
}

TEST_CASE("output: a reader that has gone is EPIPE", "[output]") {
  Pipe pipe;
  int changes = 0;
  pipe.output->on_change([&] { ++changes; });
  pipe.close_reader();
  pipe.output->write("x\n");
  pipe.output->flush();
  CHECK(pipe.output->error() == EPIPE);
  pipe.loop.poll();
  CHECK(changes == 1);
  pipe.output->write(std::string(10 << 20, 'x'));
  CHECK_FALSE(pipe.output->backed_up());
}

TEST_CASE("output: a slow reader never blocks, and gets every byte", "[output]") {
  Pipe pipe;
  int changes = 0;
  pipe.output->on_change([&] { ++changes; });
  auto text = numbered(6 << 20);
  for (std::size_t at = 0; at < text.size(); at += 1000) pipe.output->write(std::string_view(text).substr(at, 1000));
  pipe.output->flush();
  CHECK(pipe.output->error() == 0);
  CHECK(pipe.output->backed_up());  // 64 KiB are in the pipe, the rest waits
  pipe.output->drain(1);            // does not wait for longer
  std::string got;
  CHECK(pipe.run_until([&] {
    got += pipe.read();
    return got.size() >= text.size();
  }));
  CHECK(got == text);
  CHECK_FALSE(pipe.output->backed_up());
  CHECK(changes > 0);
  CHECK(pipe.output->error() == 0);
}

TEST_CASE("output: more comes while a slow reader lags", "[output]") {
  Pipe pipe;
  auto text = numbered(2 << 20);
  std::string got;
  for (std::size_t at = 0; at < text.size(); at += 10000) {
    pipe.output->write(std::string_view(text).substr(at, 10000));
    if (at % 30000 == 0) pipe.output->flush();
    char buffer[5000];
    ssize_t some = ::read(pipe.reader, buffer, sizeof buffer);
    if (some > 0) got.append(buffer, static_cast<std::size_t>(some));
    pipe.loop.restart();
    pipe.loop.poll();
  }
  pipe.output->flush();
  CHECK(pipe.run_until([&] {
    got += pipe.read();
    return got.size() >= text.size();
  }));
  CHECK(got == text);
}

TEST_CASE("output: a reader that goes while text waits is EPIPE", "[output]") {
  Pipe pipe;
  int changes = 0;
  pipe.output->on_change([&] { ++changes; });
  pipe.output->write(std::string(1 << 20, 'x'));
  pipe.output->flush();
  CHECK(pipe.output->error() == 0);
  pipe.close_reader();
  CHECK(pipe.run_until([&] { return pipe.output->error() != 0 && changes > 0; }));
  CHECK(pipe.output->error() == EPIPE);
}

TEST_CASE("output: drain writes what a reader takes", "[output]") {
  Pipe pipe;
  pipe.output->write(std::string(100000, 'x'));
  pipe.output->flush();
  auto first = pipe.read();
  CHECK(first.size() < 100000);
  pipe.output->drain(60000);
  CHECK(first.size() + pipe.read().size() == 100000);
}

TEST_CASE("output: drain gives a reader up that reads nothing, not one that takes its time", "[output]") {
  Pipe pipe;
  auto text = numbered(1 << 20);
  pipe.output->write(text);
  CHECK_FALSE(pipe.output->drain(50));
  std::string got;
  std::thread slow([&] {  // takes longer in all than drain waits for one piece
    while (got.size() < text.size()) {
      std::this_thread::sleep_for(80ms);
      got += pipe.read();
    }
  });
  CHECK(pipe.output->drain(1000));
  slow.join();
  CHECK(got == text);
}

TEST_CASE("output: destroyed while text waits", "[output]") {
  Pipe pipe;
  bool called = false;
  pipe.output->on_change([&] { called = true; });
  pipe.output->write(std::string(1 << 20, 'x'));
  pipe.output->flush();
  pipe.output.reset();
  pipe.read();
  pipe.loop.run_for(10ms);
  CHECK_FALSE(called);
}

TEST_CASE("output: destroyed with an error that was not reported yet", "[output]") {
  Pipe pipe;
  bool called = false;
  pipe.output->on_change([&] { called = true; });
  pipe.close_reader();
  pipe.output->write("x");
  pipe.output->flush();
  pipe.output.reset();
  pipe.loop.poll();
  CHECK_FALSE(called);
}
