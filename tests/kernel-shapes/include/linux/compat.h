#pragma once
@if 3.10 el7 3.13 4.4
bool is_compat_task(void);
@end
@if el7 4.9 4.14 el8 4.19 5.10 6.1 7.2
bool in_compat_syscall(void);
@end
