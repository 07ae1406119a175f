/* What tests of sound share: an alert with a key, a recorder on a real folder, the loop by hand. */
#ifndef TESTS_UNIT_SOUND_LAB_H
#define TESTS_UNIT_SOUND_LAB_H

#include "live/sound.h"
#include "registry.h"
#include "wire/sound.h"

extern struct vault *lab_vault;
extern struct recorder *lab_recorder;
extern struct sound *lab_sound;
extern struct id lab_alert, lab_device;
extern char lab_folder[256];
extern int64_t lab_now_ms;    /* steady */
extern struct buf lab_heard;  /* texts of listeners */
extern struct buf lab_frames; /* frames of listeners, one behind the other */
extern unsigned lab_frame_count, lab_closed;
extern bool lab_socket_full;
extern uint32_t lab_acked;      /* the last acknowledgement */
extern struct buf lab_recorded; /* the journal's body */
extern uint64_t lab_sum;        /* which it was */
/* Of the next lab_start; lab_open forgets them. */
extern uint64_t lab_most_bytes, lab_reserve_bytes;

enum { LAB_EPOCH = 77, LAB_SOURCE = 5, LAB_BEGAN_MS = 1000000 };

void lab_open(struct db *db);   /* vault, key of an alert, an empty folder */
void lab_start(bool recording); /* recorder and sound: as after a start of the server */
void lab_stop(void);
void lab_close(void);
void lab_run_one(void); /* the next answer of the recorder, at most 10 s */
void lab_tick(int64_t ms);

/* An Opus frame, or a gap when missing is not 0. */
enum sound_verdict lab_send(uint32_t epoch, uint32_t sequence, unsigned flags, uint32_t missing);
void lab_send_many(uint32_t from, uint32_t to, unsigned flags);
uint32_t lab_next(uint32_t epoch); /* of sound_streams_of; 0 when it is not there */

#endif
