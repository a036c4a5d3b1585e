/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "sim/scenario/keys.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/text.h"
#include "sim/scenario/tree.h"
#include "sim/scenario/value.h"

/* A field of @base, typed by the caller. */
static const void *field(const void *base, const struct key_row *row) {
    return (const char *)base + row->offset;
}

static int64_t get_number(const void *base, const struct key_row *row) {
    return *(const int64_t *)field(base, row);
}

static const char *get_text(const void *base, const struct key_row *row) {
    const char *text;
    memcpy(&text, field(base, row), sizeof text);
    return text;
}

/* Lines must stay below TREE_LINE_MAX, which has room for any value with every byte escaped; lists
 * are folded. (Values are not: libfyaml 0.7.12 reads a blank where an escape follows a fold.) */
#define FOLD       ",\n        "
#define NAMES_LINE 8   /* names of a list on one line */
#define NAME_LONG  256 /* a name that has one for itself */

_Static_assert(6 * TREE_SCALAR_MAX < TREE_LINE_MAX, "a value fits into a line");

static bool is_word(const char *text) {
    size_t plain = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
    return plain > 0 && text[plain] == '\0' && text[0] != '-';
}

/* What YAML takes for the end of a line or refuses: U+2028, U+2029, U+FEFF, U+FFFE, U+FFFF. */
static uint32_t needs_escape(const char *at) {
    static const struct {
        const char *bytes;
        uint32_t code;
    } rows[] = {{"\xe2\x80\xa8", 0x2028},
                {"\xe2\x80\xa9", 0x2029},
                {"\xef\xbb\xbf", 0xfeff},
                {"\xef\xbf\xbe", 0xfffe},
                {"\xef\xbf\xbf", 0xffff}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strncmp(at, rows[i].bytes, 3) == 0)
            return rows[i].code;
    return 0;
}

/* One character as it stands between double quotes; returns its bytes in the text. */
static size_t write_character(FILE *out, const char *at) {
    uint32_t code = needs_escape(at);
    if (code != 0) {
        fprintf(out, "\\u%04x", code);
        return 3;
    }
    size_t length = size_max(1, text_character(at, strlen(at)));
    if (*at == '"' || *at == '\\')
        fprintf(out, "\\%c", *at);
    else if ((unsigned char)*at < 0x20)
        fprintf(out, "\\x%02x", *at);
    else
        fwrite(at, 1, length, out);
    return length;
}

/* Quotes whatever YAML could take for something else. */
static void write_text(FILE *out, const char *text) {
    if (is_word(text)) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    while (*text != '\0')
        text += write_character(out, text);
    fputc('"', out);
}

static void write_quantity(FILE *out, int64_t value, enum unit_kind unit) {
    char text[QUANTITY_BYTES];
    quantity_format(value, unit, text);
    fputs(text, out);
}

static const struct node_selection *get_selection(const void *base, const struct key_row *row) {
    return field(base, row);
}

/* Whether there is something to write: optional values may be UNSET, lists empty. */
static bool has_value(const struct key_row *row, const void *base) {
    struct value_list list;
    switch (row->type) {
    case KEY_NUMBER:
    case KEY_RANGE:
        return get_number(base, row) != UNSET;
    case KEY_TEXT:
    case KEY_COMPONENT:
    case KEY_NAME:
    case KEY_PLACE:
    case KEY_FILE:
        return get_text(base, row) != NULL;
    case KEY_CHOICE:
        return true;
    case KEY_RECORD:
        for (const struct key_row *sub = row->record->rows; sub->path != NULL; sub++)
            if (has_value(sub, field(base, row)) && sub->type != KEY_CHOICE)
                return true;
        return *(const unsigned *)field(base, row) != 0;
    case KEY_NODES:
        return get_selection(base, row)->count > 0;
    case KEY_COSTS:
        for (size_t i = 0; i < WORK_COUNT; i++)
            if (((const int64_t *)field(base, row))[i] != UNSET)
                return true;
        return false;
    default:
        memcpy(&list, field(base, row), sizeof list);
        return list.count > 0;
    }
}

static void write_flow(FILE *out, const struct key_row *row, const void *base);

/* Not every kind of fault may have each of its choices: the default goes without saying. */
static bool is_default(const struct key_row *row, const void *base) {
    return row->type == KEY_CHOICE && row->fallback != NULL &&
           strcmp(row->choices[*(const unsigned *)field(base, row)], row->fallback) == 0;
}

/* {id: komatsu, nodes: 300} */
static void write_record(FILE *out, const struct key_record *record, const void *base) {
    const char *glue = "";
    fputc('{', out);
    for (const struct key_row *row = record->rows; row->path != NULL; row++) {
        if (!has_value(row, base) || is_default(row, base))
            continue;
        fprintf(out, "%s%s: ", glue, row->path);
        write_flow(out, row, base);
        glue = ", ";
    }
    fputc('}', out);
}

/* A term alone, several as a list. */
static void write_selection(FILE *out, const struct key_row *row,
                            const struct node_selection *selection) {
    if (selection->rest)
        fputs(row->choices[0], out);
    else if (selection->count == 1)
        write_record(out, row->record, selection->terms);
    else
        for (size_t i = 0; i < selection->count; i++) {
            fputs(i == 0 ? "[" : ", ", out);
            write_record(out, row->record, &selection->terms[i]);
            fputs(i + 1 == selection->count ? "]" : "", out);
        }
}

