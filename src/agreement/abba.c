/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agreement/abba.h"

#include <assert.h>
#include <stdlib.h>

#include "agreement/abba_internal.h"
#include "base/error.h"
#include "base/memory.h"

enum { PHASE_AUX = 3, PHASE_CONF = 4, PHASE_DECISION = 5 };

static uint8_t set_of(bool value) {
    return value ? SET_TRUE : SET_FALSE;
}

/* n - f: so many messages will come, whatever the faulty members do. */
static uint32_t quorum(const struct abba *abba) {
    return committee_quorum(&abba->config.committee);
}

static uint32_t faults(const struct abba *abba) {
    return committee_faults(&abba->config.committee);
}

static bool coin_is_common(const struct abba *abba, uint32_t number) {
    return abba->config.coins == ABBA_COINS_REAL || number % 3 == 2;
}

static void trace(const struct abba *abba, enum trace_point point, uint64_t phase, uint32_t number,
                  uint8_t set) {
    const uint64_t view = abba->config.instance << 8 | (number & 0xff);
    env_trace(abba->config.env, point, trace_phase(phase, abba->config.channel, view), set);
}

/* Speaking: what is said counts here at once, and leaves once it is durable. */

static void flush(struct abba *abba) {
    const struct abba_config *config = &abba->config;
    if (abba->outbox_count > 0 && config->client.persist != NULL)
        config->client.persist(config->client.context);
    for (size_t i = 0; i < abba->outbox_count; i++)
        env_broadcast(config->env, config->committee.members, config->committee.count,
                      abba->outbox[i]);
    abba->outbox_count = 0;
}

static void post(struct abba *abba, const struct abba_message *message) {
    if (abba->outbox_count == ABBA_OUTBOX)
        flush(abba);
    abba->outbox[abba->outbox_count++] = abba_encode(message, abba->config.channel);
}

static void say(struct abba *abba, uint16_t type, uint32_t number, uint8_t set) {
    struct abba_message message = {
        .type = type, .instance = abba->config.instance, .round = (uint16_t)number, .set = set};
    post(abba, &message);
}

static bool has_aux(const struct abba_round *round, uint32_t member) {
    return member_set_has(&round->aux[0], member) || member_set_has(&round->aux[1], member);
}

static bool has_conf(const struct abba_round *round, uint32_t member) {
    for (size_t i = 0; i < ARRAY_LEN(round->conf); i++)
        if (member_set_has(&round->conf[i], member))
            return true;
    return false;
}

/* "On 2f + 1: add v to bin_values." */
void abba_update_bin_values(const struct abba *abba, struct abba_round *round) {
    for (int value = 0; value < 2; value++)
        if (member_set_count(&round->bval[value]) >= 2 * faults(abba) + 1)
            round->bin_values |= set_of(value);
}

/* "A TERM(b) counts as BVAL, AUX and CONF of b for all later rounds." */
static void count_term(const struct abba *abba, struct abba_round *round, uint32_t number,
                       uint32_t member) {
    const struct abba_term *term = &abba->terms[member];
    if (term->set == 0 || number <= term->round)
        return;
    member_set_add(&round->bval[term->set == SET_TRUE], member);
    if (!has_aux(round, member))
        member_set_add(&round->aux[term->set == SET_TRUE], member);
    if (!has_conf(round, member))
        member_set_add(&round->conf[term->set - 1], member);
    if (member == abba->config.self)
        round->said_bval |= term->set;
}

struct abba_round *abba_round_find(const struct abba *abba, uint32_t number) {
    return number < abba->round_capacity ? abba->rounds[number] : NULL;
}

struct abba_round *abba_round_at(struct abba *abba, uint32_t number) {
    struct abba_round *round = abba_round_find(abba, number);
    if (round != NULL)
        return round;
    if (number >= abba->round_capacity) {
        const uint32_t capacity = number + 4;
        abba->rounds = memory_resize(abba->rounds, capacity, sizeof *abba->rounds);
        for (uint32_t i = abba->round_capacity; i < capacity; i++)
            abba->rounds[i] = NULL;
        abba->round_capacity = capacity;
    }
    round = abba->rounds[number] = memory_new(1, sizeof *round);
    for (uint32_t member = 0; member < abba->config.committee.count; member++)
        count_term(abba, round, number, member);
    abba_update_bin_values(abba, round);
    return round;
}

