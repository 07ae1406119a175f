/*
 * A location object (PIDF-LO: RFC 4119, 5139, 5491), as an INVITE bears it: where the telephone
 * that calls is. The first place with coordinates counts; a shape stands for its centre and the
 * radius that holds it. Its civic address is read as one line.
 */
#ifndef WIRE_PIDF_H
#define WIRE_PIDF_H

#include "base/limits.h"
#include "base/str.h"

enum { PIDF_ADDRESS_SIZE = 301 };

struct pidf {
	bool located;
	int32_t lat_e7, lon_e7;
	double radius_m;                 /* negative: not said */
	double altitude_m;               /* NAN: not said */
	int64_t at_ms;                   /* TIME_NONE: not said */
	bool approximate;                /* by other means than GNSS */
	char address[PIDF_ADDRESS_SIZE]; /* UTF-8; "": none */
};

/* 0; -ENOENT: no place in it; -EBADMSG: not XML, a document type (which we refuse), or too large.
 */
int pidf_decode(struct str xml, struct pidf *ret_pidf);

#endif
