/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the votes of a committee become a certificate: it decides which protocol wins, because a
 * certificate travels in every block and every member checks it (protocols.md 1).
 *
 *   list        one signature a signer, and a bitmap that names them: q signatures, for any suite
 *   aggregate   a bitmap, and one signature that is the sum of the signers'; needs a suite whose
 *               signatures add up (BLS12-381, which exists only modelled). Keys are registered with
 *               a proof of possession, so that nobody can cancel out the others' keys. Votes are
 *               verified one by one before they are added: checking only their sum would save a
 *               collector of honest votes q - 1 verifications, which is not modelled
 *   frost       one Schnorr signature of the committee as a group whose key needs a quorum of shares,
 *               64 bytes for any n and any verifier (RFC 9591). The signers must be known before they
 *               sign: after the votes it takes a signing round of two more delays, and a collector
 *               that stays. Needs ed25519. The certificate does not say who signed
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
struct group_keys; /* crypto/threshold/dealer.h */
struct vote_set;

struct certificate_scheme {
    const char *name;        /* "list", "aggregate", "frost" */
    const char *description; /* one line for `tierchain list certificates` */
    const char *source;      /* the paper */
    const char *suite;       /* the only suite that can do it; NULL: all can */
    bool names_signers;      /* a bitmap says who signed */
    uint32_t signing_hops;   /* one-way delays of the signing round after the votes; 0: none */
    /* Size of the proof by so many signers. */
    size_t (*proof_bytes)(const struct certification *certification, uint32_t signers);
    /* Writes the proof made of the votes of those in @bitmap. Charges the work. With a signing round
     * votes make no proof; only nobody's is written, for genesis. */
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
    const struct group_keys
        *group; /* frost: the committee's, with the quorum as threshold; borrowed */
};

/* The same for votes that no signing round can follow: certificates are lists where the scheme
 * needs one. */
struct certification certification_without_round(const struct certification *certification);

extern const struct certificate_scheme certificate_list;
extern const struct certificate_scheme certificate_aggregate;
extern const struct certificate_scheme certificate_frost;

/* The scheme of that name, or NULL; all in order, NULL behind the last. */
const struct certificate_scheme *certificate_scheme_find(const char *name);
const struct certificate_scheme *certificate_scheme_at(size_t index);

#endif
