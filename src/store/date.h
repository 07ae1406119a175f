/* The latest date that was believed (core/date.h), so that a restart does not believe any. */
#ifndef STORE_DATE_H
#define STORE_DATE_H

#include "store/vault.h"

/* Before there was one, what the journal's last line says; TIME_NONE: nothing does. */
int date_seen_load(struct vault *v, int64_t *ret_seen_ms);
int date_seen_move(struct vault *v, int64_t now_ms); /* on, never back */
int date_seen_set(struct vault *v, int64_t now_ms);  /* as somebody confirmed it */

#endif
