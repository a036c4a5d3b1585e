/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Forging messages: written field by field, signed with whichever keys the forger holds, and with any
 * flaw one likes. The files of a variant (forge_pbft.h …) build its messages on this. A signature in the
 * name of a member whose key is not held is one by another key: well-formed, and false. */
#ifndef TIERCHAIN_SIM_ADVERSARY_FORGE_H
#define TIERCHAIN_SIM_ADVERSARY_FORGE_H

#include "consensus/certificate.h"
#include "env/env.h"

struct forger {
    struct certification certification; /* of the variant's votes */
    /* An env that signs as this node; NULL when its key is not held. Good until the next call. */
    struct env *(*signer)(void *context, node_id node);
    void *context;
};

/* Who signed a certificate (bit i: member i, n <= 64), and who signed something else instead. */
struct forge_certificate {
    struct statement statement;
    uint64_t signers, false_signers;
};

/* An env that signs as @node if its key is held, else as anybody whose key is. */
struct env *forge_env(const struct forger *forger, node_id node);

/* Signs as forge_env: whether it is @node's signature. */
bool forge_sign(const struct forger *forger, node_id node, const struct statement *statement,
                uint8_t signature[LIMIT_SIGNATURE_BYTES]);

/* A certificate with these signers, however few; its bytes are made up where it takes a signing
 * round. To be given back with certificate_drop. */
struct certificate forge_certify(const struct forger *forger,
                                 const struct forge_certificate *forged);

/* A message with this body; NULL when it is too large for a frame. */
struct frame *forge_message(const struct forger *forger, uint16_t type, const void *bytes,
                            size_t size);

#endif
