/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/quantiles.h"

#include <assert.h>

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
    return v[i - 1] + (v[i] - v[i - 1]) * (probability - p[i - 1]) / (p[i] - p[i - 1]);
}

double quantiles_mean(const struct quantiles *quantiles) {
    const double *p = quantiles->probability, *v = quantiles->value;
    double mean = 0;
    for (size_t i = 1; i < quantiles->count; i++)
        mean += (p[i] - p[i - 1]) * (v[i] + v[i - 1]) / 2;
    return mean;
}
