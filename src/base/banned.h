/*
 * Functions whose contract cannot be kept safely: using one is a compile error.
 * Included by base/base.h, which every file of ours sees through its own header.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef alloca
/* glibc's fortified headers make macros of it for clang. */
#undef sprintf
#pragma GCC poison strcpy strcat sprintf vsprintf strtok strtok_r gets
#pragma GCC poison atoi atol atoll atof rand srand gmtime localtime ctime asctime alloca

#endif
