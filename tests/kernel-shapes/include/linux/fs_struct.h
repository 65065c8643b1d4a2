#pragma once
#include <linux/dcache.h>
@if 7.2
typedef struct { seqcount_t seqcount; spinlock_t lock; } seqlock_t;
@end
struct fs_struct {
	int users;
@if 3.10 el7 3.13 4.4 4.9 4.14 el8 4.19 5.10 6.1
	spinlock_t lock;
	seqcount_t seq;
@end
@if 7.2
	seqlock_t seq;
@end
	int umask;
	int in_exec;
	struct path root, pwd;
};
