/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every model that a scenario can choose, for `tierchain list models` and for checks by name. The rows
 * come from the tables that the models themselves are looked up in. Cloud services (cloud.h) and classes
 * of interfaces (bandwidth.h) are not listed: nothing runs them yet. */
#ifndef TIERCHAIN_MODELS_REGISTRY_H
#define TIERCHAIN_MODELS_REGISTRY_H

#include "base/types.h"

struct model_row {
    const char *family; /* "latency" … : the question */
    const char *name;
    const char *description;
    const char *source;
    const char *unit; /* of the answer */
    const char *key;  /* of a scenario: the row's name is one of its choices, or its family's key */
};

/* The rows in order; false behind the last. */
bool model_at(size_t index, struct model_row *row);

/* Whether the family has a model of that name. */
bool model_find(const char *family, const char *name, struct model_row *row);

#endif
