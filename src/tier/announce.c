/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tier/announce.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "crypto/identity.h"

static const char domain[] = "tierchain announcement";

void announcement_write(const struct announcement *in, uint16_t channel,
                        uint8_t out[ANNOUNCEMENT_BYTES]) {
    struct writer writer;
    writer_init(&writer, out, ANNOUNCEMENT_BYTES);
    write_u16(&writer, channel);
    write_u64(&writer, in->height);
    write_digest(&writer, &in->block);
    write_digest(&writer, &in->batch);
    write_digest(&writer, &in->previous);
    write_u32(&writer, in->previous_announcer);
    write_u32(&writer, in->announcer);
    assert(writer.error == OK && writer.at == ANNOUNCEMENT_BYTES);
}

int announcement_read(struct announcement *out, uint16_t channel, const uint8_t *bytes, size_t size,
                      size_t signature_bytes, const uint8_t **signature) {
    struct reader reader;
    reader_init(&reader, bytes, size);
    if (read_u16(&reader) != channel)
        reader_fail(&reader, ERR_MISMATCH);
    out->height = read_u64(&reader);
    if (out->height == 0)
        reader_fail(&reader, ERR_INVALID);
    read_digest(&reader, &out->block);
    read_digest(&reader, &out->batch);
    read_digest(&reader, &out->previous);
    out->previous_announcer = read_u32(&reader);
    out->announcer = read_u32(&reader);
    *signature = read_view(&reader, signature_bytes);
    return reader_finish(&reader);
}

/* What is signed: the domain's name, then the announcement. */
#define SIGNED_BYTES (sizeof domain + ANNOUNCEMENT_BYTES)

static void statement(const struct announcement *in, uint16_t channel, uint8_t out[SIGNED_BYTES]) {
    memcpy(out, domain, sizeof domain);
    announcement_write(in, channel, out + sizeof domain);
}

static struct digest id_of(struct announce *announce, uint64_t height, const struct digest *block) {
    uint8_t bytes[2 + 8 + DIGEST_BYTES];
    struct writer writer;
    struct digest id;
    writer_init(&writer, bytes, sizeof bytes);
    write_u16(&writer, announce->config.channel);
    write_u64(&writer, height);
    write_digest(&writer, block);
    identity_hash(announce->env, &id, bytes, sizeof bytes);
    return id;
}

static struct announce_height *height_slot(struct announce *announce, uint64_t height) {
    return &announce->heights[height % ANNOUNCE_WINDOW];
}

static bool contradicts(struct announce *announce, uint64_t height, const struct digest *block) {
    const struct announce_height *known = height_slot(announce, height);
    return known->height == height && memcmp(&known->block, block, sizeof *block) != 0;
}

static void note(struct announce *announce, const struct announce_height *news) {
    struct announce_height *known = height_slot(announce, news->height);
    if (known->height > news->height)
        return;
    bool announced = known->height == news->height && known->announced;
    *known = *news;
    known->announced |= announced;
}

static int on_gossip(void *context, const struct plumtree_message *gossip);
static void on_lost(void *context, const struct digest *id);

static time_ns join_delay_max(const struct announce_config *config) {
    return config->request_timeout + config->join_spread;
}

/* The tree of a representative, over the links that stand now; made when it is first needed. */
static struct announce_source *source_of(struct announce *announce, uint32_t member) {
    const struct announce_config *config = &announce->config;
    struct announce_source *source = announce->sources[member];
    if (source != NULL)
        return source;
    source = memory_new(1, sizeof *source);
    source->owner = announce;
    announce->sources[member] = source;
    struct plumtree_config plumtree = {
        .env = announce->env,
        .channel = (uint16_t)(config->channel + member),
        .missing_timeout = config->missing_timeout,
        .graft_timeout = config->graft_timeout,
        .offer = join_delay_max(config) + ANNOUNCE_ATTEMPTS * config->request_timeout,
        .client = {on_gossip, on_lost, source},
    };
    plumtree_init(&source->plumtree, &plumtree);
    for (size_t i = 0; i < announce->hyparview.active.count; i++)
        (void)plumtree_up(&source->plumtree, announce->hyparview.active.peers[i]);
    return source;
}

