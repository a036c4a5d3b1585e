/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/schema.h"

#include <string.h>

#include "env/work.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/scenario.h"

static void write_rows(FILE *out, const struct key_row *rows, const char *prefix, int depth);

static void indent(FILE *out, int depth) {
    fprintf(out, "\n%*s", 2 * depth, "");
}

static void write_string(FILE *out, const char *text) {
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

/* A number with a unit is a string; one without may also be a JSON number. */
static void write_number(FILE *out, const struct key_row *row) {
    char pattern[240];
    quantity_pattern(row->unit, pattern, sizeof pattern);
    bool plain = row->unit == UNIT_COUNT || row->unit == UNIT_FACTOR;
    fprintf(out, "\"anyOf\": [{\"type\": \"string\", \"pattern\": \"%s\"}", pattern);
    /* JSON's numbers are doubles to most readers: larger bounds would be rounded. */
    int64_t scale = row->unit == UNIT_FACTOR ? MILLION : 1;
    if (plain && row->max / scale < INT64_C(1) << 53)
        fprintf(out, ", {\"type\": \"%s\", \"minimum\": %g, \"maximum\": %.17g}",
                scale == 1 ? "integer" : "number", (double)row->min / (double)scale,
                (double)row->max / (double)scale);
    else if (plain)
        fprintf(out, ", {\"type\": \"integer\", \"minimum\": %g}", (double)row->min);
    if (row->choices != NULL)
        fprintf(out, ", {\"const\": \"%s\"}", row->choices[0]);
    fputs("]", out);
}

/* Editors read such a word as YAML's truth value. */
static bool is_boolean(const char *word) {
    return strcmp(word, "false") == 0 || strcmp(word, "true") == 0;
}

static void write_choices(FILE *out, const struct key_row *row) {
    fputs("\"enum\": [", out);
    for (size_t i = 0; row->choices[i] != NULL; i++)
        fprintf(out, "%s\"%s\"%s%s", i > 0 ? ", " : "", row->choices[i],
                is_boolean(row->choices[i]) ? ", " : "",
                is_boolean(row->choices[i]) ? row->choices[i] : "");
    fputs("]", out);
}

static void write_costs(FILE *out) {
    char pattern[240];
    quantity_pattern(UNIT_DURATION, pattern, sizeof pattern);
    fputs("\"type\": \"object\", \"additionalProperties\": false, \"properties\": {", out);
    for (unsigned i = 0; i < WORK_COUNT; i++)
        fprintf(out, "%s\"%s\": {\"type\": \"string\", \"pattern\": \"%s\"}", i > 0 ? ", " : "",
                work_name((enum work)i), pattern);
    fputs("}", out);
}

static void write_term(FILE *out, const struct key_row *row, int depth) {
    fputs("{\"type\": \"string\"}, {", out);
    write_rows(out, row->record->rows, "", depth + 1);
    fputs("}", out);
}

/* A place, a map, or a list of both. */
static void write_selection(FILE *out, const struct key_row *row, int depth) {
    fputs("\"anyOf\": [", out);
    write_term(out, row, depth);
    fputs(", {\"type\": \"array\", \"minItems\": 1, \"items\": {\"anyOf\": [", out);
    write_term(out, row, depth);
    fputs("]}}]", out);
}

static void write_row(FILE *out, const struct key_row *row, int depth) {
    char range[KEY_RANGE_BYTES];
    char help[400];
    key_range_text(row, range);
    int used = snprintf(help, sizeof help, "%s", row->help);
    if (strcmp(range, "-") != 0)
        snprintf(help + used, sizeof help - (size_t)used, " (%s)", range);
    fputs("{\"description\": ", out);
    write_string(out, help);
    if (row->fallback != NULL) {
        fputs(", \"default\": ", out);
        write_string(out, row->fallback);
    }
    fputs(", ", out);
    switch (row->type) {
    case KEY_NUMBER:
        write_number(out, row);
        break;
    case KEY_NAME:
    case KEY_CHOICE:
        write_choices(out, row);
        break;
    case KEY_RANGE:
        fputs("\"type\": [\"string\", \"integer\"]", out);
        break;
    case KEY_NAMES:
    case KEY_EXPECTS:
        fputs("\"type\": \"array\", \"items\": {\"type\": \"string\"}", out);
        break;
    case KEY_RECORDS:
        fputs("\"type\": \"array\", \"items\": {", out);
        write_rows(out, row->record->rows, "", depth + 1);
        fputs("}", out);
        break;
    case KEY_RECORD:
        write_rows(out, row->record->rows, "", depth + 1);
        break;
    case KEY_NODES:
        write_selection(out, row, depth);
        break;
    case KEY_SIDES:
        fputs("\"type\": \"array\", \"items\": {", out);
        write_selection(out, row, depth);
        fputs("}", out);
        break;
    case KEY_COSTS:
        write_costs(out);
        break;
    default:
        fputs("\"type\": \"string\"", out);
    }
    fputs("}", out);
}

/* An object's members below @prefix; a group of dotted keys becomes an object of its own. */
static void write_rows(FILE *out, const struct key_row *rows, const char *prefix, int depth) {
    const char *glue = "";
    size_t skip = strlen(prefix), done_length = 0;
    const char *done = "";
    fputs("\"type\": \"object\", \"additionalProperties\": false, "
          "\"patternProperties\": {\"^x-\": {}}, \"properties\": {",
          out);
    if (rows == scenario_keys && skip == 0) {
        indent(out, depth + 1);
        fputs("\"include\": {\"type\": [\"string\", \"array\"], \"items\": {\"type\": \"string\"}}",
              out);
        glue = ",";
    }
    for (const struct key_row *row = rows; row->path != NULL; row++) {
        const char *name = row->path + skip;
        if (strncmp(row->path, prefix, skip) != 0)
            continue;
        size_t length = strcspn(name, ".");
        if (length == done_length && memcmp(name, done, length) == 0)
            continue;
        fputs(glue, out);
        indent(out, depth + 1);
        fprintf(out, "\"%.*s\": ", (int)length, name);
        if (name[length] == '.') {
            char inner[96];
            snprintf(inner, sizeof inner, "%.*s", (int)(skip + length + 1), row->path);
            fputc('{', out);
            write_rows(out, rows, inner, depth + 1);
            fputc('}', out);
        } else {
            write_row(out, row, depth + 1);
        }
        done = name;
        done_length = length;
        glue = ",";
    }
    fputc('}', out);
    glue = "";
    if (prefix[0] != '\0')
        return;
    fputs(", \"required\": [", out);
    for (const struct key_row *row = rows; row->path != NULL; row++) {
        if (!row->required || rows == scenario_keys)
            continue;
        fprintf(out, "%s\"%s\"", glue, row->path);
        glue = ", ";
    }
    fputs("]", out);
}

/* The scenario's own required keys may come from an include, which a schema can't follow. */
void schema_write(FILE *out) {
    fputs("{\"$schema\": \"http://json-schema.org/draft-07/schema#\",\n"
          " \"title\": \"tierchain scenario\",\n ",
          out);
    write_rows(out, scenario_keys, "", 1);
    fputs("}\n", out);
}
