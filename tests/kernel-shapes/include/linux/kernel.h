#pragma once

typedef unsigned char u8;
typedef unsigned int u32, uid_t;
typedef unsigned long long u64;
typedef long long s64;
typedef unsigned long size_t;
typedef int pid_t;
typedef _Bool bool;
typedef struct { int counter; } atomic_t;
typedef struct { long counter; } atomic64_t;
typedef struct { int raw; } spinlock_t;
typedef struct { unsigned sequence; } seqcount_t;
typedef struct { unsigned val; } kuid_t;

#define true 1
#define false 0
#define NULL ((void *)0)
#define ULONG_MAX (~0UL)
#define ENOENT 2
#define HZ 250
#define USER_HZ 100
#define NSEC_PER_SEC 1000000000L
#define PAGE_SHIFT 12
#define BITS_TO_LONGS(n) (((n) + 63) / 64)
#define PID_MAX_LIMIT (4 * 1024 * 1024)
#define TASK_COMM_LEN 16
#define MAXSTRINGLEN 512
#define CONFIG_X86 1
#define CONFIG_CGROUPS 1
#define CONFIG_MEMCG 1
#define CONFIG_COMPAT 1
#define CONFIG_SECCOMP 1
#define CONFIG_FRAME_POINTER 1
#define __user
#define __rcu
#define __maybe_unused __attribute__((unused))
#define __must_check __attribute__((warn_unused_result))
#define noinline __attribute__((noinline))
#define min_t(type, a, b) ((type)(a) < (type)(b) ? (type)(a) : (type)(b))
@if 3.10 el7 3.13 4.4 4.9 4.14
#define ACCESS_ONCE(x) (*(volatile typeof(x) *)&(x))
@end
@if el7 4.4 4.9 4.14 el8 4.19 5.10 6.1 7.2
#define READ_ONCE(x) (*(volatile typeof(x) *)&(x))
@end

int snprintf(char *buf, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
int scnprintf(char *buf, size_t size, const char *format, ...);
int __must_check kstrtol(const char *s, unsigned int base, long *result);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t count);
size_t strcspn(const char *s, const char *reject);
int strcmp(const char *a, const char *b);
void *memcpy(void *to, const void *from, size_t count);

int atomic_read(const atomic_t *v);
int atomic_xchg(atomic_t *v, int value);
int atomic_cmpxchg(atomic_t *v, int old, int value);
long atomic64_read(const atomic64_t *v);
long atomic64_inc_return(atomic64_t *v);
void set_bit(long nr, volatile unsigned long *addr);
void clear_bit(long nr, volatile unsigned long *addr);
int test_bit(long nr, const volatile unsigned long *addr);
int spin_trylock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
void cpu_relax(void);
int raw_smp_processor_id(void);
void *ERR_PTR(long error);
bool IS_ERR(const void *pointer);

struct module { char name[56]; };
extern struct module __this_module;
#define THIS_MODULE (&__this_module)

/* SystemTap's runtime. */
void _stp_print(char *text);
void _stp_print_flush(void);
unsigned long _stp_copy_from_user(char *to, const char __user *from, unsigned long count);
