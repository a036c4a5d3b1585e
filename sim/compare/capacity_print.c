/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a search for limits has found: for people, as CSV, as JSON. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "sim/compare/capacity.h"
#include "sim/report/csv.h"
#include "sim/report/json.h"

/* A variant's limits and what follows. */
struct limit {
    double *values;
    size_t n, none, beyond; /* searches that ended; of these: bound never kept, never broken */
    struct estimate mean;
    struct paired from_first;
    double p_holm;
};

static struct limit limit_of(const struct capacity *capacity, size_t variant) {
    struct limit limit = {.values = capacity_limits(capacity, variant), .p_holm = NAN};
    double *kept = memory_new(capacity->seed_count, sizeof *kept);
    for (size_t s = 0; s < capacity->seed_count; s++) {
        if (isnan(limit.values[s]))
            continue;
        limit.none += limit.values[s] == 0;
        limit.beyond += isinf(limit.values[s]) != 0;
        kept[limit.n++] = limit.values[s];
    }
    limit.mean = estimate_mean(kept, limit.beyond > 0 ? 0 : limit.n);
    free(kept);
    return limit;
}

static struct limit *limits_of_all(const struct capacity *capacity) {
    size_t count = capacity->study->variant_count;
    struct limit *limits = memory_new(count, sizeof *limits);
    double *p = memory_new(count, sizeof *p), *adjusted = memory_new(count, sizeof *adjusted);
    for (size_t v = 0; v < count; v++) {
        limits[v] = limit_of(capacity, v);
        limits[v].from_first =
            paired_compare(limits[0].values, limits[v].values, capacity->seed_count);
        p[v] = v > 0 ? limits[v].from_first.p : NAN;
    }
    holm_adjust(p, count, adjusted);
    for (size_t v = 0; v < count; v++)
        limits[v].p_holm = adjusted[v];
    free(p);
    free(adjusted);
    return limits;
}

static void free_limits(struct limit *limits, size_t count) {
    for (size_t v = 0; v < count; v++)
        free(limits[v].values);
    free(limits);
}

static void print_limit(const struct capacity *capacity, const struct limit *limit,
                        struct text *out) {
    if (limit->n == 0)
        text_add(out, "not known");
    else if (limit->beyond > 0)
        text_format(out, "never broken, in %zu of %zu seeds", limit->beyond, limit->n);
    else if (limit->n == 1)
        text_format(out, "%.4g/s", limit->mean.mean);
    else
        text_format(out, "%.4g ± %.3g /s", limit->mean.mean, limit->mean.half_width);
    if (limit->none > 0)
        text_format(out, " (never kept, in %zu of %zu seeds)", limit->none, limit->n);
    if (limit->n < capacity->seed_count)
        text_format(out, " (%zu of %zu searches did not end)", capacity->seed_count - limit->n,
                    capacity->seed_count);
}

static void print_difference(const struct capacity *capacity, size_t variant,
                             const struct limit *limit, struct text *out) {
    const struct paired *paired = &limit->from_first;
    text_format(out, "%-4s", capacity->study->variants[variant].letter);
    if (paired->open > 0)
        text_format(out, "open in %zu of %zu pairs", paired->open, paired->n);
    else
        text_format(out, "%+.4g/s (%+.1f %%), 95 %% in %+.4g … %+.4g", paired->mean,
                    100 * paired->mean / paired->base, paired->low, paired->high);
    if (!isnan(limit->p_holm))
        text_format(out, limit->p_holm < 0.0001 ? "  p < 0.0001" : "  p = %.4f", limit->p_holm);
    text_add(out, limit->p_holm < PAIRED_LEVEL ? " *\n" : "\n");
}

