/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agreement/broadcast.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "crypto/merkle.h"

enum { PHASE_ECHO = 1, PHASE_READY = 2 };

static bool same(const struct digest *a, const struct digest *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

static uint32_t faults(const struct broadcast *broadcast) {
    return committee_faults(&broadcast->config.committee);
}

static uint32_t count_echoes(const struct broadcast *broadcast, const struct digest *commitment) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < broadcast->config.committee.count; i++)
        count += broadcast->echoes[i].frame != NULL &&
                 same(&broadcast->echoes[i].commitment, commitment);
    return count;
}

static uint32_t count_readies(const struct broadcast *broadcast, const struct digest *commitment) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < broadcast->config.committee.count; i++)
        count +=
            member_set_has(&broadcast->ready_from, i) && same(&broadcast->readies[i], commitment);
    return count;
}

static void trace(const struct broadcast *broadcast, enum trace_point point, uint64_t phase,
                  const struct digest *commitment) {
    env_trace(broadcast->config.env, point,
              trace_phase(phase, broadcast->config.channel, broadcast->config.instance << 8),
              trace_digest(commitment));
}

/* Speaking: what is said counts here at once, and leaves once it is durable. */

static struct frame *ready_frame(const struct broadcast *broadcast) {
    const struct broadcast_message message = {
        .type = MESSAGE_BROADCAST_READY,
        .instance = broadcast->config.instance,
        .commitment = broadcast->readies[broadcast->config.self],
    };
    return broadcast_encode(&message, broadcast->config.channel);
}

static void make_fragment(const struct broadcast *broadcast, uint32_t index,
                          struct broadcast_message *out, uint16_t type) {
    const struct erasure_code *code = broadcast->config.code;
    const struct merkle_tree tree = {broadcast->nodes, code->n};
    *out = (struct broadcast_message){.type = type, .instance = broadcast->config.instance};
    fragment_make(&out->fragment, &tree, broadcast->pieces, (uint32_t)broadcast->size, code->k,
                  code->n, index);
}

static void send_value(struct broadcast *broadcast, uint32_t member) {
    struct broadcast_message message;
    if (member == broadcast->config.self)
        return;
    make_fragment(broadcast, member, &message, MESSAGE_BROADCAST_VAL);
    env_send(broadcast->config.env, broadcast->config.committee.members[member],
             broadcast_encode(&message, broadcast->config.channel));
}

/* What is lost with the power before it was durable has not been said: so it is traced afterwards. */
static void flush(struct broadcast *broadcast) {
    const struct broadcast_config *config = &broadcast->config;
    if ((broadcast->echoing || broadcast->readying) && config->client.persist != NULL)
        config->client.persist(config->client.context);
    if (broadcast->echoing)
        trace(broadcast, TRACE_VOTED, PHASE_ECHO, &broadcast->echoes[config->self].commitment);
    if (broadcast->readying)
        trace(broadcast, TRACE_VOTED, PHASE_READY, &broadcast->readies[config->self]);
    for (uint32_t i = 0; i < config->committee.count && broadcast->sending; i++)
        send_value(broadcast, i);
    if (broadcast->echoing)
        env_broadcast(config->env, config->committee.members, config->committee.count,
                      frame_ref(broadcast->echoes[config->self].frame));
    if (broadcast->readying)
        env_broadcast(config->env, config->committee.members, config->committee.count,
                      ready_frame(broadcast));
    broadcast->sending = broadcast->echoing = broadcast->readying = false;
}

static void say_echo(struct broadcast *broadcast, const struct fragment *fragment) {
    struct broadcast_message message = {.type = MESSAGE_BROADCAST_ECHO,
                                        .instance = broadcast->config.instance,
                                        .fragment = *fragment};
    struct broadcast_echo *own = &broadcast->echoes[broadcast->config.self];
    own->frame = broadcast_encode(&message, broadcast->config.channel);
    fragment_commitment(fragment, &own->commitment);
    broadcast->echoing = true;
}

static bool has_readied(const struct broadcast *broadcast) {
    return member_set_has(&broadcast->ready_from, broadcast->config.self);
}

static void say_ready(struct broadcast *broadcast, const struct digest *commitment) {
    member_set_add(&broadcast->ready_from, broadcast->config.self);
    broadcast->readies[broadcast->config.self] = *commitment;
    broadcast->readying = true;
}

