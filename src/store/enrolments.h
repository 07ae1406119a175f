/*
 * Enrolment codes: given at the counter, typed once on a telephone, which gets its credential for
 * it. A code is short, so that its blind index is stored and not its hash: whoever has the database
 * alone cannot try them all.
 */
#ifndef STORE_ENROLMENTS_H
#define STORE_ENROLMENTS_H

#include "store/vault.h"

/* A device has one code: the new one takes the place of the old. */
int enrolment_insert(struct vault *v, struct id device, struct str code, int64_t expires_at_ms);
/* Whose code it is. -ENOENT: there is none, or its time is over. */
int enrolment_load(struct vault *v, struct str code, int64_t now_ms, struct id *ret_device);
int enrolment_delete(struct vault *v, struct id device);
int enrolments_purge(struct vault *v, int64_t now_ms);
/* After a restoration: which were used since is not known. */
int enrolments_delete_all(struct vault *v);

#endif
