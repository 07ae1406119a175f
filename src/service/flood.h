/*
 * How many frames of unknown devices are written down: `per_minute` for each source, then only
 * counted, so that a flood of made-up identities costs no disk and is not acknowledged (I4).
 */
#ifndef SERVICE_FLOOD_H
#define SERVICE_FLOOD_H

#include <stdbool.h>
#include <stdint.h>

struct flood;

struct flood *flood_new(int per_minute);
void flood_free(struct flood *f);
/*
 * Whether a frame of this source may be written now. *ret_frames: how many frames of that source it
 * stands for, those held back before included.
 */
bool flood_admits(struct flood *f, const uint8_t source[16], int64_t now_ms, int64_t *ret_frames);

#endif
