/* Inside ctl/: a commune of a synthetic network. */
#ifndef CTL_SYNTHESIZE_H
#define CTL_SYNTHESIZE_H

#include <jansson.h>

#include "base/alloc.h"
#include "base/commune_code.h"
#include "base/limits.h"

struct town {
	char code[COMMUNE_CODE_SIZE], departement[DEPARTEMENT_CODE_SIZE];
	char district[8]; /* arrondissement, or the département where there is none */
	char name[LIMIT_NAME_BYTES + 1];
	int64_t population, postcode;
	int32_t lat_e7, lon_e7; /* of its middle, when `placed` */
	bool placed, police, seat;
	bool prefecture;   /* the seat of its arrondissement */
	struct town *unit; /* the town whose unit is competent */
	int number;        /* of its brigade */
};

/* Beside the name: "centre" as geo.api.gouv.fr has it, or "lat" and "lon". */
void town_read_place(struct town *town, const json_t *commune);
/* From the outlines of communes, a GeoJSON file. -EBADMSG: it is none, or ends amid one. */
int towns_read_outlines(struct town *towns, size_t count, struct str file);

#endif
