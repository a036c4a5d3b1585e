/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard/hearsay.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* The last words of one member about unknown sessions, a ring. */
struct early {
    struct {
        struct shard_statement statement;
        uint8_t *signature; /* NULL: the place is free */
    } words[HEARSAY_EARLY];
    size_t next;
};

void hearsay_init(struct hearsay *hearsay, const struct shard_map *map, size_t signature_bytes) {
    *hearsay = (struct hearsay){.map = map, .signature_bytes = signature_bytes};
    for (size_t i = 0; i < map->count; i++)
        hearsay->early_count += map->committees[i].count;
    hearsay->early = memory_new(hearsay->early_count, sizeof *hearsay->early);
}

static void early_free(struct early *early) {
    for (size_t i = 0; early != NULL && i < HEARSAY_EARLY; i++)
        free(early->words[i].signature);
    free(early);
}

void hearsay_deinit(struct hearsay *hearsay) {
    while (hearsay->talks != NULL)
        hearsay_close(hearsay, hearsay->talks);
    for (size_t i = 0; i < hearsay->early_count; i++)
        early_free(hearsay->early[i]);
    free(hearsay->early);
}

struct talk *hearsay_find(const struct hearsay *hearsay, const struct digest *session) {
    struct talk *talk;
    HASH_FIND(hh, hearsay->talks, session, sizeof *session, talk);
    return talk;
}

void hearsay_close(struct hearsay *hearsay, struct talk *talk) {
    HASH_DEL(hearsay->talks, talk);
    free(talk->heard);
    free(talk->signatures);
    free(talk);
}

/* The index of the first member of the shard at @place among all members of the talk. */
static size_t offset(const struct hearsay *hearsay, const struct session *session, size_t place) {
    size_t at = 0;
    for (size_t i = 0; i < place; i++)
        at += hearsay->map->committees[session->shards[i]].count;
    return at;
}

/* The index of a shard's member among the members of all shards. */
static size_t early_index(const struct hearsay *hearsay, uint16_t shard, uint32_t member) {
    size_t at = member;
    for (size_t i = 0; i < shard; i++)
        at += hearsay->map->committees[i].count;
    return at;
}

struct heard *talk_heard(const struct hearsay *hearsay, const struct talk *talk,
                         const struct session *session, size_t place, uint32_t member) {
    return &talk->heard[offset(hearsay, session, place) + member];
}

static bool is_free(const struct early *early, size_t slot) {
    return early->words[slot].signature == NULL;
}

/* Moves what a member said early about the session into the talk about it. */
static void import(struct hearsay *hearsay, struct talk *talk, const struct session *session,
                   size_t place, uint32_t member) {
    struct early *early = hearsay->early[early_index(hearsay, session->shards[place], member)];
    for (size_t i = 0; early != NULL && i < HEARSAY_EARLY; i++) {
        size_t slot = (early->next + i) % HEARSAY_EARLY; /* the oldest first: the last word stays */
        const struct shard_statement *statement = &early->words[slot].statement;
        if (is_free(early, slot) ||
            memcmp(&statement->session, &session->id, sizeof session->id) != 0)
            continue;
        hearsay_note(hearsay, talk, session, place, member, statement,
                     early->words[slot].signature);
        free(early->words[slot].signature);
        early->words[slot].signature = NULL;
    }
}

struct talk *hearsay_open(struct hearsay *hearsay, const struct session *session) {
    struct talk *talk = memory_new(1, sizeof *talk);
    talk->session = session->id;
    talk->members = offset(hearsay, session, session->shard_count);
    talk->heard = memory_new(talk->members, sizeof *talk->heard);
    talk->signatures = memory_new(talk->members, hearsay->signature_bytes);
    HASH_ADD(hh, hearsay->talks, session, sizeof talk->session, talk);
    for (size_t place = 0; place < session->shard_count; place++)
        for (uint32_t i = 0; i < hearsay->map->committees[session->shards[place]].count; i++)
            import(hearsay, talk, session, place, i);
    return talk;
}

void hearsay_note(struct hearsay *hearsay, struct talk *talk, const struct session *session,
                  size_t place, uint32_t member, const struct shard_statement *statement,
                  const uint8_t *signature) {
    size_t at = offset(hearsay, session, place) + member;
    talk->heard[at] = (struct heard){statement->word, statement->ticket};
    memcpy(&talk->signatures[at * hearsay->signature_bytes], signature, hearsay->signature_bytes);
}

bool hearsay_early_known(const struct hearsay *hearsay, uint32_t member,
                         const struct shard_statement *statement) {
    const struct early *early = hearsay->early[early_index(hearsay, statement->speaker, member)];
    for (size_t i = 0; early != NULL && i < HEARSAY_EARLY; i++)
        if (!is_free(early, i) && shard_statement_equal(&early->words[i].statement, statement))
            return true;
    return false;
}

void hearsay_note_early(struct hearsay *hearsay, uint32_t member,
                        const struct shard_statement *statement, const uint8_t *signature) {
    struct early **early = &hearsay->early[early_index(hearsay, statement->speaker, member)];
    if (*early == NULL)
        *early = memory_new(1, sizeof **early);
    size_t slot = (*early)->next;
    (*early)->next = (slot + 1) % HEARSAY_EARLY;
    (*early)->words[slot].statement = *statement;
    if (is_free(*early, slot))
        (*early)->words[slot].signature = memory_new(1, hearsay->signature_bytes);
    memcpy((*early)->words[slot].signature, signature, hearsay->signature_bytes);
}

static bool says(const struct heard *heard, const struct shard_statement *statement) {
    return heard->word == statement->word && heard->ticket == statement->ticket;
}

uint32_t talk_count(const struct hearsay *hearsay, const struct talk *talk,
                    const struct session *session, size_t place,
                    const struct shard_statement *statement) {
    const struct heard *heard = talk_heard(hearsay, talk, session, place, 0);
    uint32_t count = 0;
    for (uint32_t i = 0; i < hearsay->map->committees[session->shards[place]].count; i++)
        count += says(&heard[i], statement);
    return count;
}

int talk_prove(const struct hearsay *hearsay, const struct talk *talk,
               const struct session *session, size_t place, const struct shard_statement *statement,
               struct shard_proof *proof, uint8_t **memory) {
    const struct committee *speaker = &hearsay->map->committees[session->shards[place]];
    size_t first = offset(hearsay, session, place), bytes = hearsay->signature_bytes;
    uint32_t needed = committee_validity(speaker), taken = 0;
    if (talk_count(hearsay, talk, session, place, statement) < needed)
        return ERR_NOT_ENOUGH;
    uint8_t *bitmap = memory_new((speaker->count + 7) / 8 + needed * bytes, 1);
    uint8_t *signatures = bitmap + (speaker->count + 7) / 8;
    for (uint32_t i = 0; i < speaker->count && taken < needed; i++) {
        if (!says(&talk->heard[first + i], statement))
            continue;
        bitmap[i / 8] |= (uint8_t)(1u << (i % 8));
        memcpy(signatures + taken++ * bytes, &talk->signatures[(first + i) * bytes], bytes);
    }
    *proof =
        (struct shard_proof){.statement = *statement, .bitmap = bitmap, .signatures = signatures};
    *memory = bitmap;
    return OK;
}