/* RFC 6479's window against replays, one for each announcer, so that none can spoil another's. */
static int seen_check(const struct announce_source *source, uint64_t height) {
    if (height > source->highest)
        return OK;
    uint64_t behind = source->highest - height;
    if (behind >= ANNOUNCE_WINDOW)
        return ERR_STALE;
    return source->seen >> behind & 1 ? ERR_DUPLICATE : OK;
}

static void seen_add(struct announce_source *source, uint64_t height) {
    if (height > source->highest) {
        uint64_t ahead = height - source->highest;
        source->seen = (ahead < ANNOUNCE_WINDOW ? source->seen << ahead : 0) | 1;
        source->highest = height;
    } else {
        source->seen |= UINT64_C(1) << (source->highest - height);
    }
}

_Static_assert(ANNOUNCE_WINDOW == 64, "one bit for each height of the window");

/* The height below an announced one must have been announced too. */
static void mind_gap(struct announce *announce, const struct announcement *in) {
    uint64_t below = in->height - 1;
    const struct announce_height *known = height_slot(announce, below);
    uint32_t member = committee_index(&announce->config.announcers, in->previous_announcer);
    if (below < announce->first || known->height > below ||
        (known->height == below && known->announced) || member == MEMBER_NONE)
        return;
    struct digest id = id_of(announce, below, &in->previous);
    (void)plumtree_want(&source_of(announce, member)->plumtree, &id);
}

static void await_news(struct announce *announce) {
    env_timer_start(announce->env, &announce->silence,
                    ANNOUNCE_SILENCE * announce->config.shuffle_period);
}

static void join_again(struct announce *announce, node_id contact) {
    time_ns now = announce->env->now;
    if (now - announce->joined < announce->config.shuffle_period)
        return;
    announce->joined = now;
    hyparview_join(&announce->hyparview, contact);
}

static void on_lost(void *context, const struct digest *id) {
    const struct announce_source *source = context;
    struct announce *announce = source->owner;
    for (uint32_t i = 0; i < announce->config.announcers.count; i++)
        if (announce->sources[i] == source)
            join_again(announce, announce->config.announcers.members[i]);
}

static void on_silence(struct timer *timer) {
    struct announce *announce = container_of(timer, struct announce, silence);
    const struct committee *contacts = &announce->config.announcers;
    await_news(announce);
    join_again(announce, contacts->members[rng_below(&announce->hyparview.rng, contacts->count)]);
}

static int check(struct announce_source *source, const struct announcement *in,
                 const uint8_t *signature) {
    struct announce *announce = source->owner;
    uint8_t bytes[SIGNED_BYTES];
    uint32_t member = committee_index(&announce->config.announcers, in->announcer);
    if (member == MEMBER_NONE || announce->sources[member] != source)
        return ERR_NOT_MEMBER;
    int error = seen_check(source, in->height);
    if (error != OK)
        return error;
    statement(in, announce->config.channel, bytes);
    if (!identity_verify(announce->env, in->announcer, bytes, sizeof bytes, signature))
        return ERR_SIGNATURE;
    return contradicts(announce, in->height, &in->block) ? ERR_CONFLICT : OK;
}

static int on_gossip(void *context, const struct plumtree_message *gossip) {
    struct announce_source *source = context;
    struct announce *announce = source->owner;
    struct announcement in;
    const uint8_t *signature;
    int error = announcement_read(&in, announce->config.channel, gossip->payload, gossip->size,
                                  identity_signature_bytes(announce->env), &signature);
    if (error != OK)
        return error;
    struct digest id = id_of(announce, in.height, &in.block);
    if (memcmp(&id, &gossip->id, sizeof id) != 0)
        return ERR_MISMATCH;
    error = check(source, &in, signature);
    if (error != OK)
        return error;
    seen_add(source, in.height);
    await_news(announce);
    if (announce->first == 0)
        announce->first = in.height;
    note(announce, &(struct announce_height){in.height, in.block, in.announcer, true});
    env_trace(announce->env, TRACE_ANNOUNCED, trace_pair(announce->config.channel, in.height),
              gossip->round + UINT64_C(1));
    mind_gap(announce, &in);
    return OK;
}

