#pragma once
#define __NR_kill 62
#define __NR_rt_sigqueueinfo 129
#define __NR_tkill 200
#define __NR_tgkill 234
#define __NR_rt_tgsigqueueinfo 297
struct pt_regs { unsigned long ip; };
struct pt_regs *task_pt_regs(struct task_struct *task);
unsigned long instruction_pointer(struct pt_regs *regs);
int syscall_get_nr(struct task_struct *task, struct pt_regs *regs);
