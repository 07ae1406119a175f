/* The objects of a long JSON array, one by one, without reading the file whole. */
#ifndef WIRE_JSON_ITEMS_H
#define WIRE_JSON_ITEMS_H

#include "base/str.h"

/* Just after the bracket that opens the array: the text's own, or that of the first member of this
 * name. 0: not there (yet). */
size_t json_items_start(struct str bytes, struct str member);
/*
 * The next object. >0: bytes used, *ret_item borrows it (STR_NONE: the array has ended); 0: it has
 * no end yet; -EBADMSG: no object there; -EMSGSIZE: no end within LIMIT_JSON_ITEM_BYTES.
 */
ptrdiff_t json_items_next(struct str bytes, struct str *ret_item);

#endif
