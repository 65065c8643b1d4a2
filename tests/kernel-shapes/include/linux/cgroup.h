#pragma once
struct task_struct;
@if 3.10 el7 3.13
struct cgroup { struct cgroup *parent; };
struct cgroup_subsys_state { struct cgroup *cgroup; };
#define SUBSYS(_x) _x ## _subsys_id,
enum cgroup_subsys_id {
#include <linux/cgroup_subsys.h>
	CGROUP_SUBSYS_COUNT
};
int cgroup_path(const struct cgroup *cgrp, char *buf, int buflen);
@end
@if 3.10 el7
struct cgroup_subsys_state *task_subsys_state(struct task_struct *task, int subsys_id);
@end
@if 4.4 4.9 4.14 el8 4.19 5.10 6.1 7.2
#include <linux/cgroup-defs.h>
struct css_set *task_css_set(struct task_struct *task);
@end
@if 3.13 4.4 4.9 4.14 el8 4.19 5.10 6.1 7.2
struct cgroup_subsys_state *task_css(struct task_struct *task, int subsys_id);
@end
@if 4.4
char * __must_check cgroup_path(struct cgroup *cgrp, char *buf, size_t buflen);
@end
@if 4.9 4.14 el8 4.19 5.10 6.1 7.2
int cgroup_path(struct cgroup *cgrp, char *buf, size_t buflen);
@end
