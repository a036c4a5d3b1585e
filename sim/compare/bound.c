/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/compare/bound.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "sim/report/page.h"
#include "sim/scenario/suggest.h"

static int parse_measure(const char *name, struct bound *bound, char *message, size_t size) {
    struct suggestion near;
    suggestion_init(&near, name);
    bound->measure = measure_find(name);
    if (bound->measure < measure_count())
        return OK;
    for (size_t m = 0; m < measure_count(); m++)
        suggestion_offer(&near, measure_at(m)->name);
    if (metric_find(name) != NULL)
        snprintf(message, size,
                 "'%.40s' is a distribution; say which value: %.40s.p99, .p50, .mean …", name,
                 name);
    else if (near.found)
        snprintf(message, size, "unknown measure '%.40s'; did you mean '%s'?", name, near.best);
    else
        snprintf(message, size, "unknown measure '%.40s'; `tierchain list measures` shows all",
                 name);
    return ERR_INVALID;
}

/* @text stands behind the sign. */
static int parse_limit(const char *text, bool negative, struct bound *bound, char *message,
                       size_t size) {
    int64_t value;
    bound->relative = strchr(text, '%') != NULL;
    enum unit_kind kind = bound->relative ? UNIT_SHARE : measure_at(bound->measure)->kind;
    if (kind == UNIT_SHARE && !bound->relative) {
        snprintf(message, size, "the limit of a share is relative: give a percentage");
        return ERR_INVALID;
    }
    if (quantity_parse(text, kind, &value, message, size) != OK)
        return ERR_INVALID;
    bound->limit = (double)value * (negative ? -1 : 1) / (bound->relative ? PPM : 1);
    return OK;
}

int bound_parse(const char *text, struct bound *bound, char *message, size_t size, size_t *at) {
    char name[MEASURE_NAME_BYTES + 16];
    const char *start = text + strspn(text, " \t");
    size_t length = strcspn(start, " \t<>=+-");
    const char *sign = start + length + strspn(start + length, " \t");
    *bound = (struct bound){.text = text, .above = *sign == '>'};
    *at = (size_t)(start - text);
    if (length == 0 || length >= sizeof name) {
        snprintf(message, size, "expected a measure, such as in 'felt.p99 > +5 %%'");
        return ERR_INVALID;
    }
    snprintf(name, sizeof name, "%.*s", (int)length, start);
    if (parse_measure(name, bound, message, size) != OK)
        return ERR_INVALID;
    *at = (size_t)(sign - text);
    if ((*sign != '>' && *sign != '<') || sign[1] == '=') {
        snprintf(message, size, "expected > or <");
        return ERR_INVALID;
    }
    const char *limit = sign + 1 + strspn(sign + 1, " \t");
    *at = (size_t)(limit - text);
    if (*limit != '+' && *limit != '-') {
        snprintf(message, size, "a difference has a sign: +5 %%, -2 ms");
        return ERR_INVALID;
    }
    return parse_limit(limit + 1 + strspn(limit + 1, " \t"), *limit == '-', bound, message, size);
}

/* The difference in the limit's own measure. From nothing every step is endless. */
static double difference(const struct bound *bound, const struct paired *paired) {
    if (!bound->relative || paired->mean == 0)
        return paired->mean;
    return paired->base != 0 ? paired->mean / fabs(paired->base) : copysign(INFINITY, paired->mean);
}

static enum bound_outcome judge_order(const struct bound *bound, const struct paired *paired) {
    bool beyond = bound->above ? paired->above > paired->below : paired->below > paired->above;
    if (!beyond)
        return paired->above == paired->below ? BOUND_UNDECIDED : BOUND_KEPT;
    return paired->p < PAIRED_LEVEL ? BOUND_BROKEN : BOUND_UNDECIDED;
}

enum bound_outcome bound_judge(const struct bound *bound, const struct cell *cell) {
    const struct paired *paired = &cell->from_first;
    if (paired->test == TEST_NONE)
        return BOUND_UNKNOWN;
    if (paired->test == TEST_SIGN)
        return judge_order(bound, paired);
    double by = difference(bound, paired);
    if (bound->above ? by <= bound->limit : by >= bound->limit)
        return BOUND_KEPT;
    return paired->low > 0 || paired->high < 0 ? BOUND_BROKEN : BOUND_UNDECIDED;
}

const char *bound_outcome_name(enum bound_outcome outcome) {
    static const char *const names[] = {"kept", "undecided", "BROKEN", "nothing to judge"};
    return names[outcome];
}

static bool fails(enum bound_outcome outcome) {
    return outcome == BOUND_BROKEN || outcome == BOUND_UNKNOWN;
}

