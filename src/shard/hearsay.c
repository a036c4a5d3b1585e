/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shard/hearsay.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* The last words of one member about unknown sessions, a ring. */
struct early {
    struct shard_statement statements[HEARSAY_EARLY];
    size_t next;
    uint8_t signatures[]; /* HEARSAY_EARLY of them */
};

void hearsay_init(struct hearsay *hearsay, const struct shard_map *map, size_t signature_bytes) {
    *hearsay = (struct hearsay){.map = map, .signature_bytes = signature_bytes};
    for (size_t i = 0; i < map->count; i++)
        hearsay->early_count += map->committees[i].count;
    hearsay->early = memory_new(hearsay->early_count, sizeof *hearsay->early);
}

void hearsay_deinit(struct hearsay *hearsay) {
    while (hearsay->talks != NULL)
        hearsay_close(hearsay, hearsay->talks);
    for (size_t i = 0; i < hearsay->early_count; i++)
        free(hearsay->early[i]);
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

static void import(struct hearsay *hearsay, struct talk *talk, const struct session *session,
                   size_t place, uint32_t member) {
    const struct early *early =
        hearsay->early[early_index(hearsay, session->shards[place], member)];
    for (size_t i = 0; early != NULL && i < HEARSAY_EARLY; i++) {
        size_t slot = (early->next + i) % HEARSAY_EARLY; /* the oldest first: the last word stays */
        const struct shard_statement *statement = &early->statements[slot];
        if (statement->word != 0 &&
            memcmp(&statement->session, &session->id, sizeof session->id) == 0)
            hearsay_note(hearsay, talk, session, place, member, statement,
                         &early->signatures[slot * hearsay->signature_bytes]);
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
        if (shard_statement_equal(&early->statements[i], statement))
            return true;
    return false;
}

void hearsay_note_early(struct hearsay *hearsay, uint32_t member,
                        const struct shard_statement *statement, const uint8_t *signature) {
    size_t bytes = hearsay->signature_bytes;
    struct early **early = &hearsay->early[early_index(hearsay, statement->speaker, member)];
    if (*early == NULL)
        *early = memory_new(1, sizeof **early + HEARSAY_EARLY * bytes);
    size_t slot = (*early)->next;
    (*early)->next = (slot + 1) % HEARSAY_EARLY;
    (*early)->statements[slot] = *statement;
    memcpy(&(*early)->signatures[slot * bytes], signature, bytes);
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
