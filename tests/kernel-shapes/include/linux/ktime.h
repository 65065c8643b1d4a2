#pragma once
#include <linux/kernel.h>
@if 3.10 el7 3.13 4.4 4.9
typedef union { s64 tv64; } ktime_t;
@end
@if 4.14 el8 4.19 5.10 6.1 7.2
typedef s64 ktime_t;
@end
s64 ktime_to_ns(const ktime_t time);
@if 3.10 el7 3.13
struct timespec { long tv_sec, tv_nsec; };
s64 timespec_to_ns(const struct timespec *time);
ktime_t ktime_get_boottime(void);
@end
@if el7 4.4 4.9 4.14 el8 4.19 5.10 6.1 7.2
#include <linux/timekeeping.h>
@end
