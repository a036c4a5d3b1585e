/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/ntru.h"

#include <string.h>

#include "base/error.h"
#include "crypto/keccak.h"
#include "crypto/ntru_poly.h"

/* A secret key: f, 1/f modulo 3, 1/h, the rejection key. */
enum {
    AT_INVERSE_F = NTRU_TERNARY_BYTES,
    AT_INVERSE_H = 2 * NTRU_TERNARY_BYTES,
    AT_REJECTION = AT_INVERSE_H + NTRU_PACKED_BYTES,
    MESSAGE_BYTES = 2 * NTRU_TERNARY_BYTES, /* r and m: what the shared secret is a hash of */
};

_Static_assert(AT_REJECTION + NTRU_REJECTION_BYTES == NTRU_SECRET_BYTES, "secret key layout");
_Static_assert(NTRU_IID_BYTES + NTRU_FIXED_BYTES == NTRU_SAMPLE_BYTES, "randomness layout");

static int expect_size(size_t got, size_t size) {
    if (got < size)
        return ERR_TRUNCATED;
    return got > size ? ERR_TRAILING : OK;
}

/* h = 3g/f and 1/h = f/3g with a single inverse, that of 3gf. @f and @g lifted, @g times 3. */
static int make_public(const struct ntru_poly *f, const struct ntru_poly *g, struct ntru_poly *h,
                       struct ntru_poly *inverse_h) {
    struct ntru_poly product, inverse;
    ntru_multiply(&product, g, f);
    int error = ntru_invert_q(&inverse, &product);
    if (error != OK)
        return error;
    ntru_multiply(&product, &inverse, f);
    ntru_multiply(inverse_h, &product, f);
    ntru_reduce_phi(inverse_h);
    /* g(1) = 0, so the products are right modulo x^677 - 1 although the inverse is modulo Phi. */
    ntru_multiply(&product, &inverse, g);
    ntru_multiply(h, &product, g);
    return OK;
}

int ntru_keygen(const uint8_t sample[NTRU_SAMPLE_BYTES],
                const uint8_t rejection_key[NTRU_REJECTION_BYTES],
                uint8_t public_key[NTRU_PUBLIC_BYTES], uint8_t secret_key[NTRU_SECRET_BYTES]) {
    struct ntru_poly f, g, h, inverse;
    memset(public_key, 0, NTRU_PUBLIC_BYTES);
    memset(secret_key, 0, NTRU_SECRET_BYTES);
    ntru_sample_iid(&f, sample);
    ntru_sample_fixed(&g, sample + NTRU_IID_BYTES);
    /* 2 and 3 generate the units modulo 677, so Phi is irreducible modulo both: only 0 has no
     * inverse, and g is never 0. */
    int error = ntru_invert_3(&inverse, &f);
    if (error != OK)
        return error;
    ntru_pack_ternary(secret_key, &f);
    ntru_pack_ternary(secret_key + AT_INVERSE_F, &inverse);
    ntru_lift(&f);
    ntru_lift(&g);
    for (int i = 0; i < NTRU_N; i++)
        g.at[i] = (uint16_t)(3 * g.at[i]);
    error = make_public(&f, &g, &h, &inverse);
    if (error != OK) {
        memset(secret_key, 0, NTRU_SECRET_BYTES);
        return error;
    }
    ntru_pack_q(secret_key + AT_INVERSE_H, &inverse);
    ntru_pack_q(public_key, &h);
    memcpy(secret_key + AT_REJECTION, rejection_key, NTRU_REJECTION_BYTES);
    return OK;
}

