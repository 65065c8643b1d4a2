#pragma once
struct tty_struct { char name[64]; };
