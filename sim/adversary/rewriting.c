/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The real code's proposals and shares, put otherwise on their way. Batches are those of the assemblies'
 * client: numbers of eight bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "consensus/pbft/instance.h"
#include "sim/adversary/behaviours.h"
#include "sim/adversary/forge_honeybadger.h"
#include "sim/adversary/forge_hotstuff.h"
#include "sim/adversary/forge_pbft.h"

enum { NUMBER_BYTES = 8 };

/* Another batch in place of @batch, with at most one number more; the size, 0: none. */
typedef size_t (*change_batch)(struct batch batch, uint8_t *out);

static uint64_t number_at(const uint8_t *bytes) {
    struct reader reader;
    reader_init(&reader, bytes, NUMBER_BYTES);
    return read_u64(&reader);
}

static void put_number(uint8_t *bytes, uint64_t number) {
    struct writer writer;
    writer_init(&writer, bytes, NUMBER_BYTES);
    write_u64(&writer, number);
}

/* All but the last; for one number the next. */
static size_t other_batch(struct batch batch, uint8_t *out) {
    if (batch.size < NUMBER_BYTES)
        return 0;
    memcpy(out, batch.bytes, batch.size);
    if (batch.size > NUMBER_BYTES)
        return batch.size - NUMBER_BYTES;
    put_number(out, number_at(out) + 1);
    return NUMBER_BYTES;
}

static size_t odd_numbers(struct batch batch, uint8_t *out) {
    size_t size = 0;
    for (size_t at = 0; at + NUMBER_BYTES <= batch.size; at += NUMBER_BYTES) {
        if (number_at(batch.bytes + at) % 2 == 0)
            continue;
        memcpy(out + size, batch.bytes + at, NUMBER_BYTES);
        size += NUMBER_BYTES;
    }
    return size;
}

/* The same proposal with another batch, signed again; NULL when nothing is left to propose. */

static struct frame *change_pre_prepare(const struct mind *mind, node_id as,
                                        const struct message *message, change_batch change) {
    struct pbft_pre_prepare in;
    if (pbft_read_pre_prepare(message, &mind->forger.certification, &in) != OK)
        return NULL;
    uint8_t *bytes = memory_new(in.value.size + NUMBER_BYTES, 1);
    struct pbft_value value = {in.value.origin, bytes, 0, NULL};
    value.size = change((struct batch){in.value.bytes, in.value.size}, bytes);
    struct frame *frame =
        value.size == 0 ? NULL : forge_pre_prepare(&mind->forger, as, in.view, in.sequence, &value);
    free(bytes);
    return frame;
}

static struct frame *change_proposal(const struct mind *mind, const struct message *message,
                                     change_batch change) {
    struct proposal in;
    if (proposal_decode(&in, &mind->forger.certification, message) != OK)
        return NULL;
    uint8_t *bytes = memory_new(in.block.payload.size + NUMBER_BYTES, 1);
    in.block.payload = (struct batch){bytes, change(in.block.payload, bytes)};
    struct frame *frame = proposal_encode(&in, &mind->forger.certification);
    free(bytes);
    return frame;
}

/* HoneyBadger: an empty batch in place of the own, under another root, or of no codeword. */
static struct frame *change_piece(const struct mind *mind, const struct message *message,
                                  struct batch batch, bool consistent) {
    struct broadcast_message in;
    struct forge_pieces pieces;
    if (broadcast_decode(&in, message) != OK)
        return NULL;
    forge_pieces_init(&pieces, &mind->base.view.committee, batch, consistent);
    struct frame *frame =
        forge_piece(&mind->forger, &pieces, in.type, in.instance, in.fragment.index);
    forge_pieces_deinit(&pieces);
    return frame;
}

/* A fragment of the own lane; others' ECHOs pass. */
static bool is_own_piece(const struct mind *mind, node_id from, const struct message *message) {
    struct reader reader;
    reader_init(&reader, message->body, message->size);
    return (message->type == MESSAGE_BROADCAST_VAL || message->type == MESSAGE_BROADCAST_ECHO) &&
           (read_u64(&reader) & 0xff) == mind_member(mind, from);
}

static struct frame *change_leading(const struct mind *mind, node_id from,
                                    const struct message *message, change_batch change) {
    if (message->type == MESSAGE_PBFT_PRE_PREPARE)
        return change_pre_prepare(mind, from, message, change);
    if (message->type == MESSAGE_HOTSTUFF_PROPOSAL)
        return change_proposal(mind, message, change);
    return change_piece(mind, message, (struct batch){NULL, 0}, true);
}

static bool is_leading(const struct mind *mind, node_id from, const struct message *message) {
    return message->type == MESSAGE_PBFT_PRE_PREPARE ||
           message->type == MESSAGE_HOTSTUFF_PROPOSAL || is_own_piece(mind, from, message);
}

/* Equivocation: every second honest member gets another proposal, and in PBFT the vote for it. */

static bool equivocate_tamper(struct adversary *adversary, node_id from, node_id to,
                              struct frame **frame, time_ns *delay) {
    struct mind *mind = mind_of(adversary);
    const struct message message = mind_parse(*frame);
    if (mind_place(mind, to) % 2 == 0 || !is_leading(mind, from, &message))
        return true;
    struct frame *other = change_leading(mind, from, &message, other_batch);
    return other == NULL ? true : mind_replace(frame, other);
}

