/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/vary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "sim/report/text.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/suggest.h"

/* The option under way, and where its fault goes. */
struct reading {
    const char *option;
    char *message;
    size_t size;
    size_t *at;
};

#define FAIL(reading, where, ...)                                                                  \
    (snprintf((reading)->message, (reading)->size, __VA_ARGS__),                                   \
     *(reading)->at = (size_t)((where) - (reading)->option), ERR_INVALID)

static char *copy(const char *from, size_t length) {
    char *text = memory_new(length + 1, 1);
    memcpy(text, from, length);
    return text;
}

/* Where the part that starts at @at ends: at a comma outside of brackets and quotes, or at '+' before "key=". */
static const char *end_of(const char *at, bool with_plus) {
    int depth = 0;
    char quote = '\0';
    for (; *at != '\0'; at++) {
        if (quote != '\0') {
            quote = *at == quote ? '\0' : quote;
        } else if (*at == '"' || *at == '\'') {
            quote = *at;
        } else if (strchr("[{", *at) != NULL) {
            depth++;
        } else if (strchr("]}", *at) != NULL) {
            depth--;
        } else if (depth == 0 && *at == ',') {
            return at;
        } else if (depth == 0 && with_plus && *at == '+') {
            size_t word = strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_.");
            if (word > 0 && at[1 + word] == '=')
                return at;
        }
    }
    return at;
}

static void add_set(struct vary_value *value, const char *key, const char *from, size_t length) {
    struct text set = {0};
    text_format(&set, "%s%.*s", key, (int)length, from);
    value->sets = memory_resize(value->sets, value->set_count + 1, sizeof *value->sets);
    value->sets[value->set_count++] = set.bytes;
}

/* One value with what it brings along. */
static int read_value(const struct reading *reading, struct vary_axis *axis, const char *from,
                      const char *end) {
    struct vary_value *value = &axis->values[axis->value_count];
    const char *part = end_of(from, true);
    if (part == from)
        return FAIL(reading, from, "a value is missing");
    for (size_t i = 0; i < axis->value_count; i++)
        if (strlen(axis->values[i].label) == (size_t)(end - from) &&
            strncmp(axis->values[i].label, from, (size_t)(end - from)) == 0)
            return FAIL(reading, from, "this value stands there twice");
    *value = (struct vary_value){.text = copy(from, (size_t)(part - from)),
                                 .label = copy(from, (size_t)(end - from))};
    axis->value_count++;
    char key[128];
    snprintf(key, sizeof key, "%s=", axis->key);
    add_set(value, key, from, (size_t)(part - from));
    while (part < end) {
        const char *next = end_of(part + 1, true);
        add_set(value, "", part + 1, (size_t)(next - part - 1));
        part = next;
    }
    return OK;
}

/* What cannot be varied, for it is how variants are paired. */
static bool is_pairing(const char *key) {
    return strcmp(key, "seed") == 0 || strcmp(key, "repetitions") == 0;
}

static int read_key(const struct reading *reading, struct vary_axis *axis) {
    const char *equals = strchr(reading->option, '=');
    if (equals == NULL || equals == reading->option)
        return FAIL(reading, reading->option,
                    "expected KEY=VALUE,VALUE, such as city.consensus=pbft,hotstuff");
    if (equals - reading->option > 100)
        return FAIL(reading, reading->option, "no key is so long");
    axis->called = copy(reading->option, (size_t)(equals - reading->option));
    axis->key = copy(axis->called, strlen(axis->called));
    if (is_pairing(axis->key))
        return FAIL(reading, reading->option,
                    "'%s' says which runs are pairs, and cannot be varied; see --seeds", axis->key);
    if (strcmp(axis->key, "n") == 0 || key_find(axis->key) < SCENARIO_KEYS)
        return OK;
    struct suggestion near;
    suggestion_init(&near, axis->key);
    for (const struct key_row *row = scenario_keys; row->path != NULL; row++)
        suggestion_offer(&near, row->path);
    return near.found ? FAIL(reading, reading->option, "unknown key '%.48s'; did you mean '%s'?",
                             axis->key, near.best)
                      : FAIL(reading, reading->option,
                             "unknown key '%.48s'; see `tierchain list keys`", axis->key);
}

static int read_values(const struct reading *reading, struct vary_axis *axis) {
    const char *from = strchr(reading->option, '=') + 1;
    for (;; from++) {
        const char *end = end_of(from, false);
        if (axis->value_count == VARY_VALUES)
            return FAIL(reading, from, "more than %d values", VARY_VALUES);
        if (read_value(reading, axis, from, end) != OK)
            return ERR_INVALID;
        if (*end == '\0')
            break;
        from = end;
    }
    return axis->value_count > 1 ? OK
                                 : FAIL(reading, strchr(reading->option, '=') + 1,
                                        "there must be two values at least, separated by commas");
}

/* The committees whose sizes there are keys for. */
static const char *const sizes[] = {"city.committee", "continent.committee"};

