/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: u8 certificate scheme, then messages to node 1 of 4, each u8 sender and kind (low and high half), u16 body size, body.
 * The node has a transaction to order and runs its timer after each message, so that its own
 * messages are made, too. What decodes must encode to the same bytes. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "consensus/hotstuff/hotstuff.h"
#include "crypto/identity.h"

#define MEMBERS 4
#define CHANNEL 1

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool pending(void *context) {
    return true;
}

static struct frame *next_batch(void *context, const struct batch *ancestors, size_t count,
                                struct part part) {
    return count == 0 ? frame_copy("x", 1) : NULL;
}

static bool valid(void *context, struct batch batch, struct part part) {
    return batch.size == 1;
}

static void decide(void *context, const struct decision *decision) {
    uint64_t *height = context;
    if (decision->height != ++*height || decision->batch.size == 0)
        abort();
}

static struct frame *encode_again(const struct certification *certification,
                                  const struct message *message) {
    static struct blocks blocks;
    struct proposal proposal;
    struct vote vote;
    struct new_view new_view;
    struct fetch fetch;
    struct sign_request request;
    struct sign_share share;
    if (message->type == MESSAGE_HOTSTUFF_PROPOSAL)
        return proposal_decode(&proposal, certification, message)
                   ? NULL
                   : proposal_encode(&proposal, certification);
    if (message->type == MESSAGE_HOTSTUFF_VOTE)
        return vote_decode(&vote, certification, message) ? NULL
                                                          : vote_encode(&vote, certification);
    if (message->type == MESSAGE_HOTSTUFF_NEW_VIEW)
        return new_view_decode(&new_view, certification, message)
                   ? NULL
                   : new_view_encode(&new_view, certification);
    if (message->type == MESSAGE_HOTSTUFF_SIGN)
        return sign_decode(&request, certification, message) ? NULL
                                                             : sign_encode(&request, certification);
    if (message->type == MESSAGE_HOTSTUFF_SHARE)
        return share_decode(&share, message) ? NULL : share_encode(&share, certification);
    if (message->type == MESSAGE_HOTSTUFF_FETCH)
        return fetch_decode(&fetch, certification, message) ? NULL
                                                            : fetch_encode(&fetch, certification);
    return blocks_decode(&blocks, certification, message) ? NULL
                                                          : blocks_encode(&blocks, certification);
}

static void drain(struct env *env) {
    for (size_t i = 0; i < env->out.count; i++)
        frame_unref(env->out.list[i].frame);
    env->out.count = 0;
}

struct node {
    struct process process;
    struct consensus *consensus;
    const struct consensus_config *config;
};

static void step(struct process *process, const struct event *event) {
    struct node *node = container_of(process, struct node, process);
    struct message message;
    if (event->type == EVENT_START) {
        node->consensus = consensus_new(&hotstuff_rotating.ops, node->config);
        consensus_start(node->consensus);
    } else if (message_parse(&message, event->frame) == OK) {
        consensus_receive(node->consensus, event->from, &message);
    }
}

static void feed(struct node *node, uint8_t head, const uint8_t *body, size_t size) {
    struct writer writer;
    struct message message;
    uint16_t type = (uint16_t)(MESSAGE_HOTSTUFF_PROPOSAL + (head >> 4) % 7);
    struct frame *frame = message_new(type, CHANNEL, size, &writer);
    write_bytes(&writer, body, size);
    if (message_parse(&message, frame) != OK)
        abort();
    struct frame *again = encode_again(&node->consensus->certification, &message);
    if (again != NULL &&
        (again->size != frame->size || memcmp(again->bytes, frame->bytes, frame->size) != 0))
        abort();
    frame_unref(again);
    struct env *env = &node->process.env;
    struct event arrival = {.type = EVENT_MESSAGE, .from = head % MEMBERS, .frame = frame};
    process_step(&node->process, &arrival, env->now);
    drain(env);
    frame_unref(frame);
    struct event timer = {.type = EVENT_TIMER};
    time_ns deadline = timers_deadline(&env->timers);
    if (deadline != TIME_NEVER) {
        process_step(&node->process, &timer, deadline);
        drain(env);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const node_id members[MEMBERS] = {0, 1, 2, 3};
    struct key_directory directory;
    struct identity identity;
    struct node node = {.process = {.step = step}};
    struct env *env = &node.process.env;
    struct group_keys group;
    uint64_t height = 0;
    struct reader reader;
    reader_init(&reader, data, size);
    const struct certificate_scheme *scheme = certificate_scheme_at(read_u8(&reader) % 3);
    const char *suite = scheme->suite != NULL ? scheme->suite : "ed25519";
    if (sodium_init() < 0 || group_keys_deal(&group, &frost_ed25519, MEMBERS, MEMBERS - 1, 1,
                                             CHANNEL, "certificates") != OK)
        return 0;
    key_directory_init(&directory, suite_find(suite, "modelled"), MEMBERS, 1);
    env_init(env, 1, 1);
    identity_init(&identity, &directory, 1);
    env->identity = &identity;
    struct consensus_config config = {
        .env = env,
        .committee = {members, MEMBERS},
        .channel = CHANNEL,
        .view_timeout = NS_PER_MS,
        .certificates = scheme,
        .group = &group,
        .client = {pending, next_batch, valid, decide, &height},
    };
    node.config = &config;
    struct event start = {.type = EVENT_START};
    process_step(&node.process, &start, 0);
    drain(env);
    while (reader_left(&reader) > 0) {
        uint8_t head = read_u8(&reader);
        size_t length = read_u16(&reader);
        const uint8_t *body = read_view(&reader, size_min(length, reader_left(&reader)));
        if (reader.error != OK)
            break;
        feed(&node, head, body, size_min(length, size - (size_t)(body - data)));
    }
    consensus_free(node.consensus);
    env_deinit(env);
    identity_deinit(&identity);
    key_directory_deinit(&directory);
    group_keys_deinit(&group);
    return 0;
}
