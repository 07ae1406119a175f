/* A new life of the house after a restoration. */
#ifndef CTL_EPOCH_H
#define CTL_EPOCH_H

struct settings;

/*
 * Verifies the journal and begins a new epoch: no cursor, session or link from before is believed,
 * since what ended them may be lost. Says what it did; an exit status. No server may run.
 */
int epoch_begin(const struct settings *s);

#endif
