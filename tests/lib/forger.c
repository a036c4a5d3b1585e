/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/lib/forger.h"

static struct env *signer(void *context, node_id node) {
    return assembly_forger(context, node);
}

const struct forger *forger_of(struct assembly *assembly) {
    static struct forger forger;
    forger = (struct forger){
        .certification = {.scheme = &certificate_list,
                          .committee = assembly_committee(assembly),
                          .channel = ASSEMBLY_CHANNEL,
                          .signature_bytes =
                              identity_signature_bytes(assembly_forger(assembly, 0))},
        .signer = signer,
        .context = assembly,
    };
    return &forger;
}
