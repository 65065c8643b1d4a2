@if el8 5.10 6.1 7.2
#pragma once
bool mmap_read_trylock(struct mm_struct *mm);
void mmap_read_unlock(struct mm_struct *mm);
@end
