/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * `src` knows no simulator, clock, socket or file: shown by what its library leaves undefined. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/types.h"

static const char *const allowed[] = {
    "randombytes_buf_deterministic", /* expands a given seed */
    "__assert_fail",
    "__stack_chk_fail",
    "_GLOBAL_OFFSET_TABLE_",
    "abort",
    "bcmp",
    "calloc",
    "free",
    "malloc",
    "memcmp",
    "memcpy",
    "memmove",
    "memset",
    "qsort",
    "realloc",
    "reallocarray",
    "strcmp",
    "strlen",
    "memchr",
    "exit" /* uthash, out of memory */,
    "__udivmodti4",
    "__udivti3",
    "__umodti3",
};

/* Prefixes of the two libraries that src may use, and of what sanitizers add. */
static const char *const allowed_prefixes[] = {
    "crypto_", "sodium_", "gf_", "ec_", "__asan_", "__ubsan_", "__sanitizer_", "__lsan_",
};

/* From inside the archive itself: a module may use another one. */
static bool is_defined(char (*defined)[128], size_t count, const char *symbol) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(defined[i], symbol) == 0)
            return true;
    return false;
}

static bool is_allowed(const char *symbol) {
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        if (strcmp(symbol, allowed[i]) == 0)
            return true;
    for (size_t i = 0; i < ARRAY_LEN(allowed_prefixes); i++)
        if (strncmp(symbol, allowed_prefixes[i], strlen(allowed_prefixes[i])) == 0)
            return true;
    return false;
}

static size_t read_symbols(const char *option, char (*symbols)[128], size_t limit) {
    char command[512];
    const char *library = getenv("TIERCHAIN_STACK");
    snprintf(command, sizeof command, "nm %s '%s' 2>/dev/null | awk 'NF>1{print $NF}' | sort -u",
             option, library != NULL ? library : "build/libtierchain.a");
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    size_t count = 0;
    while (count < limit && fscanf(pipe, "%127s", symbols[count]) == 1)
        count++;
    ck_assert_int_eq(pclose(pipe), 0);
    return count;
}

START_TEST(the_library_asks_for_nothing_but_memory_and_mathematics) {
    static char defined[4096][128], undefined[4096][128];
    size_t defined_count = read_symbols("--defined-only", defined, 4096);
    size_t undefined_count = read_symbols("--undefined-only", undefined, 4096);
    ck_assert_uint_gt(defined_count, 100); /* the archive was found, and holds the stack */
    for (size_t i = 0; i < undefined_count; i++)
        ck_assert_msg(is_allowed(undefined[i]) || is_defined(defined, defined_count, undefined[i]),
                      "src uses %s", undefined[i]);
}
END_TEST

Suite *sans_io_suite(void) {
    Suite *suite = suite_create("sans_io");
    TCase *tcase = tcase_create("sans_io");
    tcase_add_test(tcase, the_library_asks_for_nothing_but_memory_and_mathematics);
    suite_add_tcase(suite, tcase);
    return suite;
}
