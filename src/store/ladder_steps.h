/* The ladder under which open alerts climbed: what the bits of alert.climbed mean. */
#ifndef STORE_LADDER_STEPS_H
#define STORE_LADDER_STEPS_H

#include "core/ladder.h"
#include "store/vault.h"

/* Names, delays and conditions of the steps, the rest zero. No step: no server has run yet. */
int ladder_steps_load(struct vault *v, struct ladder *ret_ladder);
int ladder_steps_replace(struct vault *v, const struct ladder *ladder); /* in a transaction */

#endif
