/*
 * A disk in memory, for SQLite, that keeps only what was synced: the VFS "power-loss". Until its
 * file is synced, each written sector of 512 bytes is kept, dropped or torn when the power goes, as
 * a seed decides. One I/O call can be made to fail. One thread.
 */
#ifndef TESTS_UNIT_POWER_LOSS_VFS_H
#define TESTS_UNIT_POWER_LOSS_VFS_H

#include <stdbool.h>
#include <stdint.h>

enum fault {
	FAULT_NONE,
	FAULT_CUT, /* the power goes during the call: it and all later ones fail, until power_cut */
	FAULT_EIO, /* the call fails; a failed sync forgets what it should have written */
	FAULT_FULL, /* no space: calls that need some fail */
};

void power_loss_register(void);
void power_loss_unregister(void);
void power_loss_reset(void); /* an empty disk without faults; nothing may be open */

/* The call-th I/O call from now, from 1, meets the fault; with `lasting`, all after it too. */
void power_loss_arm(enum fault fault, uint64_t call, bool lasting);
void power_loss_repair(void);
uint64_t power_loss_calls(void); /* I/O calls since the last arm or reset */
bool power_loss_struck(void);    /* whether the armed fault was met */
bool power_loss_felt(void);      /* whether it made a call fail: a full disk can still be read */

/* The power was off: what was not synced takes its fate, the shared memory is gone. Nothing may be
 * open. */
void power_cut(uint64_t seed);

#endif
