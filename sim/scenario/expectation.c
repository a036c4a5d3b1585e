/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/scenario/expectation.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/suggest.h"

static const char *const statistics[] = {"", "p50", "p90", "p95", "p99", "p99.9", "max", "mean"};
static const char *const comparisons[] = {"<", "<=", "==", "!=", ">=", ">"};

_Static_assert(ARRAY_LEN(statistics) == STATISTIC_COUNT, "one name for each statistic");
_Static_assert(ARRAY_LEN(comparisons) == COMPARISON_COUNT, "one sign for each comparison");

const char *statistic_name(enum statistic statistic) {
    return statistics[statistic];
}

const char *comparison_name(enum comparison comparison) {
    return comparisons[comparison];
}

bool expectation_holds(const struct expectation *bound, int64_t observed) {
    if (observed == METRIC_NOTHING)
        return false;
    switch (bound->comparison) {
    case LESS:
        return observed < bound->value;
    case LESS_EQUAL:
        return observed <= bound->value;
    case EQUAL:
        return observed == bound->value;
    case NOT_EQUAL:
        return observed != bound->value;
    case GREATER_EQUAL:
        return observed >= bound->value;
    case GREATER:
        return observed > bound->value;
    case COMPARISON_COUNT:
        break;
    }
    return false;
}

/* Whether @name, such as "s4.p99", is a value of @metric when that is called @called. */
static bool match(const struct metric *metric, const char *called, const char *name,
                  struct expectation *bound, struct suggestion *near) {
    bool plain = metric->kind != METRIC_DURATION;
    for (unsigned s = plain ? 0 : 1; s < (plain ? 1 : STATISTIC_COUNT); s++) {
        char full[64];
        snprintf(full, sizeof full, "%s%s%s", called, plain ? "" : ".", statistics[s]);
        if (strcmp(full, name) == 0) {
            bound->metric = metric;
            bound->statistic = (enum statistic)s;
            return true;
        }
        suggestion_offer(near, full);
    }
    return false;
}

static int parse_metric(const char *name, struct expectation *bound, char *message, size_t size) {
    struct suggestion near;
    suggestion_init(&near, name);
    for (size_t m = 0; m < metric_count; m++)
        if (match(&metrics[m], metrics[m].name, name, bound, &near) ||
            (metrics[m].also != NULL && match(&metrics[m], metrics[m].also, name, bound, &near)))
            return OK;
    if (metric_find(name) != NULL)
        snprintf(message, size,
                 "'%.64s' is a distribution; say which value: %.64s.p99, .max, .mean …", name,
                 name);
    else if (near.found)
        snprintf(message, size, "unknown metric '%.64s'; did you mean '%s'?", name, near.best);
    else
        snprintf(message, size, "unknown metric '%.64s'; `tierchain list metrics` shows all", name);
    return ERR_INVALID;
}

static int parse_comparison(const char *sign, size_t length, struct expectation *bound) {
    for (unsigned i = 0; i < COMPARISON_COUNT; i++)
        if (strlen(comparisons[i]) == length && memcmp(comparisons[i], sign, length) == 0) {
            bound->comparison = (enum comparison)i;
            return OK;
        }
    return ERR_INVALID;
}

int expectation_parse(const char *text, struct expectation *bound, char *message, size_t size,
                      size_t *at) {
    static const enum unit_kind units[] = {UNIT_DURATION, UNIT_COUNT, UNIT_SHARE};
    const char *name = text + strspn(text, " \t");
    size_t name_length = strcspn(name, " \t<>=!");
    const char *sign = name + name_length + strspn(name + name_length, " \t");
    size_t sign_length = strspn(sign, "<>=!");
    const char *value = sign + sign_length + strspn(sign + sign_length, " \t");
    char copy[64];
    *at = (size_t)(name - text);
    if (name_length == 0 || name_length >= sizeof copy) {
        snprintf(message, size, "expected a metric, such as in 'total.p99 < 800 ms'");
        return ERR_INVALID;
    }
    memcpy(copy, name, name_length);
    copy[name_length] = '\0';
    if (parse_metric(copy, bound, message, size) < 0)
        return ERR_INVALID;
    *at = (size_t)(sign - text);
    if (parse_comparison(sign, sign_length, bound) < 0) {
        snprintf(message, size, "expected a comparison: < <= == != >= or >");
        return ERR_INVALID;
    }
    *at = (size_t)(value - text);
    return quantity_parse(value, units[bound->metric->kind], &bound->value, message, size);
}
