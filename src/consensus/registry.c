/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The consensus variants that exist: one line each. */
#include <string.h>

#include "consensus/consensus.h"
#include "consensus/honeybadger/honeybadger.h"
#include "consensus/hotstuff/hotstuff.h"
#include "consensus/pbft/pbft.h"

static const struct consensus_ops *const variants[] = {
    &pbft_ops, &hotstuff_rotating.ops, &hotstuff_sticky.ops, &honeybadger_ops, NULL,
};

const struct consensus_ops *consensus_find(const char *name) {
    for (size_t i = 0; variants[i] != NULL; i++)
        if (strcmp(variants[i]->name, name) == 0)
            return variants[i];
    return NULL;
}

const struct consensus_ops *consensus_at(size_t index) {
    return index < ARRAY_LEN(variants) ? variants[index] : NULL;
}
