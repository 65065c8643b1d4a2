#pragma once
#include <linux/kernel.h>
struct qstr { const unsigned char *name; };
@if el7 3.13 4.4 4.9 4.14 el8 4.19 5.10 6.1 7.2
struct lockref { spinlock_t lock; int count; };
@end
struct dentry {
@if 3.10
	unsigned int d_count;
@end
@if el7 3.13 4.4 4.9 4.14 el8 4.19 5.10 6.1 7.2
	struct lockref d_lockref;
@end
	struct qstr d_name;
};
struct path { void *mnt; struct dentry *dentry; };
struct file { struct path f_path; };
char *d_path(const struct path *path, char *buf, int buflen);
int d_unlinked(const struct dentry *dentry);
