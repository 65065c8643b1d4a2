/* Who connects to the sockets of managers: docker stop to docker.sock, systemctl to systemd's. */
#pragma once

#include "backend/bpf/state.bpf.h"

/* By the last component of a socket's path: whether the name is enough, or a manager must listen there, too. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 64);
  __type(key, char[SK_SOCKET_NAME]);
  __type(value, __u8);
} sockets SEC(".maps");

/* By a manager's comm: whether all of its sockets count, or only those with a name in the map above. */
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 64);
  __type(key, char[SK_COMM]);
  __type(value, __u8);
} managers SEC(".maps");

/* The process that called listen(2), by its first thread; systemd for a socket that it hands on to a service. NULL
 * where it has ended. */
static __always_inline struct task_struct* first_thread(struct pid* pid) {
  struct hlist_node* first = BPF_CORE_READ(pid, tasks[0].first);

  return first ? (void*)first - bpf_core_field_offset(struct task_struct, pid_links) : NULL;
}

/* The path that a socket is bound to. The name that an abstract one has instead begins with a NUL. */
static __always_inline void read_socket(char* out, struct unix_sock* bound) {
  struct unix_address* address = BPF_CORE_READ(bound, addr);

  bpf_probe_read_kernel_str(out, SK_SOCKET, address->name[0].sun_path);
  if (out[0]) return;
  bpf_probe_read_kernel_str(out + 1, SK_SOCKET - 1, address->name[0].sun_path + 1);
  if (out[1]) out[0] = '@';
}

/* Whether a manager, or a bus before one, takes requests there. */
static __always_inline int takes_requests(struct connect_room* room, struct unix_sock* bound) {
  __u8* by_manager = bpf_map_lookup_elem(&managers, room->comm);
  __u8* by_name;

  if (by_manager && *by_manager) return 1;
  bpf_probe_read_kernel_str(room->name, sizeof(room->name), BPF_CORE_READ(bound, path.dentry, d_name.name));
  by_name = bpf_map_lookup_elem(&sockets, room->name);
  return by_name && (*by_name || by_manager);
}

/* The current task connects to a listener; `bound` has the listener's path and file. */
static __always_inline int connected(struct unix_sock* bound, struct pid* listener_pid) {
  struct task_struct* listener = first_thread(listener_pid);
  __u32 place = WORK_CONNECT;
  union work* room = bpf_map_lookup_elem(&work, &place);
  struct sk_connect* connect;

  if (!room) return 0;
  connect = &room->connect.connect;
  __builtin_memset(&room->connect, 0, sizeof(room->connect));
  if (listener) bpf_core_read_str(room->connect.comm, sizeof(room->connect.comm), &listener->comm);
  read_socket(connect->socket, bound);
  if (!takes_requests(&room->connect, bound)) return 0;
  if (listener) {
    connect->listener.pid = BPF_CORE_READ(listener, tgid);
    connect->listener.start = start_of(0, listener);
  }
  read_header(&connect->header, SK_CONNECT);
  read_task(0, &connect->task, current_task(0));
  emit(connect, sizeof(*connect), SK_CONNECT, 0);
  return 0;
}

#define CALL_CONNECT 42 /* arch/x86/entry/syscalls/syscall_64.tbl */

/* The current task's connect(2) succeeded. The other end of the connection has the listener's path and file (`newu` in
 * unix_stream_connect), this end its pid (copy_peercred). */
static __always_inline void connect_returned(__u32 descriptor) {
  struct fdtable* table = BPF_CORE_READ(current_task(0), files, fdt);
  struct file** place = BPF_CORE_READ(table, fd);
  struct file* file = NULL;
  struct socket* socket;
  struct sock* client;

  if (descriptor >= BPF_CORE_READ(table, max_fds)) return;
  bpf_probe_read_kernel(&file, sizeof(file), place + descriptor);
  socket = BPF_CORE_READ(file, private_data);
  client = BPF_CORE_READ(socket, sk);
  if (BPF_CORE_READ(client, __sk_common.skc_family) != AF_UNIX) return;
  connected((void*)BPF_CORE_READ((struct unix_sock*)client, peer), BPF_CORE_READ(client, sk_peer_pid));
}