size_t bounds_failed(const struct bound *bounds, size_t count, const struct study *study) {
    size_t failed = 0;
    for (size_t b = 0; b < count; b++)
        for (size_t v = 1; v < study->variant_count; v++)
            failed += fails(bound_judge(&bounds[b], study_cell(study, v, bounds[b].measure)));
    return failed;
}

/* "+4.735 ms (+22.65 %), 95 % +4.730 ms … +4.740 ms, 10 pairs" */
static void describe(const struct bound *bound, const struct cell *cell, struct text *out) {
    const struct measure *measure = measure_at(bound->measure);
    const struct paired *paired = &cell->from_first;
    char mean[MEASURE_TEXT_BYTES], low[MEASURE_TEXT_BYTES], high[MEASURE_TEXT_BYTES];
    if (paired->test == TEST_SIGN) {
        text_format(out, "open in %zu of %zu pairs; %zu larger, %zu smaller", paired->open,
                    paired->n, paired->above, paired->below);
        return;
    }
    measure_format_difference(measure, paired->mean, mean);
    measure_format_difference(measure, paired->low, low);
    measure_format_difference(measure, paired->high, high);
    text_format(out, "difference %s", mean);
    if (isfinite(cell_relative(cell)))
        text_format(out, " (%+.2f %%)", 100 * cell_relative(cell));
    if (paired->test != TEST_NONE)
        text_format(out, ", 95 %% in %s … %s", low, high);
    text_format(out, ", %zu %s", paired->n, paired->test == TEST_WELCH ? "runs each" : "pairs");
}

void bounds_print(const struct bound *bounds, size_t count, const struct study *study,
                  struct text *out) {
    for (size_t b = 0; b < count; b++)
        for (size_t v = 1; v < study->variant_count; v++) {
            const struct cell *cell = study_cell(study, v, bounds[b].measure);
            text_format(out, "  %-16s %s  fail-if %s  (",
                        bound_outcome_name(bound_judge(&bounds[b], cell)),
                        study->variants[v].letter, bounds[b].text);
            describe(&bounds[b], cell, out);
            text_add(out, ")\n");
        }
}

void bounds_json(const struct bound *bounds, size_t count, const struct study *study,
                 struct json *json) {
    json_open(json, "bounds", '[');
    for (size_t b = 0; b < count; b++)
        for (size_t v = 1; v < study->variant_count; v++) {
            const struct cell *cell = study_cell(study, v, bounds[b].measure);
            enum bound_outcome outcome = bound_judge(&bounds[b], cell);
            json_open(json, NULL, '{');
            json_put_string(json, "fail_if", bounds[b].text);
            json_put_string(json, "variant", study->variants[v].letter);
            json_put_string(json, "measure", measure_at(bounds[b].measure)->name);
            json_put_bool(json, "relative", bounds[b].relative);
            json_put_double(json, "limit", bounds[b].limit);
            json_put_double(json, "difference", difference(&bounds[b], &cell->from_first));
            json_put_string(json, "outcome", bound_outcome_name(outcome));
            json_put_bool(json, "passed", !fails(outcome));
            json_close(json, '}');
        }
    json_close(json, ']');
}

static void junit_case(const struct bound *bound, const struct study *study, size_t variant,
                       struct text *out) {
    const struct cell *cell = study_cell(study, variant, bound->measure);
    enum bound_outcome outcome = bound_judge(bound, cell);
    struct text why = {0};
    describe(bound, cell, &why);
    text_add(out, "  <testcase classname=\"compare.");
    page_escape(out, study->name);
    text_add(out, "\" name=\"");
    page_escape(out, study->variants[variant].label);
    text_add(out, ": ");
    page_escape(out, bound->text);
    text_add(out, "\">");
    if (outcome != BOUND_KEPT) {
        const char *element = fails(outcome) ? "failure" : "skipped";
        text_format(out, "<%s message=\"%s: ", element, bound_outcome_name(outcome));
        page_escape(out, why.bytes);
        text_add(out, "\"/>");
    }
    text_add(out, "</testcase>\n");
    text_deinit(&why);
}

void bounds_junit(const struct bound *bounds, size_t count, const struct study *study,
                  struct text *out) {
    size_t cases = count * (study->variant_count > 0 ? study->variant_count - 1 : 0), undecided = 0;
    for (size_t b = 0; b < count; b++)
        for (size_t v = 1; v < study->variant_count; v++)
            undecided +=
                bound_judge(&bounds[b], study_cell(study, v, bounds[b].measure)) == BOUND_UNDECIDED;
    text_add(out,
             "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"tierchain compare ");
    page_escape(out, study->name);
    text_format(out, "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n", cases,
                bounds_failed(bounds, count, study), undecided);
    for (size_t b = 0; b < count; b++)
        for (size_t v = 1; v < study->variant_count; v++)
            junit_case(&bounds[b], study, v, out);
    text_add(out, "</testsuite>\n");
}
