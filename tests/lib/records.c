/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "records.h"

#include "base/rng.h"
#include "sim/report/stamp.h"

static time_ns some(struct rng *rng) {
    return 30 * NS_PER_MS + (time_ns)rng_below(rng, 40 * NS_PER_MS);
}

void records_make(struct transaction_record *records, size_t count, uint64_t seed, bool censor) {
    struct rng rng;
    rng_init(&rng, seed, 0, "records");
    for (size_t i = 0; i < count; i++) {
        struct transaction_record *t = &records[i];
        *t = (struct transaction_record){.id = i, .origin = (node_id)(i % 7), .size = 4096};
        stamps_clear(t);
        t->intended = (time_ns)i * 10 * NS_PER_MS;
        t->token = t->intended + some(&rng) / 2;
        t->s1 = t->intended + some(&rng);
        t->s2 = t->s1 + some(&rng);
        t->requested = t->s2 + some(&rng) / 8;
        t->held = t->requested + some(&rng);
        t->promised = t->held + some(&rng);
        t->s5 = t->city_commit = t->promised + some(&rng);
        t->continent_ack = t->done = t->s5 + some(&rng);
        t->submitted = t->intended;
        t->received = t->city_commit + 3 * NS_PER_MS;
        t->durable = t->received + NS_PER_MS;
        t->ordered = t->durable + 5 * NS_PER_MS;
        if (censor && i % 50 == 0)
            t->held = t->promised = t->s5 = t->city_commit = t->continent_ack = t->done =
                t->received = t->durable = t->ordered = TIME_NEVER;
    }
}
