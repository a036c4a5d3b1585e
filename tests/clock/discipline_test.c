/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Clocks that put each other right, over paths and with clocks whose errors are known in closed
 * form. */
#include "clock/discipline.h"

#include <check.h>
#include <stdlib.h>

#include "base/error.h"
#include "models/clock.h"
#include "sim/loop/loop.h"

#define NODES 5 /* 0 is the client or slave, the others servers or, node 1, the master */
#define POLL  NS_PER_S

struct clock_node {
    struct process process;
    struct discipline_config config;
    struct discipline discipline;
    struct clock_model clock;
};

struct fixture {
    struct clock_node nodes[NODES];
    struct loop *loop;
    time_ns out, back; /* from the client and to it; without jitter */
    time_ns jitter;    /* of each message, uniform */
    struct rng rng;
    node_id silent; /* answers of this node are lost */
    uint64_t drops[ERROR_COUNT];
    uint64_t steps, slews;
};

static struct fixture f;
static const node_id servers[] = {1, 2, 3, 4};
static const node_id client = 0;

static void step(struct process *process, const struct event *event) {
    struct clock_node *node = container_of(process, struct clock_node, process);
    struct message message;
    if (event->type == EVENT_START)
        discipline_init(&node->discipline, &process->env, &node->config);
    if (event->type != EVENT_MESSAGE)
        return;
    int error = message_parse(&message, event->frame);
    if (error == OK)
        error = discipline_receive(&node->discipline, event->from, &message);
    if (error != OK)
        env_drop(&process->env, message.type, error);
}

static time_ns delay(void *context, node_id from, node_id to, const struct frame *frame,
                     time_ns now) {
    time_ns jitter = (time_ns)rng_below(&f.rng, (uint64_t)f.jitter + 1);
    if (from == f.silent)
        return -1;
    return (from == client ? f.out : f.back) + jitter;
}

static time_ns read_clock(void *context, node_id node, time_ns now) {
    return 1000 * NS_PER_S + clock_read(&f.nodes[node].clock, now);
}

static void trace(void *context, const struct trace_record *record) {
    if (record->point == TRACE_DROPPED)
        f.drops[record->b]++;
    if (record->point == TRACE_CLOCK && record->b == 0)
        f.slews++;
    if (record->point == TRACE_CLOCK && record->b == 1)
        f.steps++;
}

static void set_clock(node_id node, const struct clock_settings *settings) {
    ck_assert_int_eq(clock_init(&f.nodes[node].clock, settings, 7, node), OK);
}

static void open_fixture(time_ns out, time_ns back) {
    const struct loop_config config = {
        .count = NODES, .delay = delay, .clock = read_clock, .trace = trace};
    f = (struct fixture){.out = out, .back = back, .silent = NODE_NONE};
    rng_init(&f.rng, 1, 0, "jitter");
    f.loop = loop_new(&config);
    for (node_id node = 0; node < NODES; node++) {
        f.nodes[node].config = (struct discipline_config){.role = DISCIPLINE_NTP_SERVER};
        set_clock(node, &(struct clock_settings){.step_at = TIME_NEVER});
    }
    f.nodes[client].config = (struct discipline_config){
        .role = DISCIPLINE_NTP_CLIENT, .peers = servers, .peer_count = 4, .poll = POLL};
}

static void use_ptp(time_ns asymmetry) {
    f.nodes[1].config = (struct discipline_config){
        .role = DISCIPLINE_PTP_MASTER, .peers = &client, .peer_count = 1, .poll = POLL};
    f.nodes[client].config = (struct discipline_config){.role = DISCIPLINE_PTP_SLAVE,
                                                        .peers = servers,
                                                        .peer_count = 1,
                                                        .poll = POLL,
                                                        .asymmetry = asymmetry};
}

