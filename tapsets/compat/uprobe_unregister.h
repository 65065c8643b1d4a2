/* Linux 6.12 changed the registration of user-space probes: uprobe_register takes one more argument
 * and returns a handle; uprobe_unregister_nosync takes the handle, in place of uprobe_unregister. SystemTap before 5.2
 * calls both in the old way (linux/uprobes-inode.c), and loads no module at all when it does not find the old name. Here
 * the old calls reach the new functions, which the kernel exports; the handle is kept by consumer. */
#ifndef STAPKILL_COMPAT_UPROBE_UNREGISTER_H
#define STAPKILL_COMPAT_UPROBE_UNREGISTER_H
#define STAPCONF_UPROBE_REGISTER_EXPORTED 1
#define STAPCONF_UPROBE_UNREGISTER_EXPORTED 1
#ifdef CONFIG_UPROBES
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uprobes.h>

/* SystemTap 5.1 has an `else ;` that is an error with this kernel's flags (5.1, linux/uprobes-inode.c:795). */
#pragma GCC diagnostic ignored "-Wempty-body"

struct sk_uprobe {
	struct list_head others;
	struct uprobe_consumer *consumer;
	struct uprobe *uprobe;
};

/* Each object of the module has its own list; the object that registers also unregisters. */
static __maybe_unused LIST_HEAD(sk_uprobes);
static __maybe_unused DEFINE_MUTEX(sk_uprobes_lock);

static inline int sk_uprobe_register(struct inode *inode, loff_t offset, struct uprobe_consumer *consumer)
{
	struct sk_uprobe *made = kmalloc(sizeof(*made), GFP_KERNEL);

	if (!made)
		return -ENOMEM;
	made->consumer = consumer;
	made->uprobe = uprobe_register(inode, offset, 0, consumer);
	if (IS_ERR(made->uprobe)) {
		int error = PTR_ERR(made->uprobe);

		kfree(made);
		return error;
	}
	mutex_lock(&sk_uprobes_lock);
	list_add(&made->others, &sk_uprobes);
	mutex_unlock(&sk_uprobes_lock);
	return 0;
}

static inline void sk_uprobe_unregister(struct uprobe_consumer *consumer)
{
	struct sk_uprobe *each, *found = NULL;

	mutex_lock(&sk_uprobes_lock);
	list_for_each_entry(each, &sk_uprobes, others) {
		if (each->consumer == consumer) {
			found = each;
			list_del(&found->others);
			break;
		}
	}
	mutex_unlock(&sk_uprobes_lock);
	if (!found)
		return;
	uprobe_unregister_nosync(found->uprobe, consumer);
	uprobe_unregister_sync(); /* the consumer's memory is the module's, which may go now */
	kfree(found);
}

#define uprobe_register(inode, offset, consumer) sk_uprobe_register((inode), (offset), (consumer))
#define uprobe_unregister(inode, offset, consumer) sk_uprobe_unregister(consumer)
#endif
#endif