const struct adversary_ops behaviour_equivocate = {
    .name = "equivocate",
    .description = "as leader, tells every second honest member something else",
    .source = "checks.md 2.5, 3; HoneyBadger: RB-2",
    .size = sizeof(struct mind),
    .runs_code = true,
    .start = mind_start,
    .hear = mind_hear,
    .tamper = equivocate_tamper,
    .deinit = mind_deinit,
};

/* Censorship: no even number is ever proposed. */

static bool censor_tamper(struct adversary *adversary, node_id from, node_id to,
                          struct frame **frame, time_ns *delay) {
    struct mind *mind = mind_of(adversary);
    const struct message message = mind_parse(*frame);
    if (!is_leading(mind, from, &message))
        return true;
    struct frame *other = change_leading(mind, from, &message, odd_numbers);
    return other == NULL ? false : mind_replace(frame, other);
}

const struct adversary_ops behaviour_censor = {
    .name = "censor",
    .description = "as leader, leaves out every transaction with an even number; HoneyBadger: all",
    .source = "checks.md 2.5, 18",
    .size = sizeof(struct mind),
    .runs_code = true,
    .start = mind_start,
    .hear = mind_hear,
    .tamper = censor_tamper,
    .deinit = mind_deinit,
};

/* PBFT: everything at the high water mark, so that all numbers below stay open. */

static bool jump_tamper(struct adversary *adversary, node_id from, node_id to, struct frame **frame,
                        time_ns *delay) {
    struct mind *mind = mind_of(adversary);
    const struct message message = mind_parse(*frame);
    const struct consensus *peer = mind_peek(mind);
    struct pbft_pre_prepare in;
    if (message.type != MESSAGE_PBFT_PRE_PREPARE || peer == NULL ||
        pbft_read_pre_prepare(&message, &mind->forger.certification, &in) != OK)
        return true;
    const struct pbft *pbft = container_of(peer, struct pbft, base);
    return mind_replace(frame, forge_pre_prepare(&mind->forger, from, in.view,
                                                 pbft->stable + pbft->log.length, &in.value));
}

const struct adversary_ops behaviour_watermark_jump = {
    .name = "watermark-jump",
    .variant = "pbft",
    .description = "as primary, proposes at the high water mark only",
    .source = "PB-7; Castro, Liskov, OSDI 1999, 4.2",
    .size = sizeof(struct mind),
    .runs_code = true,
    .start = mind_start,
    .hear = mind_hear,
    .tamper = jump_tamper,
    .deinit = mind_deinit,
};

/* HoneyBadger: fragments of no codeword under one root, and coin shares that prove nothing. */

struct shares {
    struct mind mind;
    uint64_t instance; /* the last that was spoilt, and with what number */
    uint8_t number[NUMBER_BYTES];
};

/* A number that may be proposed in this epoch's lane, a little behind what is decided. */
static uint64_t fitting_number(const struct mind *mind, node_id from, uint64_t epoch) {
    const uint32_t n = mind_members(mind);
    const struct consensus *peer = mind_peek(mind);
    struct consensus_view seen = {.height = 0};
    if (peer != NULL)
        consensus_observe(peer, &seen);
    const uint64_t part = (mind_member(mind, from) + epoch) % n; /* honeybadger/epoch.c */
    return (seen.height + 2 * n) / n * n + part;
}

static bool bad_shares_tamper(struct adversary *adversary, node_id from, node_id to,
                              struct frame **frame, time_ns *delay) {
    struct shares *shares = (struct shares *)adversary;
    struct mind *mind = &shares->mind;
    const struct message message = mind_parse(*frame);
    struct broadcast_message in;
    if (!is_own_piece(mind, from, &message) || broadcast_decode(&in, &message) != OK)
        return true;
    if (in.instance != shares->instance)
        put_number(shares->number, fitting_number(mind, from, in.instance >> 8));
    shares->instance = in.instance;
    const struct batch batch = {shares->number, sizeof shares->number};
    return mind_replace(frame, change_piece(mind, &message, batch, false));
}

const struct adversary_ops behaviour_bad_shares = {
    .name = "bad-shares",
    .variant = "honeybadger",
    .description = "its broadcast's fragments lie under one root and belong to no message",
    .source = "RB-1; Cachin, Tessaro, SRDS 2005",
    .size = sizeof(struct shares),
    .runs_code = true,
    .start = mind_start,
    .hear = mind_hear,
    .tamper = bad_shares_tamper,
    .deinit = mind_deinit,
};

static bool bad_coin_tamper(struct adversary *adversary, node_id from, node_id to,
                            struct frame **frame, time_ns *delay) {
    struct mind *mind = mind_of(adversary);
    const struct message message = mind_parse(*frame);
    struct abba_message in;
    if (message.type != MESSAGE_ABBA_COIN || abba_decode(&in, &message) != OK)
        return true;
    return mind_replace(frame, forge_coin(&mind->forger, in.instance, in.round));
}

const struct adversary_ops behaviour_bad_coin = {
    .name = "bad-coin",
    .variant = "honeybadger",
    .description = "its shares of the common coin prove nothing",
    .source = "AB-4",
    .size = sizeof(struct mind),
    .runs_code = true,
    .start = mind_start,
    .hear = mind_hear,
    .tamper = bad_coin_tamper,
    .deinit = mind_deinit,
};
