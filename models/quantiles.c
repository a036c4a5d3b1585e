/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/quantiles.h"

#include <assert.h>
#include <math.h>

#include "base/error.h"

static int add(struct quantiles *quantiles, double percent, double value) {
    size_t last = quantiles->count;
    double probability = percent / 100;
    if (last == QUANTILES)
        return ERR_LIMIT;
    if (last > 0 &&
        (probability <= quantiles->probability[last - 1] || value < quantiles->value[last - 1]))
        return ERR_INVALID;
    quantiles->probability[last] = probability;
    quantiles->value[last] = value;
    quantiles->count++;
    return 0;
}

int quantiles_read(struct quantiles *quantiles, const struct csv *csv) {
    quantiles->count = 0;
    quantiles->bend = 1;
    for (size_t i = 0; i < csv->column_count; i++) {
        struct csv_field name = csv->columns[i];
        struct csv_field percent_text = {name.text + 1, name.size - 1};
        double percent, value;
        if (name.text[0] != 'p' || csv_number(percent_text, &percent) != 0)
            continue;
        if (csv_number(csv->fields[i], &value) != 0)
            return ERR_INVALID;
        int error = add(quantiles, percent, value);
        if (error != 0)
            return error;
    }
    if (quantiles->count < 2 || quantiles->probability[0] != 0 ||
        quantiles->probability[quantiles->count - 1] != 1)
        return ERR_MISMATCH;
    return 0;
}

double quantiles_at(const struct quantiles *quantiles, double probability) {
    const double *p = quantiles->probability, *v = quantiles->value;
    assert(probability >= 0);
    assert(probability <= 1);
    size_t i = 1;
    while (p[i] < probability)
        i++;
    double t = (probability - p[i - 1]) / (p[i] - p[i - 1]);
    return v[i - 1] + (v[i] - v[i - 1]) * (quantiles->bend == 1 ? t : pow(t, quantiles->bend));
}

/* The means of the steps' lower ends, and of their heights. */
static void means(const struct quantiles *quantiles, double *low, double *rise) {
    const double *p = quantiles->probability, *v = quantiles->value;
    *low = *rise = 0;
    for (size_t i = 1; i < quantiles->count; i++) {
        *low += (p[i] - p[i - 1]) * v[i - 1];
        *rise += (p[i] - p[i - 1]) * (v[i] - v[i - 1]);
    }
}

int quantiles_fit(struct quantiles *quantiles, double mean) {
    double low, rise;
    means(quantiles, &low, &rise);
    if (!(mean > low && mean < low + rise))
        return ERR_INVALID;
    quantiles->bend = rise / (mean - low) - 1; /* the mean of t^bend is 1 / (1 + bend) */
    return 0;
}

double quantiles_mean(const struct quantiles *quantiles) {
    double low, rise;
    means(quantiles, &low, &rise);
    return low + rise / (1 + quantiles->bend);
}
