#pragma once
#include <linux/dcache.h>
struct rw_semaphore { long count; };
struct vm_area_struct { unsigned long vm_start, vm_pgoff; struct file *vm_file; };
struct mm_struct {
@if 3.10 el7 3.13 4.4 4.9 4.14 el8 4.19
	struct rw_semaphore mmap_sem;
@end
@if 5.10 6.1 7.2
	struct rw_semaphore mmap_lock;
@end
	unsigned long arg_start, arg_end;
@if 3.10 3.13
	struct file *exe_file;
@end
@if el7 4.4 4.9 4.14 el8 4.19 5.10 6.1 7.2
	struct file __rcu *exe_file;
@end
};
@if 3.10 el7 3.13 4.4 4.9 4.14 4.19
int down_read_trylock(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
@end
