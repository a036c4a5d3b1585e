/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reader of test vector files: `key = value` lines, records separated by blank lines, # comments.
 * The files lie in the folder that the environment variable TIERCHAIN_VECTORS names. A malformed
 * file fails the test. Typical use:
 *
 *     struct vectors vectors;
 *     if (!vectors_open(&vectors, "name.txt"))
 *         return;
 *     while (vectors_next(&vectors)) { ... vectors_text(&vectors, "msg") ... }
 *     vectors_close(&vectors, checked);
 */
#ifndef TIERCHAIN_TESTS_LIB_VECTORS_H
#define TIERCHAIN_TESTS_LIB_VECTORS_H

#include "base/types.h"

struct vector_field {
    char *key;
    char *value;
    bool read; /* somebody asked for it */
};

struct vectors {
    char *text; /* the whole file, cut into strings */
    char *at;   /* the next unread line, NULL at the end */
    struct vector_field *fields;
    size_t count;    /* fields of the current record, in the order of the file */
    size_t capacity; /* of fields */
    size_t record;   /* records read so far */
};

/* Opens the file; false when TIERCHAIN_VECTORS is unset. A missing file fails the test. */
bool vectors_open(struct vectors *vectors, const char *name);

/* Reads the next record; false at the end. Fails the test when a field of the one before was not read,
 * unless it is a remark. Strings of a record live until vectors_close. */
bool vectors_next(struct vectors *vectors);

/* The value of the @nth field named @key (from 0), NULL when there is none. */
const char *vectors_find(const struct vectors *vectors, const char *key, size_t nth);

/* The value of the first @key; its absence fails the test. */
const char *vectors_text(const struct vectors *vectors, const char *key);

/* The value as a decimal number. */
uint64_t vectors_number(const struct vectors *vectors, const char *key);

/* The value, hex for exactly @size bytes, into @out. */
void vectors_bytes(const struct vectors *vectors, const char *key, void *out, size_t size);

/* The value, hex, in a new buffer of at least one byte; free() it. */
uint8_t *vectors_bytes_new(const struct vectors *vectors, const char *key, size_t *size);

/* Frees; fails the test unless the file was read to its end and held exactly @checked > 0 records.
 */
void vectors_close(struct vectors *vectors, size_t checked);

#endif