/* Rebuilding. */

static size_t collect(const struct broadcast *broadcast, const struct digest *commitment,
                      struct fragment *fragments) {
    size_t count = 0;
    for (uint32_t i = 0; i < broadcast->config.committee.count; i++) {
        struct broadcast_message echo;
        struct message message;
        if (broadcast->echoes[i].frame == NULL ||
            !same(&broadcast->echoes[i].commitment, commitment))
            continue;
        int error = message_parse(&message, broadcast->echoes[i].frame);
        if (error == OK)
            error = broadcast_decode(&echo, &message);
        assert(error == OK); /* it was checked when it came */
        fragments[count++] = echo.fragment;
    }
    return count;
}

/* What happens without the check: the first k fragments are believed. */
static int believe(struct broadcast *broadcast, const struct fragment *fragments, size_t count) {
    struct erasure_piece pieces[LIMIT_PIECES];
    for (size_t i = 0; i < count; i++)
        pieces[i] = (struct erasure_piece){fragments[i].index, fragments[i].bytes};
    return erasure_decode(broadcast->config.code, pieces, count, fragments[0].piece_size,
                          broadcast->pieces);
}

/* "Interpolate all fragments from k of them, recompute the root; mismatch -> abort." False then. */
static bool rebuild(struct broadcast *broadcast, const struct digest *commitment) {
    struct env *env = broadcast->config.env;
    struct erasure_code *code = broadcast->config.code;
    if (broadcast->pieces != NULL && same(&broadcast->built, commitment))
        return true;
    struct fragment *fragments = memory_new(code->n, sizeof *fragments);
    const size_t count = collect(broadcast, commitment, fragments);
    const size_t piece_size = fragments[0].piece_size;
    free(broadcast->pieces);
    broadcast->pieces = memory_new(code->n, piece_size);
    broadcast->size = fragments[0].size;
    broadcast->built = *commitment;
    env_charge(env, WORK_RS_DECODE_KIB, (broadcast->size + 1023) / 1024);
    int error = broadcast->config.unchecked
                    ? believe(broadcast, fragments, count)
                    : fragment_reconstruct(code, fragments, count, broadcast->pieces);
    free(fragments);
    env_charge(env, WORK_RS_ENCODE_KIB, (broadcast->size + 1023) / 1024);
    env_charge_hash(env, code->n * piece_size);
    env_charge(env, WORK_MERKLE_LEAF, code->n);
    broadcast->aborted = error != OK;
    return error == OK;
}

static void look_at(struct broadcast *broadcast, const struct digest *commitment) {
    const uint32_t echoes = count_echoes(broadcast, commitment);
    const uint32_t quorum = committee_quorum(&broadcast->config.committee);
    if (broadcast->aborted)
        return;
    if (!has_readied(broadcast) && echoes >= quorum && rebuild(broadcast, commitment))
        say_ready(broadcast, commitment);
    if (!has_readied(broadcast) && count_readies(broadcast, commitment) > faults(broadcast))
        say_ready(broadcast, commitment);
    if (broadcast->delivered || broadcast->aborted || echoes < broadcast->config.code->k ||
        count_readies(broadcast, commitment) < 2 * faults(broadcast) + 1)
        return;
    if (rebuild(broadcast, commitment)) {
        broadcast->delivered = broadcast->reporting = true;
        trace(broadcast, TRACE_CERTIFIED, PHASE_READY, commitment);
    }
}

/* To be called at the end of every call that changed something about @commitment. */
static void progress(struct broadcast *broadcast, const struct digest *commitment) {
    look_at(broadcast, commitment);
    flush(broadcast);
    if (broadcast->reporting) {
        broadcast->reporting = false;
        if (broadcast->config.client.deliver != NULL)
            broadcast->config.client.deliver(broadcast->config.client.context, broadcast->pieces,
                                             broadcast->size);
    }
}

/* Hearing. */

/* A fragment that belongs to member @index. */
static int check_fragment(struct broadcast *broadcast, const struct fragment *fragment,
                          uint32_t index) {
    const struct erasure_code *code = broadcast->config.code;
    if (fragment->index != index || fragment->n != code->n || fragment->k != code->k ||
        fragment->size > broadcast->config.limit)
        return ERR_INVALID;
    env_charge_hash(broadcast->config.env, fragment->piece_size);
    env_charge(broadcast->config.env, WORK_MERKLE_LEAF, 1u + fragment->branch_count);
    return fragment_verify(fragment);
}