static void say_bval(struct abba *abba, uint32_t number, bool value) {
    struct abba_round *round = abba_round_at(abba, number);
    if ((round->said_bval & set_of(value)) != 0)
        return;
    round->said_bval |= set_of(value);
    member_set_add(&round->bval[value], abba->config.self);
    abba_update_bin_values(abba, round);
    say(abba, MESSAGE_ABBA_BVAL, number, set_of(value));
}

/* "On f + 1 BVAL(r, v) from distinct senders: multicast BVAL(r, v) if not yet sent (also for the
 * second value)." Not for rounds ahead, but for all others until the end. */
static void relay(struct abba *abba, uint32_t number) {
    const struct abba_round *round = abba_round_find(abba, number);
    if (round == NULL || (number > abba->round && !abba->stopped))
        return;
    for (int value = 0; value < 2; value++)
        if (member_set_count(&round->bval[value]) > faults(abba))
            say_bval(abba, number, value);
}

static void say_aux(struct abba *abba, struct abba_round *round) {
    /* Both can be there when a round is entered late: then its own estimate is as good as any. */
    bool value = round->bin_values == SET_BOTH ? abba->estimate : round->bin_values == SET_TRUE;
    round->said_aux = set_of(value);
    member_set_add(&round->aux[value], abba->config.self);
    trace(abba, TRACE_VOTED, PHASE_AUX, abba->round, round->said_aux);
    say(abba, MESSAGE_ABBA_AUX, abba->round, round->said_aux);
}

static void say_conf(struct abba *abba, struct abba_round *round, uint8_t vals) {
    round->said_conf = vals;
    if (abba->config.rule == ABBA_WITHOUT_CONF)
        return;
    member_set_add(&round->conf[vals - 1], abba->config.self);
    trace(abba, TRACE_VOTED, PHASE_CONF, abba->round, vals);
    say(abba, MESSAGE_ABBA_CONF, abba->round, vals);
}

void abba_coin_name(const struct abba *abba, uint32_t number, uint8_t name[ABBA_COIN_NAME_BYTES]) {
    struct writer writer;
    writer_init(&writer, name, ABBA_COIN_NAME_BYTES);
    write_u16(&writer, abba->config.channel);
    write_u64(&writer, abba->config.instance);
    write_u16(&writer, (uint16_t)number);
}

void abba_own_share(struct abba *abba, uint32_t number, struct dh_share *share) {
    uint8_t name[ABBA_COIN_NAME_BYTES];
    abba_coin_name(abba, number, name);
    common_coin_share(abba->config.coin, abba->config.env, name, sizeof name, share);
}

void abba_add_share(struct abba *abba, struct abba_round *round, const struct dh_share *share) {
    const uint32_t threshold = abba->config.coin->keys->threshold;
    if (round->shares == NULL)
        round->shares = memory_new(threshold, sizeof *round->shares);
    if (round->share_count < threshold)
        round->shares[round->share_count++] = *share;
}

static void say_coin(struct abba *abba, struct abba_round *round) {
    struct abba_message message = {.type = MESSAGE_ABBA_COIN,
                                   .instance = abba->config.instance,
                                   .round = (uint16_t)abba->round};
    if (round->said_coin)
        return;
    round->said_coin = true;
    abba_own_share(abba, abba->round, &message.share);
    abba_add_share(abba, round, &message.share);
    post(abba, &message);
}

/* The steps of a round. */

/* "Wait until n - f AUX(r, .) whose values are all in bin_values(r) (re-check as bin_values grows);
 * vals := set of those values." 0 while there are fewer. */
static uint8_t aux_values(const struct abba *abba, const struct abba_round *round) {
    uint32_t count = 0;
    uint8_t vals = 0;
    for (int value = 0; value < 2; value++) {
        const uint32_t some = member_set_count(&round->aux[value]);
        if ((round->bin_values & set_of(value)) == 0 || some == 0)
            continue;
        count += some;
        vals |= set_of(value);
    }
    return count >= quorum(abba) ? vals : 0;
}

/* "Wait for n - f CONF whose sets are subsets of bin_values(r); vals := union of those sets." */
static uint8_t conf_values(const struct abba *abba, const struct abba_round *round) {
    uint32_t count = 0;
    uint8_t vals = 0;
    if (abba->config.rule == ABBA_WITHOUT_CONF)
        return round->said_conf;
    for (uint8_t set = SET_FALSE; set <= SET_BOTH; set++) {
        const uint32_t some = member_set_count(&round->conf[set - 1]);
        if ((set & ~round->bin_values) != 0 || some == 0)
            continue;
        count += some;
        vals |= set;
    }
    if (count < quorum(abba))
        return 0;
    return abba->config.rule == ABBA_OWN_AUX_SET ? round->said_conf : vals;
}

