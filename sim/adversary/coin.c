/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The attack on a coin that the adversary sees first (checks.md AB-1), as far as it goes without control
 * of the network: halves of the honest members are told opposite values, and once a share of a round's
 * coin has left, a value is voted for late. (With the network: tests/sim/adversary_coin_test.c.) */
#include "base/error.h"
#include "sim/adversary/behaviours.h"
#include "sim/adversary/forge_honeybadger.h"

struct mitm {
    struct mind mind;
    uint64_t split,
        tossed; /* instance << 8 | round, the last that was split; whose coin has begun */
};

static void say(const struct mind *mind, node_id as, uint16_t type,
                const struct abba_message *about, bool swapped, time_ns after) {
    for (uint32_t i = 0; i < mind_members(mind); i++) {
        if (mind_is_hostile(mind, i))
            continue;
        const bool value = (mind_place(mind, mind_node(mind, i)) % 2 == 0) != swapped;
        mind_send(mind, as, mind_node(mind, i), after,
                  forge_abba(&mind->forger, type, about->instance, about->round,
                             value ? SET_TRUE : SET_FALSE));
    }
}

static void mitm_hear(struct adversary *adversary, node_id from, node_id to,
                      const struct message *message, const struct frame *frame) {
    struct mitm *mitm = (struct mitm *)adversary;
    struct mind *mind = &mitm->mind;
    struct abba_message in;
    if (!mind_listen(mind, from, to, message, frame) || abba_decode(&in, message) != OK)
        return;
    const uint64_t key = in.instance << 8 | (in.round & 0xff);
    const time_ns delay = adversary->view.delay;
    for (uint32_t i = 0; i < mind_members(mind); i++) {
        if (!mind_is_hostile(mind, i))
            continue;
        const node_id as = mind_node(mind, i);
        if (message->type == MESSAGE_ABBA_BVAL && key != mitm->split) {
            say(mind, as, MESSAGE_ABBA_BVAL, &in, false, 0);
            say(mind, as, MESSAGE_ABBA_BVAL, &in, true, delay);
        } else if (message->type == MESSAGE_ABBA_COIN && key != mitm->tossed) {
            say(mind, as, MESSAGE_ABBA_AUX, &in, false, 0);
            say(mind, as, MESSAGE_ABBA_CONF, &in, true, 0);
        }
    }
    if (message->type == MESSAGE_ABBA_BVAL)
        mitm->split = key;
    if (message->type == MESSAGE_ABBA_COIN)
        mitm->tossed = key;
}

/* The own code proposes like any other, or no lane's inputs would ever differ; what it says in agreements
 * is said here. */
static bool mitm_tamper(struct adversary *adversary, node_id from, node_id to, struct frame **frame,
                        time_ns *delay) {
    const struct message message = mind_parse(*frame);
    return message.type < MESSAGE_ABBA_BVAL || message.type > MESSAGE_ABBA_TERM;
}

const struct adversary_ops behaviour_mitm_coin = {
    .name = "mitm-coin",
    .variant = "honeybadger",
    .description = "splits the honest members' values, and votes once a coin share has left",
    .source = "AB-1; HoneyBadgerBFT #59",
    .size = sizeof(struct mitm),
    .runs_code = true,
    .start = mind_start,
    .hear = mitm_hear,
    .tamper = mitm_tamper,
    .deinit = mind_deinit,
};
