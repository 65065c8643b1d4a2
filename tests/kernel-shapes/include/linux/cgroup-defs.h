@if 4.4 4.9 4.14 el8 4.19 5.10 6.1 7.2
#pragma once
struct kernfs_node { const char *name; };
struct cgroup;
struct cgroup_subsys_state { struct cgroup *cgroup; };
struct css_set {
	struct cgroup *dfl_cgrp;
};
struct cgroup {
@if 4.9 4.14 el8 4.19 5.10 6.1 7.2
	int level;
@end
	struct kernfs_node *kn;
};
#define SUBSYS(_x) _x ## _cgrp_id,
enum cgroup_subsys_id {
#include <linux/cgroup_subsys.h>
	CGROUP_SUBSYS_COUNT
};
@end
