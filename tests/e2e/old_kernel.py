"""Runs a command as on Linux 3.10, whose last system call is finit_module: later ones do not exist (ENOSYS).

usage: old_kernel.py COMMAND ARG…

What else differs there (files below /proc, semantics of calls) is not played.
"""
import ctypes
import os
import platform
import signal
import struct
import sys

LAST = 313  # finit_module in arch/x86/syscalls/syscall_64.tbl of 3.10
LD_W_ABS, JGE_K, RET_K = 0x20, 0x35, 0x06
ALLOW, ERRNO, ENOSYS = 0x7fff0000, 0x00050000, 38
PR_SET_SECCOMP, SECCOMP_MODE_FILTER, PR_SET_NO_NEW_PRIVS = 22, 2, 38


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p)]


def forget_later_calls():
    code = b"".join(struct.pack("HBBI", *each) for each in (
        (LD_W_ABS, 0, 0, 0),  # the call's number
        (JGE_K, 0, 1, LAST + 1),
        (RET_K, 0, 0, ERRNO | ENOSYS),
        (RET_K, 0, 0, ALLOW)))
    libc = ctypes.CDLL(None, use_errno=True)
    program = Program(len(code) // 8, code)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program)):
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if libc.syscall(LAST + 1, 0, 0, 0) != -1 or ctypes.get_errno() != ENOSYS:
        sys.exit("the filter does not hold")


if __name__ == "__main__":
    if platform.machine() != "x86_64":
        sys.exit("knows the system calls of x86_64 alone")
    forget_later_calls()
    for ignored in signal.SIGPIPE, signal.SIGXFSZ:  # by Python itself
        signal.signal(ignored, signal.SIG_DFL)
    os.execvp(sys.argv[1], sys.argv[1:])
