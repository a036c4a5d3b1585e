/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/company.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/memory.h"
#include "tests/lib/steps.h"

void company_init(struct company *company, uint32_t count, const char *suite,
                  const char *provider) {
    if (sodium_init() < 0)
        abort();
    *company = (struct company){
        .count = count,
        .identities = memory_new(count, sizeof *company->identities),
        .envs = memory_new(count, sizeof *company->envs),
    };
    key_directory_init(&company->directory, suite_find(suite, provider), count, 3);
    for (node_id node = 0; node < count; node++) {
        env_init(&company->envs[node], node, 1);
        identity_init(&company->identities[node], &company->directory, node);
        company->envs[node].identity = &company->identities[node];
        company->envs[node].stepping = true;
    }
}

void company_deinit(struct company *company) {
    for (node_id node = 0; node < company->count; node++) {
        env_deinit(&company->envs[node]);
        identity_deinit(&company->identities[node]);
    }
    key_directory_deinit(&company->directory);
    free(company->identities);
    free(company->envs);
}

void company_at(struct company *company, time_ns now) {
    for (node_id node = 0; node < company->count; node++) {
        struct env *env = &company->envs[node];
        env->now = env->physical = env->clock = now;
    }
}

uint64_t company_charged(struct company *company, node_id node, enum work work) {
    struct env *env = &company->envs[node];
    uint64_t sum = 0;
    for (size_t i = 0; i < env->out.count; i++)
        if (env->out.list[i].type == EFFECT_CHARGE && env->out.list[i].number == work)
            sum += env->out.list[i].a;
    steps_drain(env);
    return sum;
}
