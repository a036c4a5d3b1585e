/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: u8 scheme, u8 committee, a certificate. What is read must be written to the same bytes, and
 * verifying it must do no harm. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "consensus/certificate.h"
#include "crypto/group.h"
#include "crypto/identity.h"

#define CHANNEL 1
#define MEMBERS 40

static const uint32_t sizes[] = {1, 4, 7, MEMBERS};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct env *env, const struct certification *certification, const uint8_t *bytes,
                  size_t size) {
    struct certificate_memory memory = {0};
    struct certificate certificate;
    struct reader reader;
    struct writer writer;
    reader_init(&reader, bytes, size);
    certificate_read(&certificate, &reader, certification, NULL);
    if (reader_finish(&reader) != OK)
        return;
    uint8_t *again = malloc(size);
    writer_init(&writer, again, size);
    certificate_write(&certificate, &writer);
    if (writer.error != OK || writer.at != size || memcmp(again, bytes, size) != 0 ||
        size != certificate_bytes(certification, certificate.signers))
        abort();
    free(again);
    env->stepping = true;
    (void)certificate_verify(&memory, env, certification, &certificate,
                             committee_quorum(&certification->committee));
}

/* Keys for each scheme, made once. */
struct world {
    struct key_directory directory;
    struct identity identity;
    struct group_keys groups[ARRAY_LEN(sizes)];
    node_id members[MEMBERS];
};

static void open_world(struct world *world, const struct certificate_scheme *scheme) {
    const char *suite = scheme->suite != NULL ? scheme->suite : "ed25519";
    key_directory_init(&world->directory, suite_find(suite, "modelled"), MEMBERS, 1);
    identity_init(&world->identity, &world->directory, 0);
    for (node_id node = 0; node < MEMBERS; node++)
        world->members[node] = node;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct committee committee = {world->members, sizes[i]};
        if (group_keys_deal(&world->groups[i], &frost_ed25519, sizes[i],
                            committee_quorum(&committee), 1, CHANNEL, "certificates") != OK)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct world worlds[3];
    struct env env;
    if (size < 2 || sodium_init() < 0)
        return 0;
    struct world *world = &worlds[data[0] % ARRAY_LEN(worlds)];
    const struct certificate_scheme *scheme = certificate_scheme_at(data[0] % ARRAY_LEN(worlds));
    const size_t choice = data[1] % ARRAY_LEN(sizes);
    if (world->directory.count == 0)
        open_world(world, scheme);
    const struct certification certification = {
        .scheme = scheme,
        .committee = {world->members, sizes[choice]},
        .channel = CHANNEL,
        .signature_bytes = world->directory.suite->signature_bytes,
        .group = &world->groups[choice],
    };
    env_init(&env, 0, 1);
    env.identity = &world->identity;
    check(&env, &certification, data + 2, size - 2);
    env_deinit(&env);
    return 0;
}
