/* Linux 6.10, and stable kernels that took the change, renamed task_work_cancel(task, func) to task_work_cancel_func and
 * gave the old name to another function. SystemTap before 5.2 looks up the old name and calls it with the old arguments.
 * Here its call reaches the renamed function, which is looked up as the runtime looks up unexported functions. */
#ifndef STAPKILL_COMPAT_TASK_WORK_CANCEL_H
#define STAPKILL_COMPAT_TASK_WORK_CANCEL_H
#include <linux/task_work.h>
#define STAPCONF_TASK_WORK_CANCEL_EXPORTED 1
#define task_work_cancel(task, func) ({ \
	typeof(&task_work_cancel_func) sk_cancel = (void *)kallsyms_lookup_name("task_work_cancel_func"); \
	sk_cancel ? (void *)sk_cancel((task), (func)) : NULL; })
#endif
