/*
 * Codes of the Code officiel géographique (INSEE): five characters for a commune, two for a
 * département, three overseas. Files have them with their zeros lost, with the département apart,
 * or with the letters the Interior ministry gives to what is overseas (ZA: 971).
 */
#ifndef BASE_COMMUNE_CODE_H
#define BASE_COMMUNE_CODE_H

#include "base/str.h"

enum { COMMUNE_CODE_SIZE = 6, DEPARTEMENT_CODE_SIZE = 4 };

/* "1004" and "01004" give "01004"; "2a004" gives "2A004". -EINVAL: no such form. */
int commune_code_parse(struct str text, char ret_code[COMMUNE_CODE_SIZE]);
/* A commune whose code is said without its département ("1" or "ZA", then "4", "004" or whole). */
int commune_code_join(struct str departement, struct str commune, char ret_code[COMMUNE_CODE_SIZE]);
/* "1" gives "01", "ZA" gives "971". -EINVAL. */
int departement_code_parse(struct str text, char ret_code[DEPARTEMENT_CODE_SIZE]);
/* Of a whole code: "86", "2A", "974". */
void departement_of_commune(const char *code, char ret_code[DEPARTEMENT_CODE_SIZE]);

#endif
