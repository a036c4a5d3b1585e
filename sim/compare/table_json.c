/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * compare.json. Values are in the measure's unit, which each names; null: nothing, or open. Seeds and hashes
 * are strings, since most readers keep only 53 bits of a number. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "sim/compare/reason.h"
#include "sim/compare/table.h"
#include "sim/report/json.h"

static void put_hex(struct json *json, const char *key, uint64_t value) {
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, value);
    json_put_string(json, key, text);
}

static void put_seed(struct json *json, uint64_t seed) {
    char text[21];
    snprintf(text, sizeof text, "%" PRIu64, seed);
    json_put_string(json, "seed", text);
}

static void put_difference(struct json *json, const struct cell *cell) {
    const struct paired *paired = &cell->from_first;
    json_open(json, "difference", '{');
    json_put_double(json, "mean", paired->mean);
    json_put_double(json, "low", paired->low);
    json_put_double(json, "high", paired->high);
    json_put_double(json, "relative", cell_relative(cell));
    json_put_unsigned(json, "pairs", paired->n);
    json_put_unsigned(json, "open_pairs", paired->open);
    json_put_string(json, "test", paired_test_name(paired->test));
    json_put_double(json, "p", paired->p);
    json_put_double(json, "p_holm", cell->p_holm);
    json_put_bool(json, "significant", cell_significant(cell));
    json_close(json, '}');
}

static void put_measures(struct json *json, const struct study *study, size_t variant) {
    json_open(json, "measures", '{');
    for (size_t m = 0; m < measure_count(); m++) {
        const struct cell *cell = study_cell(study, variant, m);
        if (cell->n == 0)
            continue;
        json_open(json, measure_at(m)->name, '{');
        json_put_string(json, "unit", measure_at(m)->unit);
        json_put_unsigned(json, "runs", cell->n);
        json_put_unsigned(json, "open_runs", cell->open);
        json_put_double(json, "mean", cell->open > 0 ? NAN : cell->own.mean);
        json_put_double(json, "half_width", cell->open > 0 ? NAN : cell->own.half_width);
        if (variant > 0)
            put_difference(json, cell);
        json_close(json, '}');
    }
    json_close(json, '}');
}

static void put_variant(struct json *json, const struct study *study, size_t variant) {
    const struct variant *about = &study->variants[variant];
    json_open(json, NULL, '{');
    json_put_string(json, "variant", about->letter);
    json_put_string(json, "label", about->label);
    json_open(json, "runs", '[');
    for (size_t r = 0; r < about->run_count; r++) {
        json_open(json, NULL, '{');
        put_seed(json, about->runs[r].seed);
        json_put_bool(json, "complete", about->runs[r].there);
        put_hex(json, "trace_hash", about->runs[r].trace_hash);
        json_put_unsigned(json, "violations", about->runs[r].violations);
        json_close(json, '}');
    }
    json_close(json, ']');
    put_measures(json, study, variant);
    reason_json(about, json);
    json_close(json, '}');
}

void table_json(const struct study *study, const struct bound *bounds, size_t bound_count,
                struct text *out) {
    struct json json;
    json_init(&json, out);
    json_open(&json, NULL, '{');
    json_put_string(&json, "scenario", study->name);
    json_put_string(&json, "main", study->main->name);
    json_put_bool(&json, "paired", !study->unpaired);
    json_put_double(&json, "level", PAIRED_LEVEL);
    json_put_unsigned(&json, "tests", study->tests);
    json_open(&json, "variants", '[');
    for (size_t v = 0; v < study->variant_count; v++)
        put_variant(&json, study, v);
    json_close(&json, ']');
    bounds_json(bounds, bound_count, study, &json);
    json_close(&json, '}');
}
