#pragma once
@if 3.10 el7 3.13 4.4 4.9 4.14 el8 4.19
struct stack_trace { unsigned int nr_entries, max_entries; unsigned long *entries; int skip; };
void save_stack_trace(struct stack_trace *trace);
@end
@if el8 5.10 6.1 7.2
unsigned int stack_trace_save(unsigned long *store, unsigned int size, unsigned int skipnr);
@end
