/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/cautions.h"

#include <string.h>

#include "consensus/consensus.h"

/* A chained commit takes a certificate a view, and the last one's votes a collector: so many leaders
 * in a row must live. Where members take turns, a committee of no more than these has a silent one
 * among any so many. A leader who stays for four views is enough alone. */
static bool stalls(const struct scenario_tier *tier) {
    const struct consensus_ops *ops = consensus_find(tier->consensus);
    if (ops == NULL || strncmp(ops->name, "hotstuff", strlen("hotstuff")) != 0)
        return false;
    enum leaders_rule rule = tier->leaders != NULL ? leaders_find(tier->leaders) : ops->leaders[0];
    return rule != LEADERS_STICKY && tier->committee <= ops->good_case_certificates + 1;
}

static bool in_one_place(const struct name_list *places) {
    for (size_t i = 1; i < places->count; i++)
        if (strcmp(places->names[i], places->names[0]) != 0)
            return false;
    return true;
}

unsigned cautions_of(const struct scenario *scenario) {
    return (stalls(&scenario->city) ? CAUTION_CITY_STALLS : 0) |
           (stalls(&scenario->continent) ? CAUTION_CONTINENT_STALLS : 0) |
           (in_one_place(&scenario->continent_places) ? CAUTION_ONE_PLACE : 0);
}
