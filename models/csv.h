/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A strict reader for the tables in models/data and for tables that users supply: lines that start
 * with '#', one line of column names, rows with exactly as many fields. Fields have no quotes, no
 * padding and no commas; empty lines are errors. What editors and spreadsheets add is taken: a byte
 * order mark in front, CR before LF, empty lines at the end. Nothing is copied: fields point into the
 * text. */
#ifndef TIERCHAIN_MODELS_CSV_H
#define TIERCHAIN_MODELS_CSV_H

#include "base/types.h"

#define CSV_COLUMNS       128
#define CSV_NAME_BYTES    64 /* longest name that csv_find and csv_copy take, with its NUL */
#define CSV_PROBLEM_BYTES 160

struct csv_field {
    const char *text; /* not NUL-terminated */
    size_t size;
};

struct csv {
    const char *rest;
    const char *end;
    size_t line; /* of what was read last, from 1; where an error is */
    size_t column_count;
    struct csv_field columns[CSV_COLUMNS]; /* their names */
    struct csv_field fields[CSV_COLUMNS];  /* the current row */
    const char *line_start;                /* of the line read last */
    size_t column;                         /* where the error is, in characters, from 1 */
    char problem[CSV_PROBLEM_BYTES];       /* what is wrong, and what would be right; "" */
};

/* Reads up to the column names. 0; ERR_TRUNCATED without them; ERR_LIMIT for too many;
 * ERR_NON_CANONICAL for an empty or repeated name. After an error here and in csv_next line, column
 * and problem say where and what. */
int csv_init(struct csv *csv, const char *text, size_t size);

/* Notes what is wrong with the current row at @field, for people, and returns @error. */
int csv_wrong(struct csv *csv, struct csv_field field, int error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The column of that name, or -1. */
int csv_column(const struct csv *csv, const char *name);

/* Reads the next row. 1 for a row, 0 at the end, ERR_NON_CANONICAL for a row that is not like the
 * column names or holds '"', a control character or an outer space. */
int csv_next(struct csv *csv);

bool csv_equals(struct csv_field field, const char *name);

/* Copies the field with a NUL. 0, or ERR_LIMIT. */
int csv_copy(struct csv_field field, char *out, size_t size);

/* A decimal number such as "-12.5": at most 15 digits, no exponent, exact or correctly rounded and
 * independent of the locale. 0, or ERR_INVALID. */
int csv_number(struct csv_field field, double *value);

/* An integer of at most 15 digits. 0, or ERR_INVALID. */
int csv_integer(struct csv_field field, int64_t *value);

#endif
