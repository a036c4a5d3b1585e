/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A node as a queue, through both drivers, against queueing theory: what its inputs wait for and how long they stay,
 * with Poisson arrivals and a mean service of 1 (here 1 ms). Closed forms: Gross, Harris, "Fundamentals of Queueing
 * Theory"; the figures are also in the table of checks that the project keeps. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/cpu.h"
#include "models/random.h"
#include "sim/driver/driver.h"
#include "sim/loop/loop.h"

#define UNIT    NS_PER_MS
#define BATCHES 32
#define WARM_UP 20000 /* customers whose times are not counted */

/* How a queue serves: the cost of one unit and how many units each input takes. */
struct service {
    enum cpu_spread spread;
    uint64_t units;
    const char *table; /* NULL: mean 1 / units */
};

struct queue {
    struct process process;
    struct cpu_model cpu;
    struct service service;
    struct rng arrivals, work;
    double load; /* of all cores together, mean arrivals a unit of time */
    time_ns at;
    uint64_t customers, submitted;
    time_ns *came;
    double *waited, *stayed; /* units of time, in order of arrival */
};

static struct queue queue;

static void serve(struct process *process, const struct event *event) {
    if (event->type != EVENT_SUBMIT)
        return;
    env_trace(&process->env, TRACE_TX_S1, event->transaction, 0);
    env_charge(&process->env, WORK_SIGN, queue.service.units);
    env_trace(&process->env, TRACE_TX_S2, event->transaction, 0);
}

static time_ns work(void *context, node_id node, enum work kind, uint64_t count) {
    return cpu_draw_ns(&queue.cpu, kind, count, &queue.work);
}

static void note(void *context, const struct trace_record *record) {
    double time = (double)(record->time - queue.came[record->a]) / (double)UNIT;
    (record->point == TRACE_TX_S1 ? queue.waited : queue.stayed)[record->a] = time;
}

static bool next_submission(void *context, struct submission *submission) {
    if (queue.submitted == queue.customers)
        return false;
    queue.at += (time_ns)llround((double)UNIT / queue.load * draw_exponential(&queue.arrivals));
    queue.came[queue.submitted] = queue.at;
    *submission = (struct submission){queue.at, 0, queue.submitted++, 0};
    return true;
}

static void open_queue(double load, uint64_t customers, const struct service *service) {
    struct cpu_error error;
    queue = (struct queue){.service = *service, .load = load, .customers = customers};
    ck_assert_int_eq(cpu_init_named(&queue.cpu, "zero", "ed25519", &error), 0);
    if (service->table != NULL) {
        char text[4096] = "kind,unit_ns,p0,p100\n";
        size_t at = strlen(text);
        for (unsigned kind = 0; kind < WORK_COUNT; kind++)
            at +=
                (size_t)snprintf(text + at, sizeof text - at, "%s,%s\n", work_name((enum work)kind),
                                 kind == WORK_SIGN ? service->table : "0,,");
        ck_assert_int_eq(cpu_init(&queue.cpu, text, at, "ed25519", &error), 0);
    } else {
        cpu_set_spread(&queue.cpu, service->spread);
        cpu_set_cost(&queue.cpu, WORK_SIGN, (uint64_t)UNIT / service->units);
    }
    rng_init(&queue.arrivals, 1, 0, "arrivals");
    rng_init(&queue.work, 1, 0, "cpu");
    queue.came = calloc(customers, sizeof *queue.came);
    queue.waited = calloc(customers, sizeof *queue.waited);
    queue.stayed = calloc(customers, sizeof *queue.stayed);
    env_init(&queue.process.env, 0, 1);
    queue.process.step = serve;
}

static void run_loop(uint16_t cores) {
    const struct loop_config config = {
        .count = 1, .work = work, .cores = &cores, .trace = note, .context = &queue};
    struct loop *loop = loop_new(&config);
    struct submission submission;
    loop_start(loop, 0, &queue.process);
    while (next_submission(NULL, &submission))
        loop_submit(loop, 0, submission.time, submission.transaction, 0);
    loop_run(loop, TIME_NEVER - 1);
    loop_free(loop);
}

static void run_simgrid(uint16_t cores) {
    static const char *const names[] = {"a"};
    static const uint32_t nodes[] = {1};
    static const uint16_t place_of[] = {0};
    static const time_ns base[] = {NS_PER_MS};
    char path[] = "/tmp/tierchain-queues-XXXXXX";
    int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    const struct driver_config config = {
        .platform = {.place_count = 1,
                     .place_names = names,
                     .place_nodes = nodes,
                     .base = base,
                     .speed = 1},
        .platform_path = path,
        .network = {.node_count = 1, .place_of = place_of, .place_count = 1, .base = base},
        .work = work,
        .cores = &cores,
        .end = (time_ns)((double)queue.customers / queue.load * 2) * UNIT,
        .next_submission = next_submission,
        .trace = note,
    };
    FILE *file = fdopen(descriptor, "w");
    ck_assert_int_eq(platform_write(&config.platform, file), 0);
    fclose(file);
    struct driver *driver = driver_new(&config);
    unlink(path);
    driver_start(driver, 0, &queue.process);
    ck_assert_int_eq(driver_run(driver), DRIVER_DONE);
    driver_free(driver);
}

/* The mean of @values after the warm-up, and its standard error by batch means: neighbours are alike. */
static double mean_of(const double *values, double *error) {
    size_t size = (queue.customers - WARM_UP) / BATCHES;
    double mean = 0, square = 0;
    for (size_t batch = 0; batch < BATCHES; batch++) {
        double sum = 0;
        for (size_t i = 0; i < size; i++)
            sum += values[WARM_UP + batch * size + i];
        mean += sum / (double)size / BATCHES;
        square += sum / (double)size * sum / (double)size / BATCHES;
    }
    *error = sqrt((square - mean * mean) / (BATCHES - 1));
    return mean;
}

