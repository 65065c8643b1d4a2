/* Kernels from 6.10 define COUNT_ARGS and CONCATENATE in linux/args.h. SystemTap before 5.2 defines them again, with
 * fewer arguments, in its query for a tracepoint's arguments, which -Werror stops. Here they are defined token for token
 * as in stap: C allows an identical redefinition. */
#ifndef STAPKILL_COMPAT_COUNT_ARGS_H
#define STAPKILL_COMPAT_COUNT_ARGS_H
#include <linux/args.h>
#undef __COUNT_ARGS
#undef COUNT_ARGS
#undef __CONCAT
#undef CONCATENATE
#define __COUNT_ARGS(_0, _1, _2, _3, _4, _5, _6, _7, _8, _9, _10, _11, _12, _n, X...) _n
#define COUNT_ARGS(X...) __COUNT_ARGS(, ##X, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define __CONCAT(a, b) a ## b
#define CONCATENATE(a, b) __CONCAT(a, b)
#endif
