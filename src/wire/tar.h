/*
 * Archives of plain files, in the ustar form (POSIX.1-2017, pax, « ustar Interchange Format »): a
 * header of 512 bytes a file, its bytes filled up to 512, two empty blocks at the end. Written to
 * be the same each time; read strictly, since an archive may come from anybody.
 */
#ifndef WIRE_TAR_H
#define WIRE_TAR_H

#include "base/buf.h"

enum { TAR_BLOCK = 512, TAR_NAME_MAX = 99 };

struct tar_member {
	struct str
		name; /* of letters, digits, '.', '_', '-' and '/'; no part of it is "." or ".." */
	struct str bytes; /* borrowed */
	int64_t at_s;     /* seconds UTC since 1970, not negative */
};

/* Appends the header and what fills up the last block; the bytes of the member go between. */
void tar_header(struct str name, uint64_t size, int64_t at_s, struct buf *out);
void tar_padding(uint64_t size, struct buf *out);
void tar_end(struct buf *out);

/*
 * Takes the next member off *rest. 1; 0 at the end (nothing but the two empty blocks is left); or
 * -EBADMSG: cut short, altered, not a plain file, a name that is not as above.
 */
int tar_next(struct str *rest, struct tar_member *ret_member);

#endif
