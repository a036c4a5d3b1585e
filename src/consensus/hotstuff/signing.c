/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "consensus/hotstuff/signing.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "consensus/hotstuff/hotstuff.h"

#define REPEATS_PER_VIEW 4 /* silent signers are asked again so often in a view timeout */

static bool same(const struct digest *a, const struct digest *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

static uint32_t quorum_of(const struct hotstuff *self) {
    return committee_quorum(&self->base.committee);
}

static const struct group_keys *keys_of(const struct hotstuff *self) {
    return self->base.certification.group;
}

/* The signer's side. */

static void draw(struct hotstuff *self) {
    struct signer *signer = &self->signer;
    uint8_t use[8 + DIGEST_BYTES + 4];
    struct writer writer;
    writer_init(&writer, use, sizeof use);
    write_u64(&writer, signer->view);
    write_digest(&writer, &signer->block);
    write_u32(&writer, signer->drawn++);
    group_commit(self->base.env, keys_of(self), self->base.self_index, use, sizeof use,
                 &signer->nonces);
}

static void forget_answer(struct signer *signer) {
    frame_unref(signer->request);
    frame_unref(signer->answer);
    signer->request = NULL;
    signer->answer = NULL;
}

static void write_commitment(const struct frost_commitment *commitment, uint8_t *out) {
    memcpy(out, commitment->hiding, ELEMENT_BYTES);
    memcpy(out + ELEMENT_BYTES, commitment->binding, ELEMENT_BYTES);
}

static struct frost_commitment read_commitment(uint32_t member, const uint8_t *bytes) {
    struct frost_commitment commitment = {.holder = member + 1};
    memcpy(commitment.hiding, bytes, ELEMENT_BYTES);
    memcpy(commitment.binding, bytes + ELEMENT_BYTES, ELEMENT_BYTES);
    return commitment;
}

void signing_commit(struct hotstuff *self, uint64_t view, const struct digest *block,
                    uint8_t *commitment) {
    struct signer *signer = &self->signer;
    forget_answer(signer);
    signer->view = view;
    signer->block = *block;
    signer->drawn = 0;
    draw(self);
    write_commitment(&signer->nonces.commitment, commitment);
}

static int start_session(struct hotstuff *self, struct frost_session *session, uint64_t view,
                         const struct digest *block, const struct frost_commitment *list) {
    uint8_t bytes[STATEMENT_BYTES];
    struct statement statement = votes_statement(self, view, block);
    statement_encode(&statement, bytes);
    return group_session(self->base.env, keys_of(self), session, list, quorum_of(self), bytes,
                         sizeof bytes);
}

/* Whether a share for these signers may be given: OK or why not. */
static int check_request(const struct hotstuff *self, node_id from,
                         const struct sign_request *request) {
    const struct signer *signer = &self->signer;
    if (pacemaker_leader(self, request->view + 1) != from)
        return ERR_NOT_LEADER;
    if (request->view != signer->view)
        return request->view < signer->view ? ERR_STALE : ERR_UNKNOWN;
    if (!same(&request->block, &signer->block))
        return ERR_CONFLICT;
    return bitmap_has(request->signers, self->base.self_index) ? OK : ERR_NOT_MEMBER;
}

static void read_list(const struct hotstuff *self, const struct sign_request *request,
                      struct frost_commitment *list) {
    const uint8_t *at = request->commitments;
    for (uint32_t member = 0; member < self->base.committee.count; member++) {
        if (!bitmap_has(request->signers, member))
            continue;
        *list++ = read_commitment(member, at);
        at += HOTSTUFF_COMMITMENT_BYTES;
    }
}

static bool is_repetition(const struct signer *signer, const struct message *message) {
    const struct frame *before = signer->request, *now = message->frame;
    return before != NULL && before->size == now->size &&
           memcmp(before->bytes, now->bytes, now->size) == 0;
}

/* The own share; the nonces are gone with it, and fresh ones are drawn. */
static int give_share(struct hotstuff *self, const struct frost_session *session,
                      struct frost_share *share) {
    struct signer *signer = &self->signer;
    if (signer->drawn > SIGNING_ATTEMPTS)
        return ERR_LIMIT;
    int error = group_sign(self->base.env, keys_of(self), self->base.self_index, session,
                           &signer->nonces, share);
    if (error == OK)
        draw(self);
    return error;
}

static bool lists_own(const struct hotstuff *self, const struct frost_commitment *list) {
    const struct frost_commitment *own = &self->signer.nonces.commitment;
    for (uint32_t i = 0; i < quorum_of(self); i++)
        if (list[i].holder == own->holder)
            return memcmp(list[i].hiding, own->hiding, ELEMENT_BYTES) == 0 &&
                   memcmp(list[i].binding, own->binding, ELEMENT_BYTES) == 0;
    return false;
}

int signing_request(struct hotstuff *self, node_id from, const struct message *message) {
    struct signer *signer = &self->signer;
    struct sign_request request;
    struct frost_commitment list[LIMIT_COMMITTEE];
    struct frost_session session;
    struct frost_share share;
    uint8_t next[HOTSTUFF_COMMITMENT_BYTES];
    if (self->base.certification.scheme->signing_hops == 0)
        return ERR_UNKNOWN_TYPE;
    int error = sign_decode(&request, &self->base.certification, message);
    if (error == OK)
        error = check_request(self, from, &request);
    if (error != OK)
        return error;
    if (is_repetition(signer, message)) {
        const uint32_t member = committee_index(&self->base.committee, from);
        if (!quota_take(&signer->answers, member, self->base.env->now))
            return ERR_LIMIT;
        env_send(self->base.env, from, frame_ref(signer->answer));
        return OK;
    }
    read_list(self, &request, list);
    if (!lists_own(self, list))
        return ERR_UNSAFE; /* nonces that are used, or another's */
    error = start_session(self, &session, request.view, &request.block, list);
    if (error == OK)
        error = give_share(self, &session, &share);
    if (error != OK)
        return error;
    write_commitment(&signer->nonces.commitment, next);
    struct sign_share answer = {request.view, request.attempt, share.scalar, next};
    forget_answer(signer);
    signer->request = frame_ref(message->frame);
    signer->answer = share_encode(&answer, &self->base.certification);
    env_send(self->base.env, from, frame_ref(signer->answer));
    return OK;
}

/* The collector's side. */

static struct signing *signing_new(const struct hotstuff *self) {
    struct signing *signing = memory_new(1, sizeof *signing);
    signing->parties = memory_new(self->base.committee.count, sizeof *signing->parties);
    signing->list = memory_new(quorum_of(self), sizeof *signing->list);
    signing->chosen = memory_new(quorum_of(self), sizeof *signing->chosen);
    signing->shares = memory_new(quorum_of(self), sizeof *signing->shares);
    return signing;
}

void signing_free(struct signing *signing) {
    if (signing == NULL)
        return;
    frame_unref(signing->request);
    free(signing->parties);
    free(signing->list);
    free(signing->chosen);
    free(signing->shares);
    free(signing);
}

static bool is_ready(const struct collector_slot *slot, uint32_t member) {
    const struct signing *signing = slot->signing;
    const struct party *party = &signing->parties[member];
    return party->commitment.holder != 0 && !party->accused &&
           vote_set_has(&slot->set, member, &signing->block);
}

static uint32_t count_ready(const struct hotstuff *self, const struct collector_slot *slot) {
    uint32_t count = 0;
    for (uint32_t member = 0; member < self->base.committee.count; member++)
        count += is_ready(slot, member);
    return count;
}

static void choose(const struct hotstuff *self, struct collector_slot *slot) {
    uint32_t count = 0;
    for (uint32_t member = 0; count < quorum_of(self); member++)
        if (is_ready(slot, member))
            slot->signing->chosen[count++] = slot->signing->parties[member].commitment;
}

static void accuse(struct hotstuff *self, struct signing *signing, uint32_t holder, uint16_t type,
                   int reason) {
    signing->parties[holder - 1].accused = true;
    env_drop(self->base.env, type, reason);
}

/* Chooses signers and prepares their session; false when there are not enough. The attempt that is on
 * stays whole till then: its shares belong to its list. */
static bool prepare(struct hotstuff *self, struct collector_slot *slot) {
    struct signing *signing = slot->signing;
    struct frost_session session;
    while (count_ready(self, slot) >= quorum_of(self)) {
        choose(self, slot);
        if (start_session(self, &session, slot->view, &signing->block, signing->chosen) == OK) {
            struct frost_commitment *given_up = signing->list;
            signing->list = signing->chosen; /* which the session borrows */
            signing->chosen = given_up;
            signing->session = session;
            return true;
        }
        bool found = false;
        for (uint32_t i = 0; i < quorum_of(self); i++) {
            if (group_commitment_is_valid(self->base.env, &signing->chosen[i]))
                continue;
            accuse(self, signing, signing->chosen[i].holder, MESSAGE_HOTSTUFF_VOTE,
                   ERR_NON_CANONICAL);
            found = true;
        }
        if (!found)
            return false; /* a sum that is the identity: nobody's fault */
    }
    return false;
}

static struct frame *request_frame(const struct hotstuff *self, const struct collector_slot *slot) {
    const struct signing *signing = slot->signing;
    const uint32_t quorum = quorum_of(self);
    uint8_t signers[BITMAP_BYTES_MAX] = {0};
    uint8_t commitments[LIMIT_COMMITTEE * HOTSTUFF_COMMITMENT_BYTES];
    for (uint32_t i = 0; i < quorum; i++) {
        bitmap_add(signers, signing->list[i].holder - 1);
        write_commitment(&signing->list[i], commitments + (size_t)i * HOTSTUFF_COMMITMENT_BYTES);
    }
    struct sign_request request = {slot->view, signing->block, signing->attempt,
                                   signers,    quorum,         commitments};
    return sign_encode(&request, &self->base.certification);
}

/* Asks those of the list whose share is missing. */
static void ask(struct hotstuff *self, const struct signing *signing) {
    for (uint32_t i = 0; i < quorum_of(self); i++) {
        const uint32_t member = signing->list[i].holder - 1;
        if (signing->parties[member].owes && member != self->base.self_index)
            env_send(self->base.env, self->base.committee.members[member],
                     frame_ref(signing->request));
    }
}

static void take(struct hotstuff *self, struct collector_slot *slot, uint32_t member,
                 const struct frost_share *share, const struct frost_commitment *next);

static void start(struct hotstuff *self, struct collector_slot *slot) {
    struct signing *signing = slot->signing;
    struct frost_share share;
    if (signing->attempt == SIGNING_ATTEMPTS || !prepare(self, slot))
        return;
    signing->attempt++;
    signing->running = true;
    signing->missing = quorum_of(self);
    for (uint32_t i = 0; i < quorum_of(self); i++) {
        struct party *party = &signing->parties[signing->list[i].holder - 1];
        party->commitment.holder = 0;
        party->asked = signing->attempt;
        party->owes = true;
    }
    frame_unref(signing->request);
    signing->request = request_frame(self, slot);
    ask(self, signing);
    const uint32_t own = self->base.self_index;
    bool may = slot->view == self->signer.view && same(&signing->block, &self->signer.block);
    if (signing->parties[own].owes && may && lists_own(self, signing->list) &&
        give_share(self, &signing->session, &share) == OK)
        take(self, slot, own, &share, &self->signer.nonces.commitment);
}

/* The sum is wrong: names those whose shares are, and tries again without them. */
static void blame(struct hotstuff *self, struct collector_slot *slot) {
    struct signing *signing = slot->signing;
    bool found = false;
    for (uint32_t i = 0; i < quorum_of(self); i++) {
        if (group_share_verify(self->base.env, keys_of(self), &signing->session,
                               &signing->shares[i]) == OK)
            continue;
        accuse(self, signing, signing->shares[i].holder, MESSAGE_HOTSTUFF_SHARE, ERR_SIGNATURE);
        found = true;
    }
    if (found)
        start(self, slot);
}

/* All shares are there. Adopting the certificate closes the slot. */
static void finish(struct hotstuff *self, struct collector_slot *slot, uint32_t last) {
    struct signing *signing = slot->signing;
    struct certificate certificate;
    struct statement statement = votes_statement(self, slot->view, &signing->block);
    uint8_t signature[FROST_SIGNATURE_BYTES];
    signing->running = false;
    if (group_aggregate(self->base.env, keys_of(self), &signing->session, signing->shares,
                        signature) != OK) {
        blame(self, slot);
        return;
    }
    certificate_make(&self->base.certification, &statement, signature, &certificate);
    votes_certified(self, &certificate, self->base.committee.members[last]);
}

/* A share that was owed, perhaps for an attempt that was given up. */
static void take(struct hotstuff *self, struct collector_slot *slot, uint32_t member,
                 const struct frost_share *share, const struct frost_commitment *next) {
    struct signing *signing = slot->signing;
    struct party *party = &signing->parties[member];
    party->owes = false;
    party->commitment = *next;
    if (!signing->running) {
        start(self, slot);
    } else if (party->asked == signing->attempt) {
        for (uint32_t i = 0; i < quorum_of(self); i++)
            if (signing->list[i].holder == share->holder)
                signing->shares[i] = *share;
        if (--signing->missing == 0)
            finish(self, slot, member);
    }
}

void signing_vote(struct hotstuff *self, uint32_t member, const struct vote *vote) {
    struct collector_slot *slot = collector_slot(&self->votes, vote->view);
    if (slot->signing == NULL)
        slot->signing = signing_new(self);
    slot->signing->parties[member].commitment = read_commitment(member, vote->commitment);
    if (slot->signing->running || vote_set_count(&slot->set, &vote->block) < quorum_of(self))
        return;
    slot->signing->block = vote->block; /* two quorums share a member, who votes once */
    start(self, slot);
}

int signing_share(struct hotstuff *self, node_id from, const struct message *message) {
    struct sign_share answer;
    struct frost_share share;
    if (self->base.certification.scheme->signing_hops == 0)
        return ERR_UNKNOWN_TYPE;
    int error = share_decode(&answer, message);
    if (error == OK)
        error = collector_check(&self->votes, answer.view);
    if (error != OK)
        return error;
    struct collector_slot *slot = collector_slot(&self->votes, answer.view);
    if (slot == NULL || slot->signing == NULL)
        return ERR_UNKNOWN;
    const uint32_t member = committee_index(&self->base.committee, from);
    const struct party *party = &slot->signing->parties[member];
    if (answer.attempt == 0 || answer.attempt != party->asked)
        return answer.attempt < party->asked ? ERR_STALE : ERR_UNKNOWN;
    if (!party->owes)
        return ERR_DUPLICATE;
    share.holder = member + 1;
    memcpy(share.scalar, answer.scalar, SCALAR_BYTES);
    struct frost_commitment next = read_commitment(member, answer.commitment);
    take(self, slot, member, &share, &next);
    return OK;
}

/* Silence. */

static struct collector_slot *running(struct hotstuff *self, size_t index) {
    struct collector_slot *slot = &self->votes.slots[index];
    bool is = slot->open && slot->signing != NULL && slot->signing->running;
    return is ? slot : NULL;
}

static void on_timer(struct timer *timer) {
    struct hotstuff *self = container_of(timer, struct hotstuff, signer.timer);
    self->busy = true;
    for (size_t i = 0; i < ARRAY_LEN(self->votes.slots); i++) {
        struct collector_slot *slot = running(self, i);
        if (slot == NULL)
            continue;
        if (count_ready(self, slot) >= quorum_of(self))
            start(self, slot);
        else
            ask(self, slot->signing);
    }
    hotstuff_settle(self);
}

void signing_init(struct hotstuff *self) {
    timer_init(&self->signer.timer, on_timer);
    quota_init(&self->signer.answers, self->base.committee.count, SIGNING_ANSWERS,
               self->base.view_timeout / SIGNING_ANSWERS);
}

void signing_deinit(struct hotstuff *self) {
    env_timer_stop(self->base.env, &self->signer.timer);
    forget_answer(&self->signer);
    quota_deinit(&self->signer.answers);
}

void signing_watch(struct hotstuff *self) {
    struct timer *timer = &self->signer.timer;
    bool waits = false;
    if (self->base.certification.scheme->signing_hops == 0)
        return;
    for (size_t i = 0; i < ARRAY_LEN(self->votes.slots); i++)
        waits |= running(self, i) != NULL;
    if (!waits || !hotstuff_has_work(self))
        env_timer_stop(self->base.env, timer);
    else if (!timer_running(timer))
        env_timer_start(self->base.env, timer, self->base.view_timeout / REPEATS_PER_VIEW);
}
