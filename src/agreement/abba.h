/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asynchronous binary Byzantine agreement: n members, at most f faulty, agree on one of the values
 * that correct members put in, without any assumption about time. It is the protocol of Mostéfaoui,
 * Moumen and Raynal (PODC 14) with the CONF step that Cobalt (MacBrough, 2018) added, because
 * without it whoever learns the coin first can keep the others apart for ever, and with TERM so
 * that it ends.
 *
 * Round r, with the estimate est:
 *   BVAL  say est; what f + 1 say, say too; what 2f + 1 say joins bin_values.
 *   AUX   say the first of bin_values; wait for n - f AUX with values of bin_values: the set vals.
 *   CONF  say vals; wait for n - f CONF whose sets bin_values holds; vals = the union of these.
 *   COIN  only now give the share of the coin s of round r.
 *         vals = {b}: est = b, and decide b if b = s; else est = s.
 *   TERM  after a decision, say so once: it stands for BVAL, AUX and CONF of all later rounds.
 *         f + 1 TERM of a value decide it, 2f + 1 end the instance.
 *
 * The union matters: with the own AUX set instead, a member that was kept slow can be given a
 * singleton after the coin is known (tests/agreement/abba_attack_test.c shows both).
 *
 * A member that decides through TERM completes the round it is in, and then stops as well. BVAL is
 * relayed in all rounds until the end, also in those that this member has left: bin_values must
 * become the same everywhere.
 *
 * Cost: a round takes 3 (BVAL, AUX, COIN) or 4 hops and n(n - 1) messages a step, one more of both
 * when estimates differ. It decides with probability 1/2 a round once estimates agree.
 *
 * Traces: VOTED at phase 3 (AUX) and 4 (CONF), CERTIFIED at 5 (the decision), with the view
 * instance << 8 | round mod 256 (0 in the last) and the set in place of a block.
 *
 * Links are assumed reliable: where they are not, the owner calls abba_repeat. Rounds are kept until
 * deinit. A member keeps rounds of others up to LIMIT_FUTURE_MESSAGES ahead of its own; to come so
 * far without deciding has the probability 2^-64, as it has 2^-1000 to reach ABBA_ROUNDS, where a
 * member would stay undecided. */
#ifndef TIERCHAIN_AGREEMENT_ABBA_H
#define TIERCHAIN_AGREEMENT_ABBA_H

#include "agreement/abba_messages.h"
#include "agreement/common_coin.h"
#include "agreement/member_set.h"
#include "consensus/committee.h"

#define ABBA_OUTBOX 16

/* Where coins come from. */
enum abba_coins {
    ABBA_COINS_REAL, /* the common coin in every round */
    ABBA_COINS_CHEAP, /* true, false, common coin, true …; CONF only in rounds of the latter (hbbft) */
};

/* Broken rules, for tests that show what the sound ones are for. */
enum abba_rule {
    ABBA_SOUND,
    ABBA_WITHOUT_CONF, /* MMR14 as published: HoneyBadgerBFT issue 59 */
    ABBA_OWN_AUX_SET,  /* vals stays the own AUX set after CONF */
};

struct abba_client {
    /* Called before messages leave that bind this member: what abba_store writes must be durable
     * before anything that follows. May be NULL: then a restart is not possible. */
    void (*persist)(void *context);
    /* Once, at the end of the call that led to it. May be NULL: the owner reads @decided. */
    void (*decide)(void *context, bool value);
    void *context;
};

struct abba_config {
    struct env *env;
    struct committee committee;
    uint32_t self; /* own index */
    uint16_t channel;
    uint64_t instance;              /* tells it from the channel's others */
    const struct common_coin *coin; /* borrowed */
    enum abba_coins coins;
    enum abba_rule rule;
    struct abba_client client;
};

/* What is known about one round. Sets of values are bit masks (SET_…), zero is none. */
struct abba_round {
    struct member_set bval[2]; /* by value */
    struct member_set aux[2];
    struct member_set conf[SET_BOTH]; /* by set - 1 */
    uint8_t said_bval, said_aux, said_conf;
    uint8_t bin_values;
    uint8_t vals; /* what the round ends with, once it is fixed */
    bool said_coin;
    struct member_set shared; /* whose coin share came, good or bad */
    uint32_t share_count;
    struct dh_share *shares; /* verified; at most the threshold, NULL before the first */
};

struct abba_term {
    uint8_t set; /* 0: none */
    uint16_t round;
};

/* In caller memory; must not move between init and deinit. */
struct abba {
    struct abba_config config;
    struct abba_round **rounds; /* by number, NULL where nothing is known */
    uint32_t round_capacity;
    uint32_t round; /* the current one */
    bool estimate;
    bool has_input;
    bool decided, value;
    bool stopped; /* decided and past the round of the decision: TERM stands for this member */
    bool halted;  /* 2f + 1 TERM: nothing more to say or to hear */
    bool reporting;
    struct abba_term *terms;   /* per member */
    struct member_set term[2]; /* by value */
    struct member_set faulty;  /* caught with a contradiction or a bad coin share */
    struct frame *outbox[ABBA_OUTBOX];
    size_t outbox_count;
};

void abba_init(struct abba *abba, const struct abba_config *config);
void abba_deinit(struct abba *abba);

/* Within a step: the own input. ERR_DUPLICATE when there was one, or when the first round is over
 * without it. */
int abba_input(struct abba *abba, bool value);

/* Within a step: a message of @member. A member takes part with or without an input. 0, or why it
 * was dropped: errors of abba_decode; ERR_UNKNOWN (another instance); ERR_STALE (ended);
 * ERR_FUTURE; ERR_DUPLICATE; ERR_CONFLICT (says two things where one is allowed); ERR_PROOF,
 * ERR_NON_CANONICAL (bad coin share). */
int abba_receive(struct abba *abba, uint32_t member, const struct message *message);

/* Within a step: f + 1 members vouch that @value was decided; as good as their TERM. */
void abba_learn(struct abba *abba, bool value);

/* Sends to @to all that this member has said. */
void abba_repeat(struct abba *abba, node_id to);

/* The durable state: what was said. abba_restore goes on from there on a fresh instance, within a
 * step; what had been decided before is not reported again. Errors: of the cursor, for bytes that
 * abba_store did not write. */
size_t abba_store_bytes(const struct abba *abba);
void abba_store(const struct abba *abba, struct writer *writer);
int abba_restore(struct abba *abba, struct reader *reader);

#endif