int ntru_encaps(const uint8_t *public_key, size_t public_key_size,
                const uint8_t sample[NTRU_SAMPLE_BYTES], uint8_t ciphertext[NTRU_CIPHERTEXT_BYTES],
                uint8_t shared[NTRU_SHARED_BYTES]) {
    struct ntru_poly h, r, m, c;
    uint8_t message[MESSAGE_BYTES];
    int error = expect_size(public_key_size, NTRU_PUBLIC_BYTES);
    if (error == OK)
        error = ntru_unpack_sum_zero(&h, public_key);
    if (error != OK)
        return error;
    ntru_sample_iid(&r, sample);
    ntru_sample_fixed(&m, sample + NTRU_IID_BYTES);
    ntru_pack_ternary(message, &r);
    ntru_pack_ternary(message + NTRU_TERNARY_BYTES, &m);
    sha3_256(shared, message, sizeof message);
    ntru_lift(&r);
    ntru_lift(&m);
    ntru_multiply(&c, &r, &h);
    for (int i = 0; i < NTRU_N; i++)
        c.at[i] = (uint16_t)(c.at[i] + m.at[i]);
    ntru_pack_q(ciphertext, &c);
    return OK;
}

/* Whether @m has the weight of a message: as many 1 as -1, NTRU_WEIGHT in all. */
static bool has_weight(const struct ntru_poly *m) {
    int plus = 0, minus = 0;
    for (int i = 0; i < NTRU_N; i++) {
        plus += m->at[i] == 1;
        minus += m->at[i] == 2;
    }
    return plus == NTRU_WEIGHT / 2 && minus == NTRU_WEIGHT / 2;
}

/* r and m of ciphertext @c; false when they are not what encapsulation draws. The checks make a
 * second encryption unnecessary: c = r h + m holds by construction. */
static bool decrypt(const struct ntru_poly *f, const struct ntru_poly *inverse_f,
                    const struct ntru_poly *inverse_h, const struct ntru_poly *c,
                    uint8_t message[MESSAGE_BYTES]) {
    struct ntru_poly product, m, r;
    ntru_multiply(&product, c, f);
    ntru_round_to_3(&product);
    ntru_multiply(&m, &product, inverse_f);
    ntru_reduce_phi_3(&m);
    ntru_pack_ternary(message + NTRU_TERNARY_BYTES, &m);
    bool valid = has_weight(&m);
    ntru_lift(&m);
    for (int i = 0; i < NTRU_N; i++)
        product.at[i] = (uint16_t)(c->at[i] - m.at[i]);
    ntru_multiply(&r, &product, inverse_h);
    ntru_reduce_phi(&r);
    valid &= ntru_to_ternary(&r);
    ntru_pack_ternary(message, &r);
    return valid;
}

int ntru_decaps(const uint8_t secret_key[NTRU_SECRET_BYTES], const uint8_t *ciphertext,
                size_t ciphertext_size, uint8_t shared[NTRU_SHARED_BYTES]) {
    struct ntru_poly f, inverse_f, inverse_h, c;
    uint8_t message[MESSAGE_BYTES], refusal[NTRU_SHARED_BYTES];
    uint8_t refused[NTRU_REJECTION_BYTES + NTRU_CIPHERTEXT_BYTES];
    int error = expect_size(ciphertext_size, NTRU_CIPHERTEXT_BYTES);
    if (error == OK)
        error = ntru_unpack_ternary(&f, secret_key);
    if (error == OK)
        error = ntru_unpack_ternary(&inverse_f, secret_key + AT_INVERSE_F);
    if (error == OK)
        error = ntru_unpack_q(&inverse_h, secret_key + AT_INVERSE_H);
    if (error != OK)
        return error;
    ntru_lift(&f);
    bool valid = ntru_unpack_sum_zero(&c, ciphertext) == OK;
    valid &= decrypt(&f, &inverse_f, &inverse_h, &c, message);
    sha3_256(shared, message, sizeof message);
    memcpy(refused, secret_key + AT_REJECTION, NTRU_REJECTION_BYTES);
    memcpy(refused + NTRU_REJECTION_BYTES, ciphertext, NTRU_CIPHERTEXT_BYTES);
    sha3_256(refusal, refused, sizeof refused);
    const uint8_t keep = (uint8_t)-valid;
    for (int i = 0; i < NTRU_SHARED_BYTES; i++)
        shared[i] = (uint8_t)((shared[i] & keep) | (refusal[i] & ~keep));
    return OK;
}
