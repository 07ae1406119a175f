/* What every unit test includes: cmocka with its odd prerequisites, in the right order. */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

#define assert_str_equal(actual, text)                                       \
	do {                                                                 \
		struct str str_actual_ = (actual);                           \
		assert_int_equal(str_actual_.len, strlen(text));             \
		assert_memory_equal(str_actual_.ptr, text, str_actual_.len); \
	} while (0)

#endif
