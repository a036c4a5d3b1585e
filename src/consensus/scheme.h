/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the votes of a committee become a certificate: it decides which protocol wins, because a
 * certificate travels in every block and every member checks it (protocols.md 1).
 *
 *   list        one signature a signer, and a bitmap that names them: q signatures, for any suite
 *   aggregate   a bitmap, and one signature that is the sum of the signers'; needs a suite whose
 *               signatures add up (BLS12-381, which exists only modelled). Keys are registered with
 *               a proof of possession, so that nobody can cancel out the others' keys
 *
 * One row of scheme.c is a scheme. Its functions work on the proof alone; certificate.c knows the
 * encoding around it. */
#ifndef TIERCHAIN_CONSENSUS_SCHEME_H
#define TIERCHAIN_CONSENSUS_SCHEME_H

#include "base/cursor.h"
#include "consensus/committee.h"

struct env;
struct certificate;
struct certification;
struct vote_set;

struct certificate_scheme {
    const char *name;        /* "list", "aggregate" */
    const char *description; /* one line for `tierchain list certificates` */
    const char *source;      /* the paper */
    const char *suite;       /* the only suite that can do it; NULL: all can */
    /* Size of the proof by so many signers. */
    size_t (*proof_bytes)(const struct certification *certification, uint32_t signers);
    /* Writes the proof made of the votes of those in @bitmap. Charges the work. */
    void (*prove)(struct env *env, const struct vote_set *set, const uint8_t *bitmap,
                  struct writer *proof);
    /* Whether the signers made this proof of the certificate's statement. Charges the work. */
    bool (*verify)(struct env *env, const struct certification *certification,
                   const struct certificate *certificate);
};

/* Whose votes count, and how they become certificates: what the encoding of votes and certificates
 * depends on, and what it takes to verify them. */
struct certification {
    const struct certificate_scheme *scheme;
    struct committee committee;
    uint16_t channel;
    size_t signature_bytes; /* of the suite in use */
};

extern const struct certificate_scheme certificate_list;
extern const struct certificate_scheme certificate_aggregate;

/* The scheme of that name, or NULL; all in order, NULL behind the last. */
const struct certificate_scheme *certificate_scheme_find(const char *name);
const struct certificate_scheme *certificate_scheme_at(size_t index);

#endif
