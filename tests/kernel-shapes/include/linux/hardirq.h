#pragma once
unsigned long in_irq(void), in_nmi(void), in_serving_softirq(void), sk_in_interrupt(void);
@if el7 4.14 el8 4.19 5.10 6.1 7.2
#define in_task() (!sk_in_interrupt())
@end
