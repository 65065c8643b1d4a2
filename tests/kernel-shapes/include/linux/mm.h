#pragma once
#include <linux/mm_types.h>
@if el8 5.10 6.1 7.2
#include <linux/mmap_lock.h>
@end
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long address);
