/* A position at rest: what device_last and the journal's trail keep, as a fixed number of bytes. */
#ifndef STORE_FIX_H
#define STORE_FIX_H

#include "base/str.h"

/*
 *   0x01 ‖ flags (bit 0: approximate) ‖ lat_e7 (4) ‖ lon_e7 (4) ‖ at_ms (8) ‖ received_at_ms (8)
 *   ‖ accuracy ‖ speed ‖ course ‖ altitude (4 each, IEEE 754); all big endian
 */
enum { FIX_SIZE = 1 + 1 + 4 + 4 + 8 + 8 + 4 * 4 };

struct stored_fix {
	int32_t lat_e7, lon_e7;
	int64_t at_ms; /* of the device; TIME_NONE: not said */
	int64_t received_at_ms;
	float accuracy_m, speed_kmh, course_deg; /* negative: not said */
	float altitude_m;                        /* NAN: not said */
	bool approximate;                        /* last known, cell or Wi-Fi */
};

void fix_encode(const struct stored_fix *fix, uint8_t out[FIX_SIZE]);
int fix_decode(struct str bytes, struct stored_fix *ret_fix); /* -EBADMSG */

#endif
