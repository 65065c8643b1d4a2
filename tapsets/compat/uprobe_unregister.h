/* Linux 6.12 split uprobe_unregister into uprobe_unregister_nosync and uprobe_unregister_sync. SystemTap before 5.2 looks
 * the old name up whenever it loads a module, and gives up without it. Saying that the kernel exports it skips that
 * look-up; a script that has no process probes never calls it. */
#ifndef STAPKILL_COMPAT_UPROBE_UNREGISTER_H
#define STAPKILL_COMPAT_UPROBE_UNREGISTER_H
#define STAPCONF_UPROBE_UNREGISTER_EXPORTED 1
#endif
