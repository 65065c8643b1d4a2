/* The least that a program can cost where signals are generated: one that does nothing, and two that put 64 bytes into
 * a ring buffer, each in another way. Measured by scripts/bench; not part of stapkill. */
/* The first has the types of the others. */
// clang-format off
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
// clang-format on

char LICENSE[] SEC("license") = "GPL";

struct record {
  __u64 word[8];
};

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 4096); /* set when loading */
} events SEC(".maps");

static __always_inline void fill(struct record* record, const __u64* arguments) {
  for (int at = 0; at < 8; at++) record->word[at] = at;
  record->word[0] = arguments[0];
}

SEC("?tp_btf/signal_generate")
int empty(__u64* arguments) {
  (void)arguments;
  return 0;
}

SEC("?tp_btf/signal_generate")
int output(__u64* arguments) {
  struct record record;

  fill(&record, arguments);
  bpf_ringbuf_output(&events, &record, sizeof(record), 0);
  return 0;
}

SEC("?tp_btf/signal_generate")
int reserve(__u64* arguments) {
  struct record* record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

  if (!record) return 0;
  fill(record, arguments);
  bpf_ringbuf_submit(record, 0);
  return 0;
}