static void on_up(void *context, node_id peer) {
    struct announce *announce = context;
    for (uint32_t i = 0; i < announce->config.announcers.count; i++)
        if (announce->sources[i] != NULL)
            (void)plumtree_up(&announce->sources[i]->plumtree, peer);
    (void)heartbeat_up(&announce->heartbeat, peer);
    if (announce->waiting_count > 0)
        env_timer_start(announce->env, &announce->broadcast, 0);
}

static void on_down(void *context, node_id peer) {
    struct announce *announce = context;
    for (uint32_t i = 0; i < announce->config.announcers.count; i++)
        if (announce->sources[i] != NULL)
            plumtree_down(&announce->sources[i]->plumtree, peer);
    heartbeat_down(&announce->heartbeat, peer);
}

_Static_assert(HYPARVIEW_ACTIVE <= PLUMTREE_NEIGHBOURS && HYPARVIEW_ACTIVE <= HEARTBEAT_PEERS,
               "every link finds its place");

static void on_silent(void *context, node_id peer) {
    struct announce *announce = context;
    hyparview_peer_down(&announce->hyparview, peer);
}

/* Representatives join in a ring, so that their first links connect them all; the others spread
 * over them. */
static node_id first_contact(struct announce *announce) {
    const struct committee *contacts = &announce->config.announcers;
    uint32_t member = committee_index(contacts, announce->env->self);
    uint64_t at = member == MEMBER_NONE ? rng_below(&announce->hyparview.rng, contacts->count)
                                        : (member + UINT64_C(1)) % contacts->count;
    return contacts->members[at];
}

static void on_join(struct timer *timer) {
    struct announce *announce = container_of(timer, struct announce, join);
    hyparview_start(&announce->hyparview, first_contact(announce));
}

static void broadcast(struct announce *announce, const struct announcement *out) {
    struct env *env = announce->env;
    uint32_t member = committee_index(&announce->config.announcers, env->self);
    uint8_t signed_bytes[SIGNED_BYTES];
    uint8_t payload[ANNOUNCEMENT_BYTES + LIMIT_SIGNATURE_BYTES];
    struct digest id = id_of(announce, out->height, &out->block);
    statement(out, announce->config.channel, signed_bytes);
    memcpy(payload, signed_bytes + sizeof domain, ANNOUNCEMENT_BYTES);
    identity_sign(env, signed_bytes, sizeof signed_bytes, payload + ANNOUNCEMENT_BYTES);
    if (plumtree_broadcast(&source_of(announce, member)->plumtree, &id, payload,
                           ANNOUNCEMENT_BYTES + identity_signature_bytes(env)) == OK)
        env_trace(env, TRACE_ANNOUNCE, trace_pair(announce->config.channel, out->height), 0);
}

static void on_broadcast(struct timer *timer) {
    struct announce *announce = container_of(timer, struct announce, broadcast);
    for (size_t i = 0; i < announce->waiting_count; i++)
        broadcast(announce, &announce->waiting[i]);
    announce->waiting_count = 0;
}

