@if 3.10 el7 3.13
SUBSYS(mem_cgroup)
@end
@if 4.4 4.9 4.14 el8 4.19 5.10 6.1 7.2
SUBSYS(memory)
@end
