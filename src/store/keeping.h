/* Of each alert that has sound: whether it is sealed, and when it is deleted otherwise. */
#ifndef STORE_KEEPING_H
#define STORE_KEEPING_H

#include "core/keeping.h"
#include "store/vault.h"

/* -ENOENT: the alert has no sound, and none that comes is sealed. */
int keeping_load(struct vault *v, struct id alert, struct keeping *ret_keeping);
/* Makes or replaces the row; takes it away where nothing is said. */
int keeping_save(struct vault *v, const struct keeping *keeping);
/* Of those with a date before now_ms, the oldest but `skip`; how many, or -errno. */
int keeping_due(struct vault *v, int64_t now_ms, int skip, struct keeping *ret_list, int cap);

#endif
