/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/vectors.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/hex.h"

static char *read_whole(const char *path) {
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "cannot open %s", path);
    char *text = NULL;
    size_t capacity = 0;
    /* No text file holds a NUL, so this reads to the end. */
    ssize_t size = getdelim(&text, &capacity, '\0', file);
    fclose(file);
    ck_assert_msg(size > 0 && strlen(text) == (size_t)size, "%s is empty or not text", path);
    return text;
}

bool vectors_open(struct vectors *vectors, const char *name) {
    const char *folder = getenv("TIERCHAIN_VECTORS");
    if (!folder)
        return false;
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    ck_assert(length > 0 && (size_t)length < sizeof path);
    *vectors = (struct vectors){.text = read_whole(path)};
    vectors->at = vectors->text;
    return true;
}

/* Cuts off and returns the next line, NULL at the end. */
static char *next_line(struct vectors *vectors) {
    char *line = vectors->at;
    if (!line || !*line)
        return vectors->at = NULL;
    char *end = strchr(line, '\n');
    vectors->at = end ? end + 1 : NULL;
    if (end)
        *end = '\0';
    return line;
}

static void add_field(struct vectors *vectors, char *line) {
    char *equals = strstr(line, " =");
    ck_assert_msg(equals != NULL, "not a `key = value` line: %.60s", line);
    if (vectors->count == vectors->capacity) {
        vectors->capacity = 2 * vectors->capacity + 16;
        vectors->fields = realloc(vectors->fields, vectors->capacity * sizeof vectors->fields[0]);
        ck_assert_ptr_nonnull(vectors->fields);
    }
    *equals = '\0';
    char *value = equals + 2;
    if (*value == ' ')
        value++;
    vectors->fields[vectors->count++] = (struct vector_field){line, value, false};
}

/* What only says why a record is there. */
static bool is_remark(const char *key) {
    static const char *const remarks[] = {"name",   "desc",  "comment", "source",
                                          "reason", "flags", "tcId",    "count"};
    for (size_t i = 0; i < ARRAY_LEN(remarks); i++)
        if (strcmp(key, remarks[i]) == 0)
            return true;
    return false;
}

/* A field that nobody looked at would be a check that was forgotten. */
static void check_all_read(const struct vectors *vectors) {
    for (size_t i = 0; i < vectors->count; i++)
        ck_assert_msg(vectors->fields[i].read || is_remark(vectors->fields[i].key),
                      "record %zu: nobody read %s", vectors->record, vectors->fields[i].key);
}

bool vectors_next(struct vectors *vectors) {
    char *line;
    check_all_read(vectors);
    vectors->count = 0;
    while ((line = next_line(vectors))) {
        if (line[0] == '#')
            continue;
        if (line[0] != '\0')
            add_field(vectors, line);
        else if (vectors->count)
            break;
    }
    vectors->record += vectors->count > 0;
    return vectors->count > 0;
}

const char *vectors_find(const struct vectors *vectors, const char *key, size_t nth) {
    for (size_t i = 0; i < vectors->count; i++)
        if (strcmp(vectors->fields[i].key, key) == 0 && nth-- == 0) {
            vectors->fields[i].read = true;
            return vectors->fields[i].value;
        }
    return NULL;
}

const char *vectors_text(const struct vectors *vectors, const char *key) {
    const char *value = vectors_find(vectors, key, 0);
    ck_assert_msg(value != NULL, "record %zu has no %s", vectors->record, key);
    return value;
}

uint64_t vectors_number(const struct vectors *vectors, const char *key) {
    const char *text = vectors_text(vectors, key);
    char *end;
    uint64_t value = strtoull(text, &end, 10);
    ck_assert_msg(end != text && *end == '\0', "%s is not a number: %s", key, text);
    return value;
}

void vectors_bytes(const struct vectors *vectors, const char *key, void *out, size_t size) {
    hex_decode(vectors_text(vectors, key), out, size);
}

uint8_t *vectors_bytes_new(const struct vectors *vectors, const char *key, size_t *size) {
    return hex_decode_new(vectors_text(vectors, key), size);
}

void vectors_close(struct vectors *vectors, size_t checked) {
    ck_assert_msg(!vectors_next(vectors), "record %zu was not read", vectors->record);
    ck_assert_uint_gt(checked, 0);
    ck_assert_uint_eq(vectors->record, checked);
    free(vectors->fields);
    free(vectors->text);
    *vectors = (struct vectors){0};
}