void announce_decided(struct announce *announce, const struct decision *decision) {
    static const struct announce_height unknown = {.announcer = NODE_NONE};
    struct env *env = announce->env;
    const struct announce_height *below = height_slot(announce, decision->height - 1);
    if (decision->height == 1 || below->height != decision->height - 1)
        below = &unknown;
    bool own = decision->proposer == env->self;
    note(announce,
         &(struct announce_height){decision->height, decision->block, decision->proposer, own});
    /* More own blocks in one step than the window holds are history that this node catches up on. */
    if (!own || announce->waiting_count == ANNOUNCE_WINDOW)
        return;
    struct announcement *out = &announce->waiting[announce->waiting_count++];
    *out = (struct announcement){.height = decision->height,
                                 .block = decision->block,
                                 .previous = below->block,
                                 .previous_announcer = below->announcer,
                                 .announcer = env->self};
    identity_hash(env, &out->batch, decision->batch.bytes, decision->batch.size);
    if (announce->hyparview.active.count > 0) /* otherwise when the first link stands */
        env_timer_start(env, &announce->broadcast, 0);
}

void announce_init(struct announce *announce, struct env *env,
                   const struct announce_config *config) {
    *announce = (struct announce){
        .env = env, .config = *config, .joined = -config->shuffle_period}; /* it may at once */
    struct hyparview_config hyparview = {
        .env = env,
        .channel = config->channel,
        .seed = config->seed,
        .period = config->shuffle_period,
        .timeout = config->request_timeout,
        .contacts = config->announcers.members,
        .contact_count = config->announcers.count,
        .client = {on_up, on_down, announce},
    };
    struct heartbeat_config heartbeat = {
        .env = env,
        .channel = config->channel,
        .period = config->heartbeat_period,
        .silent = on_silent,
        .context = announce,
    };
    hyparview_init(&announce->hyparview, &hyparview);
    heartbeat_init(&announce->heartbeat, &heartbeat);
    timer_init(&announce->join, on_join);
    timer_init(&announce->broadcast, on_broadcast);
    timer_init(&announce->silence, on_silence);
}

void announce_deinit(struct announce *announce) {
    env_timer_stop(announce->env, &announce->join);
    env_timer_stop(announce->env, &announce->broadcast);
    env_timer_stop(announce->env, &announce->silence);
    heartbeat_deinit(&announce->heartbeat);
    for (uint32_t i = 0; i < announce->config.announcers.count; i++) {
        if (announce->sources[i] != NULL)
            plumtree_deinit(&announce->sources[i]->plumtree);
        free(announce->sources[i]);
    }
    hyparview_deinit(&announce->hyparview);
}

/* Representatives link up at once; the others follow when those are one core. Were all to join at
 * the same time, every representative would gather an overlay of its own. */
static time_ns join_delay(struct announce *announce) {
    const struct announce_config *config = &announce->config;
    if (committee_index(&config->announcers, announce->env->self) != MEMBER_NONE)
        return 0;
    return config->request_timeout +
           (time_ns)rng_below(&announce->hyparview.rng, (uint64_t)config->join_spread + 1);
}

void announce_start(struct announce *announce) {
    struct rng *rng = &announce->hyparview.rng;
    env_timer_start(announce->env, &announce->join, join_delay(announce));
    await_news(announce);
    heartbeat_start(&announce->heartbeat,
                    (time_ns)rng_below(rng, (uint64_t)announce->config.heartbeat_period));
}

/* A heartbeat over a link that stands only on the other side tells that side so. */
static int on_heartbeat(struct announce *announce, node_id from, const struct message *message) {
    int error = heartbeat_check(message);
    return error != OK ? error : hyparview_check_link(&announce->hyparview, from);
}

int announce_receive(struct announce *announce, node_id from, const struct message *message) {
    uint32_t member = message->channel - (uint32_t)announce->config.channel;
    if (message->channel < announce->config.channel || member >= announce->config.announcers.count)
        return ERR_MISMATCH;
    heartbeat_heard(&announce->heartbeat, from);
    if (message->type >= MESSAGE_PLUMTREE_GOSSIP && message->type <= MESSAGE_PLUMTREE_PRUNE)
        return plumtree_receive(&source_of(announce, member)->plumtree, from, message);
    if (member != 0)
        return ERR_MISMATCH;
    if (message->type == MESSAGE_HEARTBEAT)
        return on_heartbeat(announce, from, message);
    return hyparview_receive(&announce->hyparview, from, message);
}
