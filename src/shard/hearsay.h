/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What members of other shards have said and signed: per session that is open here the last word of
 * each member of each other shard it touches; and, for sessions not known yet (their chain was
 * faster than ours), the last few words of each member. A member can only overwrite its own. */
#ifndef TIERCHAIN_SHARD_HEARSAY_H
#define TIERCHAIN_SHARD_HEARSAY_H

#include <uthash.h>

#include "shard/participant.h"
#include "shard/statement.h"

#define HEARSAY_EARLY 64 /* words of one member about sessions that are not known here */

/* A member's word. */
struct heard {
    enum shard_word word; /* 0: nothing heard */
    uint64_t ticket;
};

/* What was heard about one open session, and when to ask again. */
struct talk {
    struct digest session;
    UT_hash_handle hh;
    uint32_t retries;
    time_ns due;
    size_t members;      /* of all shards that the session touches */
    struct heard *heard; /* per member, shard after shard */
    uint8_t *signatures; /* likewise */
};

struct early;

struct hearsay {
    const struct shard_map *map;
    size_t signature_bytes;
    struct talk *talks;   /* by session, in order of opening */
    struct early **early; /* per member of all shards; made at its first word */
    size_t early_count;
};

void hearsay_init(struct hearsay *hearsay, const struct shard_map *map, size_t signature_bytes);
void hearsay_deinit(struct hearsay *hearsay);

struct talk *hearsay_find(const struct hearsay *hearsay, const struct digest *session);

/* Opens the talk about a session, with what was heard early. */
struct talk *hearsay_open(struct hearsay *hearsay, const struct session *session);
void hearsay_close(struct hearsay *hearsay, struct talk *talk);

/* The word of member @member of the shard at @place. */
struct heard *talk_heard(const struct hearsay *hearsay, const struct talk *talk,
                         const struct session *session, size_t place, uint32_t member);

/* Notes a verified word. */
void hearsay_note(struct hearsay *hearsay, struct talk *talk, const struct session *session,
                  size_t place, uint32_t member, const struct shard_statement *statement,
                  const uint8_t *signature);

/* Whether the same word was heard early already; notes a verified one. */
bool hearsay_early_known(const struct hearsay *hearsay, uint32_t member,
                         const struct shard_statement *statement);
void hearsay_note_early(struct hearsay *hearsay, uint32_t member,
                        const struct shard_statement *statement, const uint8_t *signature);

/* How many members of the shard at @place said exactly this. */
uint32_t talk_count(const struct hearsay *hearsay, const struct talk *talk,
                    const struct session *session, size_t place,
                    const struct shard_statement *statement);

/* The proof that f + 1 of them did, with bitmap and signatures in @memory (the caller frees it);
 * ERR_NOT_ENOUGH. */
int talk_prove(const struct hearsay *hearsay, const struct talk *talk,
               const struct session *session, size_t place, const struct shard_statement *statement,
               struct shard_proof *proof, uint8_t **memory);

#endif