/* Whether @member said the same before, or something else. */
static int compare(struct broadcast *broadcast, uint32_t member, const struct digest *before,
                   const struct digest *now) {
    if (same(before, now))
        return ERR_DUPLICATE;
    member_set_add(&broadcast->faulty, member);
    return ERR_CONFLICT;
}

static int on_value(struct broadcast *broadcast, uint32_t member,
                    const struct broadcast_message *in) {
    const struct broadcast_echo *own = &broadcast->echoes[broadcast->config.self];
    struct digest commitment;
    if (member != broadcast->config.sender || member == broadcast->config.self)
        return ERR_NOT_LEADER;
    fragment_commitment(&in->fragment, &commitment);
    if (own->frame != NULL)
        return compare(broadcast, member, &own->commitment, &commitment);
    int error = check_fragment(broadcast, &in->fragment, broadcast->config.self);
    if (error != OK)
        return error;
    say_echo(broadcast, &in->fragment);
    progress(broadcast, &commitment);
    return OK;
}

static int on_echo(struct broadcast *broadcast, uint32_t member, const struct broadcast_message *in,
                   struct frame *frame) {
    struct broadcast_echo *echo = &broadcast->echoes[member];
    struct digest commitment;
    if (member == broadcast->config.self)
        return ERR_INVALID;
    fragment_commitment(&in->fragment, &commitment);
    if (echo->frame != NULL)
        return compare(broadcast, member, &echo->commitment, &commitment);
    int error = check_fragment(broadcast, &in->fragment, member);
    if (error != OK)
        return error;
    echo->frame = frame_ref(frame);
    echo->commitment = commitment;
    progress(broadcast, &commitment);
    return OK;
}

static int on_ready(struct broadcast *broadcast, uint32_t member, const struct digest *commitment) {
    if (member_set_has(&broadcast->ready_from, member))
        return compare(broadcast, member, &broadcast->readies[member], commitment);
    member_set_add(&broadcast->ready_from, member);
    broadcast->readies[member] = *commitment;
    progress(broadcast, commitment);
    return OK;
}

int broadcast_receive(struct broadcast *broadcast, uint32_t member, const struct message *message) {
    struct broadcast_message in;
    int error = broadcast_decode(&in, message);
    if (error != OK)
        return error;
    if (in.instance != broadcast->config.instance)
        return ERR_UNKNOWN;
    /* Whoever delivers late still needs the own fragment: it is echoed in any case. */
    if (in.type == MESSAGE_BROADCAST_VAL)
        return on_value(broadcast, member, &in);
    if (broadcast->delivered || broadcast->aborted)
        return ERR_STALE;
    if (in.type == MESSAGE_BROADCAST_ECHO)
        return on_echo(broadcast, member, &in, message->frame);
    return on_ready(broadcast, member, &in.commitment);
}

static void code_message(struct broadcast *broadcast, const void *bytes, size_t size) {
    struct env *env = broadcast->config.env;
    const struct erasure_code *code = broadcast->config.code;
    const size_t piece_size = erasure_piece_size(code->k, size);
    struct merkle_tree tree;
    free(broadcast->pieces);
    broadcast->pieces = memory_new(code->n, piece_size);
    broadcast->nodes = memory_new(merkle_tree_nodes(code->n), sizeof *broadcast->nodes);
    broadcast->size = size;
    memcpy(broadcast->pieces, bytes, size);
    env_charge(env, WORK_RS_ENCODE_KIB, (size + 1023) / 1024);
    int error = erasure_encode(code, broadcast->pieces, size);
    assert(error == OK); /* below the limit */
    env_charge_hash(env, code->n * piece_size);
    env_charge(env, WORK_MERKLE_LEAF, code->n);
    fragment_commit(&tree, broadcast->nodes, broadcast->pieces, piece_size, code->n);
}