void capacity_print(const struct capacity *capacity, struct text *out) {
    const struct study *study = capacity->study;
    struct limit *limits = limits_of_all(capacity);
    char below[MEASURE_TEXT_BYTES];
    measure_format(measure_at(capacity->measure), capacity->below, below);
    text_format(
        out,
        "%s: the highest workload.rate that keeps %s at or below %s; %zu seeds, each searched "
        "to %g %%;\nmeans over seeds and their 95 %% intervals; %zu runs\n",
        study->name, measure_at(capacity->measure)->name, below, capacity->seed_count,
        100 * SEARCH_PRECISION, capacity->trial_count);
    for (size_t v = 0; v < study->variant_count; v++) {
        text_format(out, "  %-3s ", study->variants[v].letter);
        print_limit(capacity, &limits[v], out);
        text_format(out, "%s%s\n", study->variants[v].label[0] != '\0' ? "   " : "",
                    study->variants[v].label);
    }
    if (study->variant_count > 1)
        text_format(out,
                    "difference from %s, paired by seed; *: p < %.2f after Holm's correction\n",
                    study->variants[0].letter, PAIRED_LEVEL);
    for (size_t v = 1; v < study->variant_count; v++)
        print_difference(capacity, v, &limits[v], out);
    free_limits(limits, study->variant_count);
}

void capacity_csv(const struct capacity *capacity, struct text *out) {
    text_add(out, "variant,label,seed,kept_per_s,broken_per_s,done\n");
    for (size_t v = 0; v < capacity->study->variant_count; v++)
        for (size_t s = 0; s < capacity->seed_count; s++) {
            const struct search *search = &capacity->searches[v * capacity->seed_count + s];
            text_format(out, "%s,", capacity->study->variants[v].letter);
            csv_field(out, capacity->study->variants[v].label);
            text_format(out, ",%" PRIu64 ",", capacity->seeds[s]);
            if (isfinite(search->kept))
                text_format(out, "%.17g", search->kept);
            text_add(out, ",");
            if (isfinite(search->broken))
                text_format(out, "%.17g", search->broken);
            text_format(out, ",%d\n", search->done);
        }
}

void capacity_csv_trials(const struct capacity *capacity, struct text *out) {
    text_add(out, "variant,seed,rate_per_s,value,unit,kept\n");
    for (size_t t = 0; t < capacity->trial_count; t++) {
        const struct trial *trial = &capacity->trials[t];
        text_format(out, "%s,%" PRIu64 ",%.17g,", capacity->study->variants[trial->variant].letter,
                    capacity->seeds[trial->seed], trial->rate);
        if (isfinite(trial->value))
            text_format(out, "%.17g", trial->value);
        text_format(out, ",%s,%d\n", measure_at(capacity->measure)->unit, trial->kept);
    }
}

static void put_variant(struct json *json, const struct capacity *capacity, size_t variant,
                        const struct limit *limit) {
    json_open(json, NULL, '{');
    json_put_string(json, "variant", capacity->study->variants[variant].letter);
    json_put_string(json, "label", capacity->study->variants[variant].label);
    json_put_double(json, "limit_per_s",
                    limit->beyond > 0 || limit->n == 0 ? NAN : limit->mean.mean);
    json_put_double(json, "half_width_per_s", limit->beyond > 0 ? NAN : limit->mean.half_width);
    json_put_unsigned(json, "searches", limit->n);
    json_put_unsigned(json, "never_kept", limit->none);
    json_put_unsigned(json, "never_broken", limit->beyond);
    json_put_double(json, "difference_per_s", variant > 0 ? limit->from_first.mean : NAN);
    json_put_double(json, "difference_low_per_s", variant > 0 ? limit->from_first.low : NAN);
    json_put_double(json, "difference_high_per_s", variant > 0 ? limit->from_first.high : NAN);
    json_put_double(json, "p_holm", limit->p_holm);
    json_close(json, '}');
}

void capacity_json(const struct capacity *capacity, struct text *out) {
    struct limit *limits = limits_of_all(capacity);
    struct json json;
    json_init(&json, out);
    json_open(&json, NULL, '{');
    json_put_string(&json, "scenario", capacity->study->name);
    json_put_string(&json, "measure", measure_at(capacity->measure)->name);
    json_put_string(&json, "unit", measure_at(capacity->measure)->unit);
    json_put_double(&json, "below", capacity->below);
    json_put_double(&json, "precision", SEARCH_PRECISION);
    json_put_unsigned(&json, "seeds", capacity->seed_count);
    json_put_unsigned(&json, "runs", capacity->trial_count);
    json_open(&json, "variants", '[');
    for (size_t v = 0; v < capacity->study->variant_count; v++)
        put_variant(&json, capacity, v, &limits[v]);
    json_close(&json, ']');
    json_close(&json, '}');
    free_limits(limits, capacity->study->variant_count);
}
