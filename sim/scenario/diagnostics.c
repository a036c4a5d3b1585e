/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/diagnostics.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/text.h"

#define EXCERPT_BEFORE 60 /* characters kept before the column of an overlong line */

/* The bytes of line @line of the source, without its end. */
static const char *find_line(const struct source *source, uint32_t line, size_t *length) {
    const char *at = source->text, *end = source->text + source->size;
    *length = 0;
    if (at == NULL || line < source->first_line)
        return NULL;
    for (uint32_t skip = line - source->first_line; skip > 0; skip--) {
        at = memchr(at, '\n', (size_t)(end - at));
        if (at == NULL)
            return NULL;
        at++;
    }
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    *length = (size_t)((stop != NULL ? stop : end) - at);
    return at;
}

/* Bytes of the character at @at, 1 for what is not UTF-8. */
static size_t step(const char *at, size_t left) {
    return size_max(1, text_character(at, left));
}

/* Copies the line's part around the column. What would garble the terminal is replaced. */
static void take_excerpt(struct diagnostic *item, const struct source *source) {
    size_t length, start = 0, at = 0, used = 0;
    const char *line = find_line(source, item->line, &length);
    if (line == NULL)
        return;
    for (uint32_t column = 1; at < length && column < item->column; column++)
        at += step(line + at, length - at);
    while (at - start > EXCERPT_BEFORE)
        start += step(line + start, length - start);
    while (start < length) {
        size_t bytes = text_character(line + start, length - start);
        if (used + size_max(1, bytes) >= SOURCE_LINE_BYTES)
            break;
        item->caret += start < at;
        if (bytes == 0)
            item->excerpt[used++] = '?';
        else if (line[start] == '\t' || text_has_control(line + start, bytes))
            item->excerpt[used++] = ' ';
        else
            for (size_t i = 0; i < bytes; i++)
                item->excerpt[used++] = line[start + i];
        start += size_max(1, bytes);
    }
    item->excerpt[used] = '\0';
}

bool diagnostics_full(struct diagnostics *diagnostics) {
    if (diagnostics->count < DIAGNOSTICS_MAX)
        return false;
    diagnostics->omitted++;
    return true;
}

void diagnostics_add(struct diagnostics *diagnostics, const struct source *source, uint32_t line,
                     uint32_t column, const char *format, ...) {
    struct diagnostic item = {.line = line, .column = column};
    snprintf(item.name, sizeof item.name, "%s", source->name);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(item.message, sizeof item.message, format, arguments);
    va_end(arguments);
    text_clean(item.name);
    text_clean(item.message);
    if (length >= (int)sizeof item.message) {
        item.message[sizeof item.message - sizeof "…"] = '\0'; /* perhaps within a character */
        text_clean(item.message);
        strcat(item.message, "…");
    }
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *known = &diagnostics->items[i];
        if (known->line == line && known->column == column &&
            strcmp(known->message, item.message) == 0 && strcmp(known->name, item.name) == 0)
            return;
    }
    if (diagnostics->count == DIAGNOSTICS_MAX) {
        diagnostics->omitted++;
        return;
    }
    if (line != 0)
        take_excerpt(&item, source);
    diagnostics->items[diagnostics->count++] = item;
}

static int compare(const void *a, const void *b) {
    const struct diagnostic *x = a, *y = b;
    int names = strcmp(x->name, y->name);
    if (names != 0)
        return names;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return (x->column > y->column) - (x->column < y->column);
}

void diagnostics_print(const struct diagnostics *diagnostics, FILE *out, bool colour) {
    const char *bold = colour ? "\033[1m" : "", *red = colour ? "\033[1;31m" : "";
    const char *plain = colour ? "\033[0m" : "";
    struct diagnostics sorted = *diagnostics;
    qsort(sorted.items, sorted.count, sizeof sorted.items[0], compare);
    for (size_t i = 0; i < sorted.count; i++) {
        const struct diagnostic *item = &sorted.items[i];
        fprintf(out, "%s%s:", bold, item->name);
        if (item->line != 0)
            fprintf(out, "%u:%u:", item->line, item->column);
        fprintf(out, "%s %serror:%s %s\n", plain, red, plain, item->message);
        if (item->line != 0)
            fprintf(out, "    %s\n    %*s%s^%s\n", item->excerpt, (int)item->caret, "", red, plain);
    }
    if (sorted.omitted > 0)
        fprintf(out, "… and %zu more errors\n", sorted.omitted);
}
