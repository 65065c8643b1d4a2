@if el7 4.4 4.9 4.14 el8 4.19 5.10 6.1 7.2
#pragma once
#define PAGE_COUNTER_MAX (~0UL >> 13)
struct page_counter {
	long count;
@if el7 4.4 4.9 4.14
	unsigned long limit;
@end
@if el8 4.19 5.10 6.1 7.2
	unsigned long max;
@end
};
unsigned long page_counter_read(struct page_counter *counter);
@end
