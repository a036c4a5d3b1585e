/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a member has said: said again to whoever missed it, and durable, so that no later life says
 * anything else. u8 flags · u16 round of the own TERM · u16 current round · u16 rounds · a byte a
 * round: BVAL bits 0-1, AUX bits 2-3, CONF bits 4-5, COIN bit 6. */
#include <assert.h>

#include "agreement/abba_internal.h"
#include "base/error.h"

enum { HAS_INPUT = 1, ESTIMATE = 2, DECIDED = 4, VALUE = 8, STOPPED = 16, ALL_FLAGS = 31 };

static uint8_t said_in(const struct abba_round *round) {
    return (uint8_t)(round->said_bval | round->said_aux << 2 | round->said_conf << 4 |
                     round->said_coin << 6);
}

/* Behind the last round in which something was said. */
static uint32_t rounds_said(const struct abba *abba) {
    uint32_t count = abba->round_capacity;
    while (count > 0 && (abba->rounds[count - 1] == NULL || said_in(abba->rounds[count - 1]) == 0))
        count--;
    return count;
}

static void send(struct abba *abba, node_id to, const struct abba_message *message) {
    env_send(abba->config.env, to, abba_encode(message, abba->config.channel));
}

static void repeat_round(struct abba *abba, node_id to, uint32_t number) {
    const struct abba_term *term = &abba->terms[abba->config.self];
    const struct abba_round *round = abba->rounds[number];
    struct abba_message message = {.instance = abba->config.instance, .round = (uint16_t)number};
    uint8_t bval = round->said_bval;
    if (term->set != 0 && number > term->round)
        bval &= (uint8_t)~term->set; /* TERM says it */
    message.type = MESSAGE_ABBA_BVAL;
    for (uint8_t set = SET_FALSE; set <= SET_TRUE; set++) {
        message.set = set;
        if ((bval & set) != 0)
            send(abba, to, &message);
    }
    message.type = MESSAGE_ABBA_AUX;
    message.set = round->said_aux;
    if (round->said_aux != 0)
        send(abba, to, &message);
    message.type = MESSAGE_ABBA_CONF;
    message.set = round->said_conf;
    if (round->said_conf != 0 && abba->config.rule != ABBA_WITHOUT_CONF)
        send(abba, to, &message);
    message.type = MESSAGE_ABBA_COIN;
    if (round->said_coin) {
        abba_own_share(abba, number, &message.share);
        send(abba, to, &message);
    }
}

void abba_repeat(struct abba *abba, node_id to) {
    const struct abba_term *term = &abba->terms[abba->config.self];
    for (uint32_t i = 0; i < abba->round_capacity; i++)
        if (abba->rounds[i] != NULL)
            repeat_round(abba, to, i);
    struct abba_message message = {.type = MESSAGE_ABBA_TERM,
                                   .instance = abba->config.instance,
                                   .round = term->round,
                                   .set = term->set};
    if (term->set != 0)
        send(abba, to, &message);
}

size_t abba_store_bytes(const struct abba *abba) {
    return 1 + 2 + 2 + 2 + rounds_said(abba);
}

void abba_store(const struct abba *abba, struct writer *writer) {
    const uint32_t count = rounds_said(abba);
    write_u8(writer, (uint8_t)((abba->has_input ? HAS_INPUT : 0) | (abba->estimate ? ESTIMATE : 0) |
                               (abba->decided ? DECIDED : 0) | (abba->value ? VALUE : 0) |
                               (abba->stopped ? STOPPED : 0)));
    write_u16(writer, abba->terms[abba->config.self].round);
    write_u16(writer, (uint16_t)abba->round);
    write_u16(writer, (uint16_t)count);
    for (uint32_t i = 0; i < count; i++)
        write_u8(writer, abba->rounds[i] == NULL ? 0 : said_in(abba->rounds[i]));
}

static void restore_round(struct abba *abba, uint32_t number, uint8_t said) {
    const uint32_t self = abba->config.self;
    struct abba_round *round = abba_round_at(abba, number);
    struct dh_share share;
    round->said_bval = said & SET_BOTH;
    round->said_aux = said >> 2 & SET_BOTH;
    round->said_conf = said >> 4 & SET_BOTH;
    round->said_coin = (said >> 6 & 1) != 0;
    for (int value = 0; value < 2; value++)
        if ((round->said_bval >> value & 1) != 0)
            member_set_add(&round->bval[value], self);
    abba_update_bin_values(abba, round);
    if (round->said_aux != 0)
        member_set_add(&round->aux[round->said_aux == SET_TRUE], self);
    if (round->said_conf != 0 && abba->config.rule != ABBA_WITHOUT_CONF)
        member_set_add(&round->conf[round->said_conf - 1], self);
    if (round->said_coin) {
        abba_own_share(abba, number, &share);
        abba_add_share(abba, round, &share);
    }
}

int abba_restore(struct abba *abba, struct reader *reader) {
    assert(abba->round_capacity == 0 && !abba->has_input);
    const uint8_t flags = read_u8(reader);
    const uint16_t term_round = read_u16(reader);
    const uint16_t current = read_u16(reader);
    const uint16_t count = read_u16(reader);
    if (flags > ALL_FLAGS || count > ABBA_ROUNDS || current >= ABBA_ROUNDS)
        reader_fail(reader, ERR_INVALID);
    const uint8_t *said = read_view(reader, count);
    if (reader->error != OK)
        return reader->error;
    abba->has_input = (flags & HAS_INPUT) != 0;
    abba->estimate = (flags & ESTIMATE) != 0;
    abba->decided = (flags & DECIDED) != 0;
    abba->value = (flags & VALUE) != 0;
    abba->stopped = (flags & STOPPED) != 0;
    abba->round = current;
    if (abba->decided) {
        abba->terms[abba->config.self] =
            (struct abba_term){abba->value ? SET_TRUE : SET_FALSE, term_round};
        member_set_add(&abba->term[abba->value], abba->config.self);
    }
    for (uint32_t i = 0; i < count; i++)
        if (said[i] != 0)
            restore_round(abba, i, said[i]);
    abba_progress(abba);
    return OK;
}
