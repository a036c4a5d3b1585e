/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/keys.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "hold/audit.h"
#include "models/machine.h"
#include "sim/scenario/scenario.h"
#include "tier/batch.h"

#define AT(field)    offsetof(struct scenario, field)
#define CHOICES(...) ((const char *const[]){__VA_ARGS__, NULL})

#define DAY       (24 * 3600 * NS_PER_S)
#define TERABIT   INT64_C(1000000000000)
#define RATE_MAX  (INT64_C(1000000) * MILLION)
#define DRIFT_MAX INT64_C(1000000) /* 1000 ppm, of which models/clock.h is valid */

#define CONSENSUS    CHOICES("pbft", "hotstuff", "hotstuff-sticky", "honeybadger")
#define CERTIFICATES CHOICES("list", "aggregate", "frost")
#define LEADERS      CHOICES("round-robin", "random", "sticky")

#define KEY(path_, type_, field, help_, ...)                                                       \
    {.path = path_, .type = KEY_##type_, .offset = AT(field), .help = help_, __VA_ARGS__},

const struct key_row scenario_keys[] = {
#include "sim/scenario/keys.def"
    {0},
};

/* A holder has one piece, and the arrays of a transaction have a place for each candidate. */
_Static_assert(LIMIT_CANDIDATES <= LIMIT_PIECES, "pieces are at most the candidates");

_Static_assert(ARRAY_LEN(scenario_keys) <= SCENARIO_KEYS, "an origin for every key");

size_t key_index(const struct key_row *row) {
    return (size_t)(row - scenario_keys);
}

size_t key_find(const char *path) {
    for (size_t i = 0; scenario_keys[i].path != NULL; i++)
        if (strcmp(scenario_keys[i].path, path) == 0)
            return i;
    return SCENARIO_KEYS;
}

void key_range_text(const struct key_row *row, char out[KEY_RANGE_BYTES]) {
    char low[QUANTITY_BYTES], high[QUANTITY_BYTES];
    bool list = row->type == KEY_RECORDS || row->type == KEY_NAMES || row->type == KEY_EXPECTS;
    snprintf(out, KEY_RANGE_BYTES, "-");
    if (row->type == KEY_NUMBER) {
        quantity_format(row->min, row->unit, low);
        quantity_format(row->max, row->unit, high);
        snprintf(out, KEY_RANGE_BYTES, "%s..%s", low, high);
    } else if (list) {
        snprintf(out, KEY_RANGE_BYTES, "%d..%d items", (int)row->min, (int)row->max);
    }
}

void key_type_text(const struct key_row *row, char *out, size_t size) {
    static const char *const names[] = {[KEY_TEXT] = "text",
                                        [KEY_COMPONENT] = "name of a file",
                                        [KEY_PLACE] = "place",
                                        [KEY_FILE] = "file",
                                        [KEY_RANGE] = "range",
                                        [KEY_NAMES] = "list of places",
                                        [KEY_RECORD] = "map",
                                        [KEY_RECORDS] = "list of maps",
                                        [KEY_NODES] = "place, map, or list of them",
                                        [KEY_SIDES] = "list of such",
                                        [KEY_EXPECTS] = "list of bounds",
                                        [KEY_COSTS] = "map",
                                        [KEY_NUMBER] = "",
                                        [KEY_NAME] = "",
                                        [KEY_CHOICE] = ""};
    const char *noun = row->type == KEY_NUMBER ? quantity_noun(row->unit) : names[row->type];
    const char *article = strchr(noun, ' ');
    size_t at = (size_t)snprintf(out, size, "%s",
                                 row->type == KEY_NUMBER && article != NULL ? article + 1 : noun);
    for (size_t i = 0; row->choices != NULL && row->choices[i] != NULL && at < size; i++)
        at += (size_t)snprintf(out + at, size - at, "%s%s", at > 0 ? "|" : "", row->choices[i]);
}
