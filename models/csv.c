/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/csv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

/* 15 digits and powers of ten up to 10^15 are exact in a double, so one division rounds once. */
#define DIGITS 15

/* The next line, without its end. False when there is none. */
static bool next_line(struct csv *csv, struct csv_field *line) {
    if (csv->rest == csv->end)
        return false;
    size_t left = (size_t)(csv->end - csv->rest);
    const char *newline = memchr(csv->rest, '\n', left);
    line->text = csv->rest;
    line->size = newline != NULL ? (size_t)(newline - csv->rest) : left;
    csv->line_start = line->text;
    csv->rest = newline != NULL ? newline + 1 : csv->end;
    csv->line++;
    if (line->size > 0 && line->text[line->size - 1] == '\r')
        line->size--;
    return true;
}

static bool only_empty_lines(const char *text, const char *end) {
    while (text < end && (*text == '\n' || *text == '\r'))
        text++;
    return text == end;
}

int csv_wrong(struct csv *csv, struct csv_field field, int error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(csv->problem, sizeof csv->problem, format, arguments);
    va_end(arguments);
    csv->column = 1;
    for (const char *at = csv->line_start; at < field.text; at++)
        csv->column += ((unsigned char)*at & 0xc0) != 0x80; /* not within a UTF-8 character */
    return error;
}

static bool is_plain(struct csv_field field) {
    for (size_t i = 0; i < field.size; i++)
        if ((unsigned char)field.text[i] < ' ' || field.text[i] == 0x7f || field.text[i] == '"')
            return false;
    return field.size == 0 || (field.text[0] != ' ' && field.text[field.size - 1] != ' ');
}

/* Splits a line at its commas. */
static int split(struct csv *csv, struct csv_field line, struct csv_field *fields, size_t *count) {
    *count = 0;
    const char *end = line.text + line.size;
    for (const char *at = line.text;;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        struct csv_field field = {at, (size_t)((comma != NULL ? comma : end) - at)};
        if (*count == CSV_COLUMNS)
            return csv_wrong(csv, field, ERR_LIMIT, "more than %d columns", CSV_COLUMNS);
        if (!is_plain(field))
            return csv_wrong(csv, field, ERR_NON_CANONICAL,
                             "a quote, a control character or a space around a field; plain fields "
                             "between commas are read");
        fields[(*count)++] = field;
        if (comma == NULL)
            return 0;
        at = comma + 1;
    }
}

static bool same(struct csv_field a, struct csv_field b) {
    return a.size == b.size && memcmp(a.text, b.text, a.size) == 0;
}

static int check_names(struct csv *csv) {
    for (size_t i = 0; i < csv->column_count; i++) {
        struct csv_field name = csv->columns[i];
        if (name.size == 0 || name.size >= CSV_NAME_BYTES)
            return csv_wrong(csv, name, ERR_NON_CANONICAL,
                             "a column's name is empty or longer than %d bytes",
                             CSV_NAME_BYTES - 1);
        for (size_t k = 0; k < i; k++)
            if (same(name, csv->columns[k]))
                return csv_wrong(csv, name, ERR_NON_CANONICAL, "two columns have this name");
    }
    return 0;
}

int csv_init(struct csv *csv, const char *text, size_t size) {
    static const char mark[] = "\xef\xbb\xbf";
    struct csv_field line = {text, 0};
    size_t skip = size >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    *csv = (struct csv){.rest = text + skip, .end = text + size, .line_start = text};
    do {
        if (!next_line(csv, &line))
            return csv_wrong(csv, line, ERR_TRUNCATED, "there is no line of column names");
    } while (line.size > 0 && line.text[0] == '#');
    int error = split(csv, line, csv->columns, &csv->column_count);
    return error != 0 ? error : check_names(csv);
}

int csv_column(const struct csv *csv, const char *name) {
    for (size_t i = 0; i < csv->column_count; i++)
        if (csv_equals(csv->columns[i], name))
            return (int)i;
    return -1;
}

int csv_next(struct csv *csv) {
    struct csv_field line;
    size_t count;
    do {
        if (!next_line(csv, &line))
            return 0;
    } while (line.size > 0 && line.text[0] == '#');
    if (line.size == 0 && only_empty_lines(csv->rest, csv->end)) {
        csv->rest = csv->end;
        return 0;
    }
    if (split(csv, line, csv->fields, &count) != 0)
        return ERR_NON_CANONICAL;
    if (line.size == 0)
        return csv_wrong(csv, line, ERR_NON_CANONICAL, "an empty line; only the end may have them");
    if (count != csv->column_count)
        return csv_wrong(csv, csv->fields[count - 1], ERR_NON_CANONICAL,
                         "%zu fields; the line of names has %zu", count, csv->column_count);
    return 1;
}

bool csv_equals(struct csv_field field, const char *name) {
    return strlen(name) == field.size && memcmp(field.text, name, field.size) == 0;
}

int csv_copy(struct csv_field field, char *out, size_t size) {
    if (field.size >= size)
        return ERR_LIMIT;
    memcpy(out, field.text, field.size);
    out[field.size] = '\0';
    return 0;
}

/* The digits without the point, and how many follow the point. */
static int parse(struct csv_field field, int64_t *mantissa, size_t *decimals) {
    bool negative = field.size > 0 && field.text[0] == '-';
    size_t digits = 0, point = 0;
    *mantissa = 0;
    for (size_t i = negative ? 1 : 0; i < field.size; i++) {
        char c = field.text[i];
        if (c == '.' && point == 0 && digits > 0)
            point = i;
        else if (c >= '0' && c <= '9' && digits < DIGITS)
            *mantissa = *mantissa * 10 + (c - '0');
        else
            return ERR_INVALID;
        digits += c != '.';
    }
    if (digits == 0 || (point > 0 && point + 1 == field.size))
        return ERR_INVALID;
    *decimals = point > 0 ? field.size - point - 1 : 0;
    if (negative)
        *mantissa = -*mantissa;
    return 0;
}

int csv_number(struct csv_field field, double *value) {
    int64_t mantissa;
    size_t decimals;
    if (parse(field, &mantissa, &decimals) != 0)
        return ERR_INVALID;
    double scale = 1;
    while (decimals-- > 0)
        scale *= 10;
    *value = (double)mantissa / scale;
    return 0;
}

int csv_integer(struct csv_field field, int64_t *value) {
    size_t decimals;
    return parse(field, value, &decimals) != 0 || decimals > 0 ? ERR_INVALID : 0;
}
