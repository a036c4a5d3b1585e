/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Floods of what is valid or looks so, and epochs opened for nothing. */
#include "sim/adversary/behaviours.h"
#include "sim/adversary/forge_honeybadger.h"
#include "sim/adversary/forge_hotstuff.h"
#include "sim/adversary/forge_pbft.h"

#define FLOOD_MESSAGES 8 /* to each honest member, from each hostile one, in a delay */

static void flood_start(struct adversary *adversary) {
    mind_start(adversary);
    mind_wake(mind_of(adversary), adversary->view.delay);
}

/* Calls @send FLOOD_MESSAGES times for each pair, spread over a delay. */
static void flood(struct mind *mind, void (*send)(struct mind *, node_id, node_id, time_ns)) {
    const time_ns delay = mind->base.view.delay;
    for (uint32_t as = 0; as < mind_members(mind); as++)
        for (uint32_t to = 0; to < mind_members(mind); to++)
            for (uint32_t i = 0; i < FLOOD_MESSAGES; i++)
                if (mind_is_hostile(mind, as) && !mind_is_hostile(mind, to))
                    send(mind, mind_node(mind, as), mind_node(mind, to),
                         delay / FLOOD_MESSAGES * i);
    mind_wake(mind, delay);
}

/* Whatever was overheard, as one's own word. */

static void send_old(struct mind *mind, node_id as, node_id to, time_ns after) {
    const struct remembered *old =
        mind_recall(mind, message_at(rng_below(mind->base.view.rng, message_count())));
    if (old != NULL)
        mind_send(mind, as, to, after, frame_ref(old->frame));
}

static void flood_old_wake(struct adversary *adversary) {
    flood(mind_of(adversary), send_old);
}

const struct adversary_ops behaviour_flood_old = {
    .name = "flood-old",
    .description = "repeats what it has overheard, eight messages a delay to each member",
    .source = "issue 9, A6; checks.md 2.5, 22",
    .size = sizeof(struct mind),
    .start = flood_start,
    .hear = mind_hear,
    .wake = flood_old_wake,
    .deinit = mind_deinit,
};

/* Questions about the beginning, and about anything. */

static uint64_t some_place(struct mind *mind, uint64_t last) {
    return 1 + rng_below(mind->base.view.rng, last + 1);
}

static struct frame *ask_pbft(struct mind *mind) {
    const struct pbft_fetch fetch = {.view = rng_below(mind->base.view.rng, 3),
                                     .next = some_place(mind, mind->facts.sequence),
                                     .lacks = rng_below(mind->base.view.rng, 2),
                                     .value = mind->facts.block};
    return pbft_write_fetch(&mind->forger.certification, &fetch);
}

/* About genesis and the last block in turn, since a guard may remember the last question only. */
static struct frame *ask_hotstuff(struct mind *mind) {
    struct certificate genesis = forge_genesis(&mind->forger);
    const struct digest none = {{0}};
    const bool last = rng_chance(mind->base.view.rng, 1, 2);
    struct frame *frame = forge_hotstuff_fetch(
        &mind->forger, last ? mind->facts.older.statement.view : 0,
        last ? &mind->facts.older.statement.block : &none, last ? &mind->facts.high : &genesis);
    certificate_drop(&genesis);
    return frame;
}

static void send_fetch(struct mind *mind, node_id as, node_id to, time_ns after) {
    struct frame *frame;
    if (mind->family == FAMILY_PBFT)
        frame = ask_pbft(mind);
    else if (mind->family == FAMILY_HOTSTUFF)
        frame = ask_hotstuff(mind);
    else
        frame = forge_honeybadger_fetch(&mind->forger, some_place(mind, mind->facts.view),
                                        rng_chance(mind->base.view.rng, 1, 2));
    mind_send(mind, as, to, after, frame);
}

static void flood_fetch_wake(struct adversary *adversary) {
    flood(mind_of(adversary), send_fetch);
}

const struct adversary_ops behaviour_flood_fetch = {
    .name = "flood-fetch",
    .description = "asks for the chain from all sorts of places, eight times a delay each member",
    .source = "issue 9, A14",
    .size = sizeof(struct mind),
    .start = flood_start,
    .hear = mind_hear,
    .wake = flood_fetch_wake,
    .deinit = mind_deinit,
};

/* HoneyBadger: an empty proposal for the current epoch and the next, also when nobody has anything. */

static void open_epochs_wake(struct adversary *adversary) {
    struct mind *mind = mind_of(adversary);
    const struct consensus *peer = mind_peek(mind);
    struct consensus_view seen = {.view = 1};
    struct forge_pieces pieces;
    if (peer != NULL)
        consensus_observe(peer, &seen);
    forge_pieces_init(&pieces, &adversary->view.committee, (struct batch){NULL, 0}, true);
    for (uint32_t as = 0; as < mind_members(mind); as++) {
        for (uint32_t to = 0; to < mind_members(mind) && mind_is_hostile(mind, as); to++)
            for (uint64_t epoch = seen.view; epoch < seen.view + 2; epoch++)
                if (!mind_is_hostile(mind, to))
                    mind_send(mind, mind_node(mind, as), mind_node(mind, to), 0,
                              forge_piece(&mind->forger, &pieces, MESSAGE_BROADCAST_VAL,
                                          epoch << 8 | as, to));
    }
    forge_pieces_deinit(&pieces);
    mind_wake(mind, 4 * adversary->view.delay);
}

const struct adversary_ops behaviour_open_epochs = {
    .name = "open-epochs",
    .variant = "honeybadger",
    .description = "proposes nothing for epochs that nobody needs",
    .source = "issue 9, A13",
    .size = sizeof(struct mind),
    .start = flood_start,
    .hear = mind_hear,
    .wake = open_epochs_wake,
    .deinit = mind_deinit,
};
