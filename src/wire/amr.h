/*
 * AMR narrow band in its storage format (RFC 4867 §5: "#!AMR\n", then frames of 20 ms), which is
 * what a watch records; and the same sound as a browser plays it.
 */
#ifndef WIRE_AMR_H
#define WIRE_AMR_H

#include "base/buf.h"

/* A watch records at most 15 s; whoever sends more is cut there. */
enum { AMR_MAX_SECONDS = 60, AMR_RATE_HZ = 8000 };

/* Whether it begins as such a recording does. */
bool amr_begins(struct str bytes);
/*
 * Appends a WAV file (RIFF, PCM, 16 bits, one channel, 8 kHz) to out. A frame cut by the end is
 * dropped; -EBADMSG when there is not one whole frame, or one is of no known kind.
 */
int amr_to_wav(struct str amr, struct buf *out);

#endif