static void start(void) {
    for (node_id node = 0; node < NODES; node++) {
        f.nodes[node].process.step = step;
        env_init(&f.nodes[node].process.env, node, 7);
        loop_start(f.loop, node, &f.nodes[node].process);
    }
}

/* The client's corrected clock minus the true one. */
static time_ns client_error(void) {
    time_ns now = loop_now(f.loop), physical = read_clock(NULL, client, now);
    return physical + slew_at(&f.nodes[client].process.env.correction, physical) -
           (1000 * NS_PER_S + now);
}

static void close_fixture(void) {
    loop_free(f.loop);
    for (node_id node = 0; node < NODES; node++)
        env_deinit(&f.nodes[node].process.env);
}

START_TEST(ntp_is_wrong_by_half_the_asymmetry_exactly) {
    open_fixture(10 * NS_PER_MS, 30 * NS_PER_MS);
    set_clock(client, &(struct clock_settings){.offset = 200 * NS_PER_MS});
    start();
    loop_run(f.loop, 3 * NS_PER_S);
    ck_assert_int_eq(client_error(), -10 * NS_PER_MS); /* (10 - 30) / 2 */
    ck_assert_uint_eq(f.steps, 1);                     /* the first; then slews by 0 */
    ck_assert_uint_ge(f.slews, 1);
    close_fixture();
}
END_TEST

START_TEST(one_liar_among_four_is_outvoted) {
    for (node_id liar = 1; liar <= 4; liar++) {
        open_fixture(5 * NS_PER_MS, 5 * NS_PER_MS);
        set_clock(client, &(struct clock_settings){.offset = -150 * NS_PER_MS});
        set_clock(liar, &(struct clock_settings){.offset = NS_PER_S});
        start();
        loop_run(f.loop, 5 * NS_PER_S);
        ck_assert_int_eq(client_error(), 0);
        close_fixture();
    }
}
END_TEST

START_TEST(without_a_majority_nothing_is_believed) {
    open_fixture(5 * NS_PER_MS, 5 * NS_PER_MS);
    set_clock(client, &(struct clock_settings){.offset = -150 * NS_PER_MS});
    set_clock(2, &(struct clock_settings){.offset = NS_PER_S}); /* two against two */
    set_clock(3, &(struct clock_settings){.offset = NS_PER_S});
    start();
    loop_run(f.loop, 20 * NS_PER_S);
    ck_assert_int_eq(client_error(), -150 * NS_PER_MS);
    ck_assert_uint_eq(f.steps + f.slews, 0);
    close_fixture();
}
END_TEST

START_TEST(a_silent_server_does_not_stop_the_others) {
    open_fixture(5 * NS_PER_MS, 5 * NS_PER_MS);
    set_clock(client, &(struct clock_settings){.offset = -150 * NS_PER_MS});
    f.silent = 2;
    start();
    loop_run(f.loop, 3 * NS_PER_S); /* judged when the next poll begins */
    ck_assert_int_eq(client_error(), 0);
    close_fixture();
}
END_TEST

/* Between two polls a crystal of 50 ppm drifts by 50 us, a slew makes up 500 us, and a jitter of
 * 2 ms misplaces an offset by 1 ms at the most. */
START_TEST(drift_and_jitter_bound_the_error) {
    time_ns worst = 0;
    open_fixture(5 * NS_PER_MS, 5 * NS_PER_MS);
    set_clock(client, &(struct clock_settings){.offset = 200 * NS_PER_MS, .drift_ppb = 50000});
    f.jitter = 2 * NS_PER_MS;
    start();
    loop_run(f.loop, 10 * NS_PER_S);
    for (time_ns now = 10 * NS_PER_S; now < 200 * NS_PER_S; now += 100 * NS_PER_MS) {
        loop_run(f.loop, now);
        worst = llabs(client_error()) > worst ? llabs(client_error()) : worst;
    }
    ck_assert_int_le(worst, NS_PER_MS + 50 * NS_PER_US * (1 + NTP_FILTER_SIZE));
    ck_assert_int_gt(worst, 0);
    ck_assert_uint_eq(f.steps, 1);
    close_fixture();
}
END_TEST

