/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/hex.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static uint8_t nibble(char digit) {
    static const char digits[] = "0123456789abcdef";
    const char *found = digit ? strchr(digits, digit) : NULL;
    ck_assert_msg(found != NULL, "'%c' is not a lower-case hexadecimal digit", digit);
    return (uint8_t)(found - digits);
}

void hex_decode(const char *hex, void *out, size_t size) {
    uint8_t *bytes = out;
    ck_assert_uint_eq(strlen(hex), 2 * size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
}

uint8_t *hex_decode_new(const char *hex, size_t *size) {
    size_t length = strlen(hex);
    ck_assert_uint_eq(length % 2, 0);
    uint8_t *bytes = malloc(length / 2 + 1);
    ck_assert_ptr_nonnull(bytes);
    *size = length / 2;
    hex_decode(hex, bytes, *size);
    return bytes;
}