int broadcast_start(struct broadcast *broadcast, const void *bytes, size_t size) {
    const struct broadcast_echo *own = &broadcast->echoes[broadcast->config.self];
    struct broadcast_message message;
    assert(broadcast->config.self == broadcast->config.sender);
    if (size == 0 || size > broadcast->config.limit)
        return ERR_LIMIT;
    if (broadcast->nodes != NULL)
        return ERR_DUPLICATE;
    code_message(broadcast, bytes, size);
    make_fragment(broadcast, broadcast->config.self, &message, MESSAGE_BROADCAST_ECHO);
    fragment_commitment(&message.fragment, &broadcast->built);
    if (own->frame == NULL) {
        say_echo(broadcast, &message.fragment);
    } else if (!same(&own->commitment, &broadcast->built)) {
        free(broadcast->nodes);
        free(broadcast->pieces);
        broadcast->nodes = NULL;
        broadcast->pieces = NULL;
        return ERR_CONFLICT;
    }
    broadcast->sending = true;
    progress(broadcast, &broadcast->built);
    return OK;
}

void broadcast_init(struct broadcast *broadcast, const struct broadcast_config *config) {
    const uint32_t members = config->committee.count;
    assert(config->code->n == members &&
           config->code->k == members - 2 * committee_faults(&config->committee));
    *broadcast = (struct broadcast){.config = *config};
    broadcast->echoes = memory_new(members, sizeof *broadcast->echoes);
    broadcast->readies = memory_new(members, sizeof *broadcast->readies);
}

void broadcast_deinit(struct broadcast *broadcast) {
    for (uint32_t i = 0; i < broadcast->config.committee.count; i++)
        frame_unref(broadcast->echoes[i].frame);
    free(broadcast->echoes);
    free(broadcast->readies);
    free(broadcast->pieces);
    free(broadcast->nodes);
    *broadcast = (struct broadcast){0};
}

/* Saying it again, and durable: u8 whether READY was said · its commitment · the ECHO's frame. */

void broadcast_repeat(struct broadcast *broadcast, node_id to, bool value) {
    const struct broadcast_config *config = &broadcast->config;
    const struct broadcast_echo *own = &broadcast->echoes[config->self];
    if (value && broadcast->nodes != NULL)
        send_value(broadcast, committee_index(&config->committee, to));
    if (own->frame != NULL)
        env_send(config->env, to, frame_ref(own->frame));
    if (has_readied(broadcast))
        env_send(config->env, to, ready_frame(broadcast));
}

size_t broadcast_store_bytes(const struct broadcast *broadcast) {
    const struct frame *echo = broadcast->echoes[broadcast->config.self].frame;
    return 1 + DIGEST_BYTES + 4 + (echo == NULL ? 0 : echo->size);
}

void broadcast_store(const struct broadcast *broadcast, struct writer *writer) {
    const struct frame *echo = broadcast->echoes[broadcast->config.self].frame;
    write_u8(writer, has_readied(broadcast));
    write_digest(writer, &broadcast->readies[broadcast->config.self]);
    write_blob(writer, echo == NULL ? NULL : echo->bytes, echo == NULL ? 0 : echo->size);
}

static int restore_echo(struct broadcast *broadcast, const uint8_t *bytes, size_t size) {
    struct broadcast_echo *own = &broadcast->echoes[broadcast->config.self];
    struct broadcast_message echo;
    struct message message;
    struct frame *frame = frame_copy(bytes, size);
    int error = message_parse(&message, frame);
    if (error == OK)
        error = broadcast_decode(&echo, &message);
    if (error == OK &&
        (echo.type != MESSAGE_BROADCAST_ECHO || echo.instance != broadcast->config.instance ||
         check_fragment(broadcast, &echo.fragment, broadcast->config.self) != OK))
        error = ERR_INVALID;
    if (error == OK) {
        own->frame = frame_ref(frame);
        fragment_commitment(&echo.fragment, &own->commitment);
    }
    frame_unref(frame);
    return error;
}

int broadcast_restore(struct broadcast *broadcast, struct reader *reader) {
    const uint32_t self = broadcast->config.self;
    struct digest ready;
    size_t size;
    const uint8_t readied = read_u8(reader);
    read_digest(reader, &ready);
    const uint8_t *bytes = read_blob(reader, LIMIT_FRAME_BYTES, &size);
    if (readied > 1)
        reader_fail(reader, ERR_INVALID);
    if (reader->error != OK)
        return reader->error;
    int error = size > 0 ? restore_echo(broadcast, bytes, size) : OK;
    if (error == OK && readied == 1) {
        member_set_add(&broadcast->ready_from, self);
        broadcast->readies[self] = ready;
    }
    return error;
}
