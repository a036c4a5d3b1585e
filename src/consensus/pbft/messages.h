/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bodies of PBFT's messages. Everything read stays in place in the frame. Readers return OK or
 * the reason for a drop; every encoding is canonical. Sequence numbers start at 1. */
#ifndef TIERCHAIN_CONSENSUS_PBFT_MESSAGES_H
#define TIERCHAIN_CONSENSUS_PBFT_MESSAGES_H

#include "consensus/certificate.h"
#include "consensus/consensus.h"

#define PBFT_ENTRY_BYTES  88 /* of a change's entry */
#define PBFT_ENTRIES_MAX  256
#define PBFT_DECIDED_MAX  64
#define PBFT_REPLY_BYTES  (1u << 20) /* a DECIDED message stops growing here */
#define PBFT_DOMAIN_BYTES 18

/* A proposal: a batch and the view that it was first proposed in. Size 0 and origin 0: a null
 * request, which fills a hole. */
struct pbft_value {
    uint64_t origin;
    const uint8_t *bytes;
    size_t size;
    struct frame *frame; /* holds the bytes */
};

/* The value's name: binds sequence, origin and content; zero for the null request. */
void pbft_value_digest(struct env *env, uint64_t sequence, const struct pbft_value *value,
                       struct digest *digest);

/* The same, given the hash of a content that is not empty. */
void pbft_content_digest(struct env *env, uint64_t sequence, uint64_t origin,
                         const struct digest *content, struct digest *digest);

struct pbft_pre_prepare {
    uint64_t view, sequence;
    struct pbft_value value;
    const uint8_t *signature;
};

/* PREPARE, COMMIT and CHECKPOINT; view 0 in the last. */
struct pbft_vote {
    uint64_t view, sequence;
    struct digest digest;
    const uint8_t *signature;
};

struct pbft_fetch {
    uint64_t view;       /* the first that the sender has no NEW-VIEW of */
    uint64_t next;       /* the first sequence number it has not decided */
    uint64_t stable;     /* its last stable checkpoint */
    uint64_t lacks;      /* a number whose planned value it does not have; 0: none … */
    struct digest value; /* … and the value's name */
};

/* The answer to the last of it. Its name says whether it is right: nothing is signed. */
struct pbft_held {
    uint64_t sequence;
    struct pbft_value value;
};

struct pbft_decided {
    struct certificate commit;
    struct pbft_value value;
};

/* What the sender of VIEW-CHANGE signs: (v, h, names of P). */
struct pbft_change {
    uint64_t view, stable;
    uint32_t count;
    const uint8_t *entries;
    const uint8_t *bytes; /* all of it */
    size_t size;
    const uint8_t *signature;
};

/* That @digest was prepared, or decided, for a number in a view. Where it was first proposed can be
 * told from the digest, given the hash of its content; 0 and zero when this is not said. */
struct pbft_entry {
    uint64_t sequence, view;
    struct digest digest;
    uint64_t origin; /* <= view */
    struct digest content;
};

struct pbft_view_change {
    struct pbft_change change;
    struct certificate stable; /* when change.stable > 0 */
    struct reader proofs;      /* at the first of change.count certificates … */
    struct reader values;      /* … and the values (size 0: not attached) behind them */
};

struct pbft_new_view {
    uint64_t view;
    uint32_t count;
    uint32_t senders[LIMIT_COMMITTEE];
    struct pbft_change changes[LIMIT_COMMITTEE];
    struct certificate stable; /* of the highest checkpoint among the changes */
    struct reader proofs;      /* one certificate a chosen value */
    size_t proofs_end;
    const uint8_t *signature;
};

int pbft_read_pre_prepare(const struct message *message, const struct certification *certification,
                          struct pbft_pre_prepare *out);
struct frame *pbft_write_pre_prepare(const struct certification *certification,
                                     const struct pbft_pre_prepare *in);

int pbft_read_vote(const struct message *message, const struct certification *certification,
                   struct pbft_vote *out);
struct frame *pbft_write_vote(uint16_t type, const struct certification *certification,
                              const struct pbft_vote *in);

int pbft_read_fetch(const struct message *message, struct pbft_fetch *out);
struct frame *pbft_write_fetch(const struct certification *certification,
                               const struct pbft_fetch *in);

int pbft_read_held(const struct message *message, struct pbft_held *out);
struct frame *pbft_write_held(uint16_t channel, const struct pbft_held *in);

/* At most PBFT_DECIDED_MAX values; *@count of them were read. */
int pbft_read_decided(const struct message *message, const struct certification *certification,
                      struct pbft_decided out[PBFT_DECIDED_MAX], uint32_t *count);
struct frame *pbft_write_decided(const struct certification *certification,
                                 const struct pbft_decided *in, uint32_t count);
size_t pbft_decided_bytes(const struct pbft_decided *in);

void pbft_read_change(struct reader *reader, const struct certification *certification,
                      struct pbft_change *out);
void pbft_change_entry(const struct pbft_change *change, uint32_t index, struct pbft_entry *out);

void pbft_read_value(struct reader *reader, struct frame *frame, struct pbft_value *out);
void pbft_write_value(struct writer *writer, const struct pbft_value *value);
size_t pbft_value_bytes(const struct pbft_value *value);

int pbft_read_view_change(const struct message *message, const struct certification *certification,
                          struct pbft_view_change *out);
int pbft_read_new_view(const struct message *message, const struct certification *certification,
                       struct pbft_new_view *out);

/* Signs or verifies @size bytes under one of the domains below, for the channel. */
enum pbft_domain { PBFT_SIGNS_CHANGE, PBFT_SIGNS_NEW_VIEW };
void pbft_sign(struct env *env, enum pbft_domain domain, uint16_t channel, const void *bytes,
               size_t size, uint8_t *signature);
bool pbft_verify(struct env *env, enum pbft_domain domain, uint16_t channel, node_id signer,
                 const void *bytes, size_t size, const uint8_t *signature);

#endif
