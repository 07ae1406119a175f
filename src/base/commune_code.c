/* Codes of communes and départements: see commune_code.h. */
#include "base/commune_code.h"

#include <errno.h>

/* The letters of the national register of elected officials. Saint-Barthélemy and Saint-Martin
 * share ZX; alone, it is the larger one. */
static const struct {
	char letters[3], code[DEPARTEMENT_CODE_SIZE];
} overseas[] = {
	{"ZA", "971"}, {"ZB", "972"}, {"ZC", "973"}, {"ZD", "974"}, {"ZM", "976"},
	{"ZN", "988"}, {"ZP", "987"}, {"ZS", "975"}, {"ZW", "986"}, {"ZX", "978"},
};

static bool is_figure(char c)
{
	return c >= '0' && c <= '9';
}

static bool are_figures(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_figure(text.ptr[i]))
			return false;
	return text.len;
}

static char capital(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Two characters: 01 to 98, 2A, 2B; not 20, which Corsica was. */
static bool starts_a_code(const char *two)
{
	if (two[0] == '2' && (two[1] == 'A' || two[1] == 'B'))
		return true;
	if (!is_figure(two[0]) || !is_figure(two[1]))
		return false;
	return memcmp(two, "00", 2) != 0 && memcmp(two, "20", 2) != 0 &&
	       memcmp(two, "96", 2) != 0 && memcmp(two, "99", 2) != 0;
}

int commune_code_parse(struct str text, char ret_code[COMMUNE_CODE_SIZE])
{
	char code[COMMUNE_CODE_SIZE] = "0";
	size_t lost;

	text = str_trim(text);
	if (text.len != 4 && text.len != 5)
		return -EINVAL;
	lost = 5 - text.len;
	for (size_t i = 0; i < text.len; i++)
		code[lost + i] = capital(text.ptr[i]);
	if (!starts_a_code(code) || !are_figures(str_of(code + 2, 3)))
		return -EINVAL;
	/* A lost zero is a leading one: of 01 to 09. */
	if (lost && !are_figures(str_of(code, 2)))
		return -EINVAL;
	memcpy(ret_code, code, sizeof(code));
	return 0;
}

int departement_code_parse(struct str text, char ret_code[DEPARTEMENT_CODE_SIZE])
{
	char code[DEPARTEMENT_CODE_SIZE] = "";

	text = str_trim(text);
	if (!text.len || text.len > 3)
		return -EINVAL;
	if (text.len == 1)
		code[0] = '0';
	for (size_t i = 0; i < text.len; i++)
		code[(text.len == 1) + i] = capital(text.ptr[i]);
	for (size_t i = 0; i < sizeof(overseas) / sizeof(overseas[0]); i++)
		if (!strcmp(code, overseas[i].letters)) {
			memcpy(ret_code, overseas[i].code, DEPARTEMENT_CODE_SIZE);
			return 0;
		}
	/* 97 and 98 are not départements without their third figure, and only they have one. */
	if (!starts_a_code(code) ||
	    (code[0] == '9' && (code[1] == '7' || code[1] == '8')) != (text.len == 3) ||
	    (text.len == 3 && !is_figure(code[2])))
		return -EINVAL;
	memcpy(ret_code, code, sizeof(code));
	return 0;
}

int commune_code_join(struct str departement, struct str commune, char ret_code[COMMUNE_CODE_SIZE])
{
	char of[DEPARTEMENT_CODE_SIZE], code[COMMUNE_CODE_SIZE] = "00000";

	commune = str_trim(commune);
	if (commune.len > 3)
		return commune_code_parse(commune, ret_code);
	if (departement_code_parse(departement, of) || !are_figures(commune))
		return -EINVAL;
	/* Overseas the third figure of the département is the first of the three. */
	memcpy(code, of, 2);
	memcpy(code + 5 - commune.len, commune.ptr, commune.len);
	return commune_code_parse(str_of(code, 5), ret_code);
}

void departement_of_commune(const char *code, char ret_code[DEPARTEMENT_CODE_SIZE])
{
	bool is_overseas = code[0] == '9' && (code[1] == '7' || code[1] == '8');

	memset(ret_code, 0, DEPARTEMENT_CODE_SIZE);
	memcpy(ret_code, code, is_overseas ? 3 : 2);
}
