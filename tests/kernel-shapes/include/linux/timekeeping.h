#pragma once
@if 4.4 4.9
ktime_t ktime_get_boottime(void);
@end
@if el7 4.4 4.9 4.14 el8 4.19 5.10 6.1 7.2
u64 ktime_get_mono_fast_ns(void);
@end
@if 4.14 el8 4.19 5.10 6.1 7.2
u64 ktime_get_boot_fast_ns(void);
@end
