#include "sys/in_time.h"

#include <atomic>
#include <future>
#include <thread>

namespace stapkill {
namespace {

std::atomic<bool> left_behind{false};

}  // namespace

bool run_in_time(std::function<void()> work, std::chrono::milliseconds limit) {
  std::packaged_task<void()> task(std::move(work));
  auto ended = task.get_future();
  std::thread worker(std::move(task));
  if (ended.wait_for(limit) != std::future_status::ready) {
    left_behind = true;
    worker.detach();
    return false;
  }
  // Wait until it is gone: nobody may fork while another thread holds a lock of the allocator.
  worker.join();
  ended.get();
  return true;
}

bool threads_left_behind() {
  return left_behind;
}

}  // namespace stapkill
