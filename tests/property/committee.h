/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A committee of four for trials: how its messages look, and an env for each member. */
#ifndef TIERCHAIN_TESTS_PROPERTY_COMMITTEE_H
#define TIERCHAIN_TESTS_PROPERTY_COMMITTEE_H

#include "consensus/hotstuff/messages.h"
#include "consensus/pbft/messages.h"
#include "tests/property/trials.h"

#define COMMITTEE_MEMBERS 4
#define COMMITTEE_CHANNEL 0x1007

/* The env of @member with its keys, under the modelled Ed25519, and without effects. */
struct env *committee_env(node_id member);

/* Certificates are lists of signatures. */
const struct certification *committee_certification(void);
size_t committee_signature_bytes(void);

/* Writes what a member would send, by hand: a certificate by the first @signers members, with
 * signatures that have the right size only; a digest of equal bytes; a signature. */
void committee_write_certificate(struct writer *writer, enum vote_kind kind, uint64_t view,
                                 uint64_t sequence, uint8_t block, uint32_t signers);
void committee_write_digest_of(struct writer *writer, uint8_t byte);
void committee_write_signature(struct writer *writer);

/* Adds what was written as a sample, and starts again. */
void committee_sample(struct trial *trial, struct writer *writer);

#endif
