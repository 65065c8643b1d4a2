#pragma once
#define RLIMIT_CPU 0
#define RLIMIT_FSIZE 1
#define RLIMIT_CORE 4
#define RLIM_NLIMITS 16
struct rlimit { unsigned long rlim_cur, rlim_max; };
