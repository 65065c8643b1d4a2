// floor PROGRAM: one of the programs in floor.bpf.c, from the line "attached" until the input ends. What it writes is
// taken as often as stapkill takes its records.
#include <bpf/libbpf.h>
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include "floor.skel.h"

int main(int count, char** words) {
  constexpr unsigned kRing = 4 << 20;
  constexpr int kGatherUs = 4000;
  std::unique_ptr<floor_bpf, void (*)(floor_bpf*)> floor(floor_bpf__open(), floor_bpf__destroy);
  bpf_program* program = floor && count == 2 ? bpf_object__find_program_by_name(floor->obj, words[1]) : nullptr;
  if (!program) return 2;
  bpf_program__set_autoload(program, true);
  bpf_map__set_max_entries(floor->maps.events, kRing);
  if (floor_bpf__load(floor.get()) != 0 || floor_bpf__attach(floor.get()) != 0) return 1;
  auto leave = [](void*, void*, std::size_t) { return 0; };
  std::unique_ptr<ring_buffer, void (*)(ring_buffer*)> ring(
      ring_buffer__new(bpf_map__fd(floor->maps.events), leave, nullptr, nullptr), ring_buffer__free);
  if (!ring) return 1;
  std::puts("attached");
  std::fflush(stdout);
  pollfd ready[] = {{STDIN_FILENO, POLLIN, 0}, {ring_buffer__epoll_fd(ring.get()), POLLIN, 0}};
  while (::poll(ready, 2, -1) > 0 && ready[0].revents == 0) {
    ::usleep(kGatherUs);
    ring_buffer__consume(ring.get());
  }
  return 0;
}
