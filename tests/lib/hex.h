/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hexadecimal literals in tests. */
#ifndef TIERCHAIN_TESTS_LIB_HEX_H
#define TIERCHAIN_TESTS_LIB_HEX_H

#include "base/types.h"

/* Decodes @hex, exactly @size bytes, into @out; fails the test otherwise. */
void hex_decode(const char *hex, void *out, size_t size);

/* Decodes @hex into a new buffer of at least one byte; free() it. Fails the test on bad input. */
uint8_t *hex_decode_new(const char *hex, size_t *size);

#endif