static void decide(struct abba *abba, bool value) {
    const uint32_t self = abba->config.self;
    abba->decided = abba->reporting = true;
    abba->value = value;
    if (!abba->has_input && abba->round == 0) {
        /* Some correct member put the value in; so the round can be completed with it. */
        abba->has_input = true;
        abba->estimate = value;
        say_bval(abba, 0, value);
    }
    trace(abba, TRACE_CERTIFIED, PHASE_DECISION, 0, set_of(value));
    abba->terms[self] = (struct abba_term){set_of(value), (uint16_t)abba->round};
    member_set_add(&abba->term[value], self);
    say(abba, MESSAGE_ABBA_TERM, abba->round, set_of(value));
    for (uint32_t i = abba->round + 1; i < abba->round_capacity; i++) {
        if (abba->rounds[i] == NULL)
            continue;
        count_term(abba, abba->rounds[i], i, self);
        abba_update_bin_values(abba, abba->rounds[i]);
    }
}

/* "if vals = {b}: est := b; if b = s decide b (once). else est := s. Next epoch." */
static void finish_round(struct abba *abba, uint8_t vals, bool coin) {
    const bool single = vals != SET_BOTH;
    abba->estimate = single ? vals == SET_TRUE : coin;
    abba->has_input = true;
    if (single && abba->estimate == coin && !abba->decided)
        decide(abba, coin);
    if (abba->decided) {
        abba->stopped = true;
        for (uint32_t i = abba->round + 1; i < abba->round_capacity; i++)
            relay(abba, i);
        return;
    }
    abba->round++;
    say_bval(abba, abba->round, abba->estimate);
    relay(abba, abba->round);
}

static bool toss(struct abba *abba, const struct abba_round *round) {
    uint8_t name[ABBA_COIN_NAME_BYTES];
    abba_coin_name(abba, abba->round, name);
    return common_coin_toss(abba->config.coin, abba->config.env, name, sizeof name, round->shares);
}

/* One transition of the current round; false when it has to wait. */
static bool advance(struct abba *abba) {
    struct abba_round *round = abba_round_at(abba, abba->round);
    if (round->said_aux == 0) {
        if (round->bin_values == 0)
            return false;
        say_aux(abba, round);
    }
    if (abba->round + 1 == ABBA_ROUNDS)
        return false;
    if (round->said_conf == 0) {
        const uint8_t vals = aux_values(abba, round);
        if (vals == 0)
            return false;
        if (coin_is_common(abba, abba->round))
            say_conf(abba, round, vals);
        else
            finish_round(abba, vals, abba->round % 3 == 0);
        return true;
    }
    if (round->vals == 0) {
        round->vals = conf_values(abba, round);
        if (round->vals == 0)
            return false;
        say_coin(abba, round); /* "only now release the coin share" */
    }
    if (round->share_count < abba->config.coin->keys->threshold)
        return false;
    finish_round(abba, round->vals, toss(abba, round));
    return true;
}

/* "On f + 1 TERM(b): decide b; on 2f + 1 stop." */
static void hear_terms(struct abba *abba) {
    for (int value = 0; value < 2; value++) {
        if (!abba->decided && member_set_count(&abba->term[value]) > faults(abba))
            decide(abba, value);
        if (abba->decided && member_set_count(&abba->term[value]) >= 2 * faults(abba) + 1)
            abba->halted = true;
    }
}

void abba_progress(struct abba *abba) {
    do {
        hear_terms(abba);
    } while (!abba->halted && !abba->stopped && advance(abba));
    flush(abba);
    if (abba->reporting) {
        abba->reporting = false;
        if (abba->config.client.decide != NULL)
            abba->config.client.decide(abba->config.client.context, abba->value);
    }
}

/* Hearing. */

static int on_bval(struct abba *abba, uint32_t member, const struct abba_message *in) {
    struct abba_round *round = abba_round_at(abba, in->round);
    struct member_set *set = &round->bval[in->set == SET_TRUE];
    if (member_set_has(set, member))
        return ERR_DUPLICATE;
    member_set_add(set, member);
    abba_update_bin_values(abba, round);
    relay(abba, in->round);
    return OK;
}

