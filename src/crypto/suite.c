/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/suite.h"

#include <string.h>

#include "crypto/suites.h"

static const struct suite *const suites[] = {
    &suite_ed25519_real, &suite_ed25519_modelled, &suite_mldsa44_real,      &suite_mldsa44_modelled,
    &suite_mldsa65_real, &suite_mldsa65_modelled, &suite_bls12381_modelled,
};

const struct suite *suite_find(const char *name, const char *provider) {
    for (size_t i = 0; i < ARRAY_LEN(suites); i++)
        if (strcmp(suites[i]->name, name) == 0 && strcmp(suites[i]->provider, provider) == 0)
            return suites[i];
    return NULL;
}

const struct suite *suite_at(size_t index) {
    return index < ARRAY_LEN(suites) ? suites[index] : NULL;
}