START_TEST(small_errors_are_slewed) {
    open_fixture(5 * NS_PER_MS, 5 * NS_PER_MS);
    set_clock(client, &(struct clock_settings){.step = 100 * NS_PER_MS, .step_at = 20 * NS_PER_S});
    start();
    loop_run(f.loop, 20 * NS_PER_S);
    ck_assert_int_eq(client_error(), 100 * NS_PER_MS);
    time_ns last = client_error();
    for (time_ns now = 21 * NS_PER_S; now < 60 * NS_PER_S; now += NS_PER_S) {
        loop_run(f.loop, now);
        ck_assert_int_le(client_error(), last);
        ck_assert_int_ge(client_error(), last - 501 * NS_PER_US);
        last = client_error();
    }
    ck_assert_int_lt(last, 90 * NS_PER_MS); /* 500 ppm of at least 20 s */
    loop_run(f.loop, 260 * NS_PER_S);
    ck_assert_int_eq(client_error(), 0);
    ck_assert_uint_eq(f.steps, 1);
    close_fixture();
}
END_TEST

START_TEST(large_errors_are_stepped_once_they_last) {
    static const time_ns by[] = {NS_PER_S, -NS_PER_S, 3600 * NS_PER_S, -900 * NS_PER_S};
    for (size_t i = 0; i < ARRAY_LEN(by); i++) {
        open_fixture(5 * NS_PER_MS, 5 * NS_PER_MS);
        set_clock(client, &(struct clock_settings){.step = by[i], .step_at = 20 * NS_PER_S});
        start();
        loop_run(f.loop, 20 * NS_PER_S + 3 * POLL);
        ck_assert_int_eq(client_error(), by[i]); /* it may be a spike */
        loop_run(f.loop, 20 * NS_PER_S + (NTP_FILTER_SIZE + SERVO_SPIKES + 2) * POLL);
        ck_assert_int_eq(client_error(), 0);
        ck_assert_uint_eq(f.steps, 2);
        close_fixture();
    }
}
END_TEST

START_TEST(ptp_is_wrong_by_the_asymmetry_it_does_not_know) {
    /* 2 ms from the slave, 6 ms to it: the standard's asymmetry is (6 - 2) / 2. */
    static const time_ns known[] = {0, 2 * NS_PER_MS}, left[] = {-2 * NS_PER_MS, 0};
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        open_fixture(2 * NS_PER_MS, 6 * NS_PER_MS);
        use_ptp(known[i]);
        set_clock(client, &(struct clock_settings){.offset = 200 * NS_PER_MS});
        start();
        loop_run(f.loop, 10 * NS_PER_S);
        ck_assert_int_eq(client_error(), left[i]);
        close_fixture();
    }
}
END_TEST

START_TEST(ptp_follows_drift_and_takes_either_order) {
    time_ns worst = 0;
    open_fixture(NS_PER_MS, NS_PER_MS);
    use_ptp(0);
    set_clock(client, &(struct clock_settings){.offset = -200 * NS_PER_MS, .drift_ppb = -50000});
    f.jitter = 200 * NS_PER_US; /* half of the Follow_Ups overtake their Sync */
    start();
    loop_run(f.loop, 10 * NS_PER_S);
    for (time_ns now = 10 * NS_PER_S; now < 200 * NS_PER_S; now += 100 * NS_PER_MS) {
        loop_run(f.loop, now);
        worst = llabs(client_error()) > worst ? llabs(client_error()) : worst;
    }
    ck_assert_int_le(worst, 100 * NS_PER_US + 50 * NS_PER_US * (1 + NTP_FILTER_SIZE));
    ck_assert_uint_ge(f.slews, 150); /* nearly every exchange was complete */
    for (size_t reason = 0; reason < ERROR_COUNT; reason++)
        ck_assert_uint_eq(f.drops[reason], 0);
    close_fixture();
}
END_TEST

