/* Linux 5.10.221 (a stable kernel that took the change from 5.12) declares module_mutex but no longer exports it. modpost
 * then refuses every module with kernel probes of a SystemTap that locks it (linux/kprobes.c). The lock guards nothing
 * any more: since then kallsyms_on_each_symbol reads only the kernel's own symbols (5.10.262, kernel/kallsyms.c). Here
 * the module locks a mutex of its own. */
#ifndef STAPKILL_COMPAT_MODULE_MUTEX_H
#define STAPKILL_COMPAT_MODULE_MUTEX_H
#include <linux/module.h>
#include <linux/mutex.h>
static __maybe_unused DEFINE_MUTEX(sk_module_mutex);
#define module_mutex sk_module_mutex
#endif
