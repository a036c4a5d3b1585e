/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tier/ack.h"

bool ack_rule_met(const struct ack_rule *rule, const struct committee *committee,
                  const struct member_set *members) {
    uint32_t count = 0, first = MEMBER_NONE;
    bool apart = rule->places == NULL;
    for (uint32_t i = 0; i < committee->count; i++) {
        if (!member_set_has(members, i))
            continue;
        first = count++ == 0 ? i : first;
        apart = apart || rule->places[i] != rule->places[first];
    }
    return count >= rule->needed && apart;
}