static void inject(node_id from, node_id to, time_ns at, const struct clock_message *message) {
    loop_inject(f.loop, from, to, at, clock_encode(message));
}

START_TEST(what_was_not_asked_for_is_dropped) {
    const time_ns wild = INT64_C(1) << 60;
    open_fixture(5 * NS_PER_MS, 5 * NS_PER_MS);
    start();
    loop_run(f.loop, 3500 * NS_PER_MS); /* between two polls: all answers are in */
    const struct clock_message late = {MESSAGE_CLOCK_ANSWER, 1, {0, 0}};
    const struct clock_message again = {
        MESSAGE_CLOCK_ANSWER, f.nodes[client].discipline.client.exchange, {wild, wild}};
    const struct clock_message other = {MESSAGE_CLOCK_SYNC, 1, {0, 0}};
    inject(1, client, loop_now(f.loop), &late);
    inject(1, client, loop_now(f.loop), &again);
    inject(1, client, loop_now(f.loop), &other);
    inject(client, client, loop_now(f.loop), &again);
    inject(client, 1, loop_now(f.loop), &other);
    loop_run(f.loop, loop_now(f.loop) + NS_PER_MS);
    ck_assert_uint_eq(f.drops[-ERR_STALE], 2);
    ck_assert_uint_eq(f.drops[-ERR_NOT_MEMBER], 3);
    ck_assert_int_eq(client_error(), 0);
    close_fixture();
}
END_TEST

START_TEST(made_up_times_are_no_samples) {
    static const time_ns times[][2] = {{0, 17 * NS_PER_S}, {0, -17 * NS_PER_S}};
    open_fixture(5 * NS_PER_MS, 5 * NS_PER_MS);
    f.silent = 1; /* the test answers in its place */
    start();
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        loop_run(f.loop, (time_ns)(i + 2) * NS_PER_S);
        const struct clock_message answer = {MESSAGE_CLOCK_ANSWER,
                                             f.nodes[client].discipline.client.exchange,
                                             {times[i][0], times[i][1]}};
        inject(1, client, loop_now(f.loop), &answer);
        loop_run(f.loop, loop_now(f.loop));
        ck_assert_uint_eq(f.drops[-ERR_INVALID], i + 1);
    }
    ck_assert_uint_eq(f.nodes[client].discipline.client.servers[0].filter.count, 0);
    close_fixture();
}
END_TEST

/* On a LAN the noise of four readings exceeds the round trip of 100 us, so half of all delays come out
 * negative. They are samples as good as the others: the client polls on, and is right to within what
 * the noise of two readings can do. */
START_TEST(a_lan_shorter_than_the_noise) {
    open_fixture(50 * NS_PER_US, 50 * NS_PER_US);
    for (node_id node = 0; node < NODES; node++)
        set_clock(node, &(struct clock_settings){.offset = node == client ? 3 * NS_PER_MS : 0,
                                                 .step_at = TIME_NEVER,
                                                 .noise = 200 * NS_PER_US});
    start();
    loop_run(f.loop, 100 * NS_PER_S);
    const struct ntp_client *ntp = &f.nodes[client].discipline.client;
    uint32_t cut = 0;
    for (uint32_t i = 0; i < ntp->server_count; i++) {
        ck_assert_uint_eq(ntp->servers[i].filter.count, NTP_FILTER_SIZE);
        for (uint32_t k = 0; k < NTP_FILTER_SIZE; k++) {
            const struct ntp_sample *sample = &ntp->servers[i].filter.samples[k];
            ck_assert_int_ge(sample->at, 1000 * NS_PER_S + 91 * NS_PER_S); /* none was left out */
            cut += sample->excess > 0;
        }
    }
    ck_assert_uint_gt(cut, 4);
    ck_assert_uint_eq(f.drops[-ERR_INVALID], 0);
    ck_assert_int_le(llabs(client_error()), 400 * NS_PER_US);
    close_fixture();
}
END_TEST

