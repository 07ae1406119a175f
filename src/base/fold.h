/*
 * Text as it is compared when people and files write it each in their own way: "Saint-Étienne",
 * "SAINT ETIENNE" and "saint’etienne" are the same.
 */
#ifndef BASE_FOLD_H
#define BASE_FOLD_H

#include "base/buf.h"

/* Appends small letters without accents and figures; whatever else, however much of it, is one
 * `gap` between two words ('\0': none). Letters of other alphabets stay. */
void text_fold(struct str text, char gap, struct buf *out);

#endif