static void write_item(FILE *out, const struct key_row *row, const struct value_list *list,
                       size_t index) {
    if (row->type == KEY_RECORDS)
        write_record(out, row->record, (const char *)list->items + index * row->record->size);
    else if (row->type == KEY_SIDES)
        write_selection(out, row, (const struct node_selection *)list->items + index);
    else if (row->type == KEY_EXPECTS)
        write_text(out, ((const struct scenario_expectation *)list->items)[index].text);
    else
        write_text(out, ((const char *const *)list->items)[index]);
}

static void write_costs(FILE *out, const int64_t *costs) {
    const char *glue = "";
    fputc('{', out);
    for (unsigned i = 0; i < WORK_COUNT; i++) {
        if (costs[i] == UNSET)
            continue;
        fprintf(out, "%s%s: ", glue, work_name((enum work)i));
        write_quantity(out, costs[i], UNIT_DURATION);
        glue = ", ";
    }
    fputc('}', out);
}

/* The row's value on one line. */
static void write_flow(FILE *out, const struct key_row *row, const void *base) {
    const int64_t *numbers = field(base, row);
    struct value_list list;
    switch (row->type) {
    case KEY_NUMBER:
        if (row->choices != NULL && *numbers == row->word)
            fputs(row->choices[0], out);
        else
            write_quantity(out, *numbers, row->unit);
        break;
    case KEY_RANGE:
        fprintf(out, "%" PRId64 "..%" PRId64, numbers[0], numbers[1]);
        break;
    case KEY_CHOICE:
        fputs(row->choices[*(const unsigned *)field(base, row)], out);
        break;
    case KEY_RECORD:
        write_record(out, row->record, field(base, row));
        break;
    case KEY_COSTS:
        write_costs(out, numbers);
        break;
    case KEY_NODES:
        write_selection(out, row, get_selection(base, row));
        break;
    case KEY_RECORDS:
    case KEY_SIDES:
    case KEY_NAMES:
    case KEY_EXPECTS:
        memcpy(&list, field(base, row), sizeof list);
        fputc('[', out);
        for (size_t i = 0; i < list.count; i++) {
            bool fold = row->type != KEY_NAMES || i % NAMES_LINE == 0 ||
                        strlen(((const char *const *)list.items)[i]) > NAME_LONG;
            fputs(i == 0 ? "" : fold ? FOLD : ", ", out);
            write_item(out, row, &list, i);
        }
        fputc(']', out);
        break;
    default:
        write_text(out, get_text(base, row));
    }
}

/* A path may hold anything, also the end of a comment. */
static void write_place(FILE *out, const struct origin *origin) {
    char name[SOURCE_NAME_BYTES];
    snprintf(name, sizeof name, "%s", origin->name);
    text_clean(name);
    fprintf(out, "  # %s:%u", name, origin->line);
}

static void write_origin(FILE *out, const struct origin *origin) {
    if (origin->name == NULL)
        fputs("  # default", out);
    else if (strcmp(origin->name, SCENARIO_SETS) == 0)
        fputs("  # --set", out);
    else
        write_place(out, origin);
}

/* Opens the maps of @path that @previous has not opened: "city.batch.size" after "city.committee"
 * opens `batch:`. Returns the indentation of the last part. */
static int open_maps(FILE *out, const char *path, const char *previous) {
    int depth = 0;
    size_t common = 0;
    for (size_t i = 0; path[i] != '\0' && path[i] == previous[i]; i++)
        if (path[i] == '.')
            common = i + 1;
    for (const char *part = path, *dot; (dot = strchr(part, '.')) != NULL; part = dot + 1) {
        if ((size_t)(part - path) >= common)
            fprintf(out, "%*s%.*s:\n", 2 * depth, "", (int)(dot - part), part);
        depth++;
    }
    return 2 * depth;
}

/* A list of maps or bounds: one item a line. */
static void write_block(FILE *out, const struct key_row *row, const void *base, int indent) {
    struct value_list list;
    memcpy(&list, field(base, row), sizeof list);
    for (size_t i = 0; i < list.count; i++) {
        fprintf(out, "%*s- ", indent + 2, "");
        write_item(out, row, &list, i);
        fputc('\n', out);
    }
}

void scenario_write_resolved(const struct scenario *scenario, FILE *out, bool origins) {
    const char *previous = "";
    for (const struct key_row *row = scenario_keys; row->path != NULL; row++) {
        if (!has_value(row, scenario))
            continue;
        int indent = open_maps(out, row->path, previous);
        const char *dot = strrchr(row->path, '.');
        bool block = row->type == KEY_RECORDS || row->type == KEY_EXPECTS;
        fprintf(out, "%*s%s:", indent, "", dot != NULL ? dot + 1 : row->path);
        if (!block) {
            fputc(' ', out);
            write_flow(out, row, scenario);
        }
        if (origins)
            write_origin(out, &scenario->origins[key_index(row)]);
        fputc('\n', out);
        if (block)
            write_block(out, row, scenario, indent);
        previous = row->path;
    }
}