/* Four standard errors to either side, and those within 6 %: else the test could not fail. */
static void expect_mean(const char *what, const double *values, double expected) {
    double error, mean = mean_of(values, &error);
    ck_assert_msg(fabs(mean - expected) < 4 * error + 1e-6, "%s: %f, not %f (+- %f)", what, mean,
                  expected, error);
    ck_assert_msg(error < 0.06 * expected, "%s: standard error %f of %f", what, error, expected);
}

static int by_size(const void *a, const void *b) {
    const double *one = a, *other = b;
    return (*one > *other) - (*one < *other);
}

static void expect_quantile(double share, double expected, double within) {
    size_t count = queue.customers - WARM_UP;
    double value = queue.stayed[WARM_UP + (size_t)(share * (double)count)]; /* sorted */
    ck_assert_msg(fabs(value - expected) < within * expected, "p%g: %f, not %f", 100 * share, value,
                  expected);
}

static void close_queue(void) {
    env_deinit(&queue.process.env);
    free(queue.came);
    free(queue.waited);
    free(queue.stayed);
}

static const struct service exponential = {.spread = CPU_EXPONENTIAL, .units = 1};
static const struct service constant = {.spread = CPU_CONSTANT, .units = 1};
static const struct service erlang_2 = {.spread = CPU_EXPONENTIAL, .units = 2};
static const struct service uniform = {.units = 1, .table = "1000000,0,2000000"};

static const struct {
    const char *name;
    const struct service *service;
    uint16_t cores;
    double load, wait; /* Wq */
    double waits;      /* the share that waits; 0: not looked at */
} cases[] = {
    {"M/M/1, .5", &exponential, 1, 0.5, 1.0000, 0.5},
    {"M/M/1, .8", &exponential, 1, 0.8, 4.0000, 0.8},
    {"M/D/1, .5", &constant, 1, 0.5, 0.5000, 0.5},
    {"M/D/1, .8", &constant, 1, 0.8, 2.0000, 0.8},
    {"M/M/2, .8", &exponential, 2, 1.6, 1.7778, 0.7111},
    {"M/M/4, .8", &exponential, 4, 3.2, 0.7455, 0.5964},
    {"M/M/8, .9", &exponential, 8, 7.2, 0.8769, 0.7015},
    {"M/U/1, .5", &uniform, 1, 0.5, 0.6667, 0.5},
    {"M/U/1, .8", &uniform, 1, 0.8, 2.6667, 0.8},
    {"M/E2/1, .5", &erlang_2, 1, 0.5, 0.7500, 0.5},
    {"M/E2/1, .8", &erlang_2, 1, 0.8, 3.0000, 0.8},
};

static void expect_case(int index) {
    expect_mean(cases[index].name, queue.waited, cases[index].wait);
    expect_mean(cases[index].name, queue.stayed, cases[index].wait + 1);
    for (uint64_t i = 0; i < queue.customers; i++)
        queue.waited[i] = queue.waited[i] > 0;
    expect_mean(cases[index].name, queue.waited, cases[index].waits);
}

START_TEST(the_loop_serves_as_theory_says) {
    open_queue(cases[_i].load, 500000, cases[_i].service);
    run_loop(cases[_i].cores);
    expect_case(_i);
    close_queue();
}
END_TEST

START_TEST(simgrid_serves_as_theory_says) {
    open_queue(cases[_i].load, 300000, cases[_i].service);
    run_simgrid(cases[_i].cores);
    expect_case(_i);
    close_queue();
}
END_TEST

/* The mean does not know who was served first; how long one stays does. In M/M/1 that is exponential. */
static void first_come_first_served(void (*run)(uint16_t cores)) {
    static const double shares[] = {0.5, 0.9, 0.99};
    open_queue(0.7, 500000, &exponential);
    run(1);
    qsort(&queue.stayed[WARM_UP], queue.customers - WARM_UP, sizeof *queue.stayed, by_size);
    for (size_t i = 0; i < ARRAY_LEN(shares); i++)
        expect_quantile(shares[i], -log(1 - shares[i]) / (1 - 0.7), 0.05);
    close_queue();
}

START_TEST(the_loop_serves_in_order) {
    first_come_first_served(run_loop);
}
END_TEST

START_TEST(simgrid_serves_in_order) {
    first_come_first_served(run_simgrid);
}
END_TEST

/* How long M/D/1 customers wait is known too. */
START_TEST(constant_service_spreads_waits_as_theory_says) {
    static const double until[] = {0, 1, 2, 5};
    static const double shares[] = {0.2000, 0.4451, 0.6345, 0.8995};
    open_queue(0.8, 500000, &constant);
    run_loop(1);
    for (size_t k = 0; k < ARRAY_LEN(until); k++) {
        double *by_then = calloc(queue.customers, sizeof *by_then);
        for (uint64_t i = 0; i < queue.customers; i++)
            by_then[i] = queue.waited[i] <= until[k];
        expect_mean("M/D/1's waits", by_then, shares[k]);
        free(by_then);
    }
    close_queue();
}
END_TEST

Suite *queues_suite(void) {
    Suite *suite = suite_create("queues");
    TCase *tcase = tcase_create("queues");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, the_loop_serves_as_theory_says, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tcase, simgrid_serves_as_theory_says, 0, ARRAY_LEN(cases));
    tcase_add_test(tcase, the_loop_serves_in_order);
    tcase_add_test(tcase, simgrid_serves_in_order);
    tcase_add_test(tcase, constant_service_spreads_waits_as_theory_says);
    suite_add_tcase(suite, tcase);
    return suite;
}
