/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Some nodes with keys, each with an environment that takes effects outside of any step. */
#ifndef TIERCHAIN_TESTS_COMPANY_H
#define TIERCHAIN_TESTS_COMPANY_H

#include "crypto/identity.h"

struct company {
    uint32_t count;
    struct key_directory directory;
    struct identity *identities;
    struct env *envs; /* env.now and its clock are the test's to set: company_at */
};

void company_init(struct company *company, uint32_t count, const char *suite, const char *provider);
void company_deinit(struct company *company);

/* Every clock shows @now. */
void company_at(struct company *company, time_ns now);

/* How many units of @work the node's effects charge; they are forgotten. */
uint64_t company_charged(struct company *company, node_id node, enum work work);

#endif