/* What "n" is short for: the size of the one committee that the other axes are about. */
static int resolve_n(const struct vary *vary, struct vary_axis *axis,
                     const struct reading *reading) {
    size_t found = ARRAY_LEN(sizes);
    for (size_t s = 0; s < ARRAY_LEN(sizes); s++)
        for (size_t a = 0; a < vary->axis_count; a++) {
            size_t tier = (size_t)(strchr(sizes[s], '.') - sizes[s]) + 1;
            if (strncmp(vary->axes[a].key, sizes[s], tier) != 0)
                continue;
            if (found < ARRAY_LEN(sizes) && found != s)
                return FAIL(reading, reading->option,
                            "'n' may be city.committee or continent.committee: both tiers are "
                            "varied, so say which");
            found = s;
        }
    if (found == ARRAY_LEN(sizes))
        return FAIL(
            reading, reading->option,
            "'n' may be city.committee or continent.committee: say which, or vary something "
            "else of one of the two");
    free(axis->key);
    axis->key = copy(sizes[found], strlen(sizes[found]));
    for (size_t v = 0; v < axis->value_count; v++) {
        struct text set = {0};
        text_format(&set, "%s=%s", axis->key, axis->values[v].text);
        free(axis->values[v].sets[0]);
        axis->values[v].sets[0] = set.bytes;
    }
    return OK;
}

static int read_axis(struct vary *vary, const struct reading *reading) {
    struct vary_axis *axis = &vary->axes[vary->axis_count];
    if (vary->axis_count == VARY_AXES)
        return FAIL(reading, reading->option, "more than %d --vary", VARY_AXES);
    vary->axis_count++;
    if (read_key(reading, axis) != OK || read_values(reading, axis) != OK)
        return ERR_INVALID;
    vary->variant_count *= axis->value_count;
    if (vary->variant_count > VARY_VARIANTS)
        return FAIL(reading, reading->option, "more than %d variants", VARY_VARIANTS);
    return OK;
}

int vary_parse(struct vary *vary, const char *const *options, size_t count, char *message,
               size_t size, size_t *bad, size_t *at) {
    *vary = (struct vary){.variant_count = 1};
    for (*bad = 0; *bad < count; (*bad)++) {
        const struct reading reading = {options[*bad], message, size, at};
        if (read_axis(vary, &reading) != OK)
            return ERR_INVALID;
    }
    for (*bad = 0; *bad < count; (*bad)++) {
        const struct reading reading = {options[*bad], message, size, at};
        struct vary_axis *axis = &vary->axes[*bad];
        if (strcmp(axis->key, "n") == 0 && resolve_n(vary, axis, &reading) != OK)
            return ERR_INVALID;
        for (size_t a = 0; a < *bad; a++)
            if (strcmp(vary->axes[a].key, axis->key) == 0)
                return FAIL(&reading, options[*bad], "'%s' is varied twice", axis->key);
    }
    return OK;
}

void vary_deinit(struct vary *vary) {
    for (size_t a = 0; a < vary->axis_count; a++) {
        struct vary_axis *axis = &vary->axes[a];
        for (size_t v = 0; v < axis->value_count; v++) {
            for (size_t s = 0; s < axis->values[v].set_count; s++)
                free(axis->values[v].sets[s]);
            free(axis->values[v].sets);
            free(axis->values[v].text);
            free(axis->values[v].label);
        }
        free(axis->key);
        free(axis->called);
    }
    *vary = (struct vary){0};
}

const struct vary_value *vary_value(const struct vary *vary, size_t variant, size_t axis) {
    for (size_t a = vary->axis_count; --a > axis;)
        variant /= vary->axes[a].value_count;
    return &vary->axes[axis].values[variant % vary->axes[axis].value_count];
}

size_t vary_set_count(const struct vary *vary) {
    size_t sum = 0;
    for (size_t a = 0; a < vary->axis_count; a++) {
        size_t most = 0;
        for (size_t v = 0; v < vary->axes[a].value_count; v++)
            most = size_max(most, vary->axes[a].values[v].set_count);
        sum += most;
    }
    return sum;
}

size_t vary_sets(const struct vary *vary, size_t variant, const char **sets) {
    size_t count = 0;
    for (size_t a = 0; a < vary->axis_count; a++) {
        const struct vary_value *value = vary_value(vary, variant, a);
        for (size_t s = 0; s < value->set_count; s++)
            sets[count++] = value->sets[s];
    }
    return count;
}

void vary_letter(size_t variant, char letter[VARY_LETTERS]) {
    if (variant < 26)
        snprintf(letter, VARY_LETTERS, "%c", (char)('A' + variant));
    else
        snprintf(letter, VARY_LETTERS, "%c%c", (char)('A' + (variant / 26 - 1) % 26),
                 (char)('A' + variant % 26));
}

char *vary_label(const struct vary *vary, size_t variant) {
    struct text label = {0};
    text_add(&label, "");
    for (size_t a = 0; a < vary->axis_count; a++)
        text_format(&label, "%s%s=%s", a > 0 ? " " : "", vary->axes[a].called,
                    vary_value(vary, variant, a)->label);
    return label.bytes;
}
