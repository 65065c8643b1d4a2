/* A program that the kernel's verifier refuses: it reads where its context has nothing. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("raw_tp/sys_enter")
int reads_beyond(struct bpf_raw_tracepoint_args* ctx) {
  return *(volatile int*)((char*)ctx + 4096);
}
