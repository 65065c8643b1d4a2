#pragma once
struct mem_cgroup;
@if 4.4 4.9 4.14 el8 4.19 5.10 6.1 7.2
#include <linux/page_counter.h>
struct mem_cgroup {
	struct cgroup_subsys_state css;
	struct page_counter memory;
};
@end
struct mem_cgroup *mem_cgroup_from_task(struct task_struct *p);
struct mem_cgroup *parent_mem_cgroup(struct mem_cgroup *memcg);
