/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim/adversary/behaviours.h"

static const struct adversary_ops *const registry[] = {
    &behaviour_silent,
    &behaviour_mute_leader,
    &behaviour_slow_leader,
    &behaviour_tell_one,
    &behaviour_late_vote,
    &behaviour_equivocate,
    &behaviour_censor,
    &behaviour_double_vote,
    &behaviour_amnesia,
    &behaviour_forged_certificate,
    &behaviour_flood_old,
    &behaviour_flood_fetch,
    &behaviour_random,
    /* of one variant */
    &behaviour_early_timeout_hotstuff,
    &behaviour_stale_certificate,
    &behaviour_early_timeout_pbft,
    &behaviour_watermark_jump,
    &behaviour_invented_claim,
    &behaviour_bad_shares,
    &behaviour_bad_coin,
    &behaviour_open_epochs,
    &behaviour_mitm_coin,
    NULL,
};

const struct adversary_ops *adversary_at(size_t index) {
    return index < ARRAY_LEN(registry) ? registry[index] : NULL;
}

bool adversary_applies(const struct adversary_ops *ops, const char *variant) {
    return ops->variant == NULL || strncmp(variant, ops->variant, strlen(ops->variant)) == 0;
}

const struct adversary_ops *adversary_find(const char *name, const char *variant) {
    for (size_t i = 0; registry[i] != NULL; i++)
        if (strcmp(registry[i]->name, name) == 0 && adversary_applies(registry[i], variant))
            return registry[i];
    return NULL;
}