START_TEST(ptp_on_a_lan_shorter_than_the_noise) {
    open_fixture(50 * NS_PER_US, 50 * NS_PER_US);
    use_ptp(0);
    for (node_id node = 0; node < 2; node++)
        set_clock(node, &(struct clock_settings){
                            .offset = 0, .step_at = TIME_NEVER, .noise = 200 * NS_PER_US});
    start();
    loop_run(f.loop, 100 * NS_PER_S);
    const struct ntp_filter *filter = &f.nodes[client].discipline.slave.filter;
    uint32_t cut = 0;
    for (uint32_t k = 0; k < NTP_FILTER_SIZE; k++) {
        ck_assert_int_ge(filter->samples[k].at, 1000 * NS_PER_S + 91 * NS_PER_S);
        cut += filter->samples[k].excess > 0;
    }
    ck_assert_uint_gt(cut, 0);
    ck_assert_uint_eq(f.drops[-ERR_INVALID], 0);
    ck_assert_int_le(llabs(client_error()), 400 * NS_PER_US);
    close_fixture();
}
END_TEST

START_TEST(ptp_messages_out_of_turn_are_dropped) {
    static const struct clock_message wrong[] = {
        {MESSAGE_CLOCK_DELAY_RESPONSE, 1, {0}}, /* nothing was asked */
        {MESSAGE_CLOCK_SYNC, 0, {0}},           /* older than the last */
        {MESSAGE_CLOCK_ANSWER, 1, {0}},
    };
    open_fixture(NS_PER_MS, NS_PER_MS);
    use_ptp(0);
    start();
    loop_run(f.loop, 2500 * NS_PER_MS);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        inject(1, client, loop_now(f.loop), &wrong[i]);
    const struct clock_message sync = {MESSAGE_CLOCK_SYNC, 1000, {0}};
    inject(2, client, loop_now(f.loop), &sync); /* not the master */
    inject(client, 1, loop_now(f.loop), &sync); /* a master takes no Sync */
    loop_run(f.loop, loop_now(f.loop));
    ck_assert_uint_eq(f.drops[-ERR_STALE], 2);
    ck_assert_uint_eq(f.drops[-ERR_NOT_MEMBER], 3);
    ck_assert_int_eq(client_error(), 0);
    close_fixture();
}
END_TEST

Suite *discipline_suite(void) {
    Suite *suite = suite_create("discipline");
    TCase *tcase = tcase_create("discipline");
    tcase_add_test(tcase, ntp_is_wrong_by_half_the_asymmetry_exactly);
    tcase_add_test(tcase, one_liar_among_four_is_outvoted);
    tcase_add_test(tcase, without_a_majority_nothing_is_believed);
    tcase_add_test(tcase, a_silent_server_does_not_stop_the_others);
    tcase_add_test(tcase, drift_and_jitter_bound_the_error);
    tcase_add_test(tcase, small_errors_are_slewed);
    tcase_add_test(tcase, large_errors_are_stepped_once_they_last);
    tcase_add_test(tcase, ptp_is_wrong_by_the_asymmetry_it_does_not_know);
    tcase_add_test(tcase, ptp_follows_drift_and_takes_either_order);
    tcase_add_test(tcase, what_was_not_asked_for_is_dropped);
    tcase_add_test(tcase, made_up_times_are_no_samples);
    tcase_add_test(tcase, a_lan_shorter_than_the_noise);
    tcase_add_test(tcase, ptp_on_a_lan_shorter_than_the_noise);
    tcase_add_test(tcase, ptp_messages_out_of_turn_are_dropped);
    suite_add_tcase(suite, tcase);
    return suite;
}
