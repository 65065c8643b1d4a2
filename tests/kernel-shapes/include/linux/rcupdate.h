#pragma once
void rcu_read_lock(void);
void rcu_read_unlock(void);
#define rcu_dereference(p) (*(volatile typeof(p) *)&(p))
