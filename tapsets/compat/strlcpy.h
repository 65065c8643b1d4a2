/* Linux 6.8 removed strlcpy. SystemTap before 5.1 uses it in its runtime. It returns the length of the whole source. */
#ifndef STAPKILL_COMPAT_STRLCPY_H
#define STAPKILL_COMPAT_STRLCPY_H
#include <linux/string.h>

static inline size_t sk_strlcpy(char *to, const char *from, size_t size)
{
	size_t length = strlen(from);

	if (size) {
		size_t copied = length < size ? length : size - 1;

		memcpy(to, from, copied);
		to[copied] = 0;
	}
	return length;
}

#define strlcpy(to, from, size) sk_strlcpy((to), (from), (size))
#endif