/* One a round is allowed. */
static int add_vote(struct abba *abba, struct member_set *to, bool has_voted, uint32_t member) {
    if (member_set_has(to, member))
        return ERR_DUPLICATE;
    if (has_voted) {
        member_set_add(&abba->faulty, member);
        return ERR_CONFLICT;
    }
    member_set_add(to, member);
    return OK;
}

static int on_coin(struct abba *abba, uint32_t member, struct abba_message *in) {
    struct abba_round *round = abba_round_at(abba, in->round);
    uint8_t name[ABBA_COIN_NAME_BYTES];
    if (member_set_has(&round->shared, member))
        return ERR_DUPLICATE;
    member_set_add(&round->shared, member);
    if (round->share_count == abba->config.coin->keys->threshold)
        return OK; /* the coin is known without it */
    abba_coin_name(abba, in->round, name);
    in->share.holder = member + 1;
    int error = common_coin_verify(abba->config.coin, abba->config.env, member, name, sizeof name,
                                   &in->share);
    if (error == OK)
        abba_add_share(abba, round, &in->share);
    else
        member_set_add(&abba->faulty, member);
    return error;
}

static int on_term(struct abba *abba, uint32_t member, const struct abba_message *in) {
    struct abba_term *term = &abba->terms[member];
    if (term->set != 0)
        return add_vote(abba, &abba->term[in->set == SET_TRUE], true, member);
    *term = (struct abba_term){in->set, in->round};
    member_set_add(&abba->term[in->set == SET_TRUE], member);
    for (uint32_t i = in->round + 1u; i < abba->round_capacity; i++) {
        if (abba->rounds[i] == NULL)
            continue;
        count_term(abba, abba->rounds[i], i, member);
        abba_update_bin_values(abba, abba->rounds[i]);
        relay(abba, i);
    }
    return OK;
}

static int hear(struct abba *abba, uint32_t member, struct abba_message *in) {
    if (in->type == MESSAGE_ABBA_TERM)
        return on_term(abba, member, in);
    if (in->round > abba->round + LIMIT_FUTURE_MESSAGES)
        return ERR_FUTURE;
    if (in->type == MESSAGE_ABBA_BVAL)
        return on_bval(abba, member, in);
    struct abba_round *round = abba_round_at(abba, in->round);
    if (in->type == MESSAGE_ABBA_AUX)
        return add_vote(abba, &round->aux[in->set == SET_TRUE], has_aux(round, member), member);
    if (!coin_is_common(abba, in->round))
        return ERR_INVALID;
    if (in->type == MESSAGE_ABBA_CONF)
        return add_vote(abba, &round->conf[in->set - 1], has_conf(round, member), member);
    return on_coin(abba, member, in);
}

int abba_receive(struct abba *abba, uint32_t member, const struct message *message) {
    struct abba_message in;
    int error = abba_decode(&in, message);
    if (error != OK)
        return error;
    if (in.instance != abba->config.instance)
        return ERR_UNKNOWN;
    if (abba->halted)
        return ERR_STALE;
    error = hear(abba, member, &in);
    if (error == OK)
        abba_progress(abba);
    return error;
}

int abba_input(struct abba *abba, bool value) {
    if (abba->has_input)
        return ERR_DUPLICATE;
    abba->has_input = true;
    abba->estimate = value;
    say_bval(abba, 0, value);
    abba_progress(abba);
    return OK;
}

void abba_learn(struct abba *abba, bool value) {
    if (!abba->decided)
        decide(abba, value);
    abba_progress(abba);
}

void abba_init(struct abba *abba, const struct abba_config *config) {
    assert(config->coin->keys->members == config->committee.count);
    *abba = (struct abba){.config = *config};
    abba->terms = memory_new(config->committee.count, sizeof *abba->terms);
}

void abba_deinit(struct abba *abba) {
    for (uint32_t i = 0; i < abba->round_capacity; i++) {
        if (abba->rounds[i] != NULL)
            free(abba->rounds[i]->shares);
        free(abba->rounds[i]);
    }
    for (size_t i = 0; i < abba->outbox_count; i++)
        frame_unref(abba->outbox[i]);
    free(abba->rounds);
    free(abba->terms);
    *abba = (struct abba){0};
}
