/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/cli/explain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "models/csv.h"
#include "sim/cli/run.h"
#include "sim/path/path.h"
#include "sim/report/text.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/user_file.h"

#define LABEL_BYTES 160

/* One row of paths.csv. */
struct row {
    int64_t repetition, transaction, hop, node, from, begin, duration; /* node, from: -1 for none */
    unsigned cause;
    char message[CSV_NAME_BYTES];
};

/* The rows of one path, from its end back to the submission. */
struct found {
    size_t first, count;
    time_ns latency;
};

struct explanation {
    struct row *rows;
    size_t row_count;
    struct found *paths;
    size_t path_count;
    char **labels; /* of node numbers: place and role */
    size_t label_count;
};

static int complain(const char *path, size_t line, const char *what) {
    fprintf(stderr, "tierchain: %s", path);
    if (line > 0)
        fprintf(stderr, ":%zu", line);
    fprintf(stderr, ": %s\n", what);
    return EXIT_USAGE;
}

static bool integer(const struct csv *csv, const char *column, bool optional, int64_t *value) {
    int at = csv_column(csv, column);
    *value = -1;
    if (at < 0)
        return false;
    return (optional && csv->fields[at].size == 0) || csv_integer(csv->fields[at], value) == 0;
}

static bool name(const struct csv *csv, const char *column, char out[CSV_NAME_BYTES]) {
    int at = csv_column(csv, column);
    return at >= 0 && csv_copy(csv->fields[at], out, CSV_NAME_BYTES) == 0;
}

static bool read_row(const struct csv *csv, struct row *row) {
    char cause[CSV_NAME_BYTES];
    *row = (struct row){0};
    if (!integer(csv, "repetition", false, &row->repetition) ||
        !integer(csv, "transaction", false, &row->transaction) ||
        !integer(csv, "hop", false, &row->hop) || !integer(csv, "node", true, &row->node) ||
        !integer(csv, "from", true, &row->from) || !integer(csv, "begin_ns", false, &row->begin) ||
        !integer(csv, "duration_ns", false, &row->duration) || !name(csv, "cause", cause) ||
        !name(csv, "message", row->message))
        return false;
    row->cause = path_cause_find(cause);
    return row->cause < PATH_CAUSES;
}

static void add_row(struct explanation *all, const struct row *row) {
    size_t count = all->row_count, paths = all->path_count;
    if ((count & (count + 1023)) == 0 || count % 1024 == 0)
        all->rows = memory_resize(all->rows, count + 1024 + count / 2, sizeof *all->rows);
    const struct row *last = count > 0 ? &all->rows[count - 1] : NULL;
    if (last == NULL || last->transaction != row->transaction ||
        last->repetition != row->repetition) {
        all->paths = memory_resize(all->paths, paths + 1, sizeof *all->paths);
        all->paths[all->path_count++] = (struct found){.first = count};
    }
    struct found *path = &all->paths[all->path_count - 1];
    path->count++;
    path->latency += row->duration;
    all->rows[all->row_count++] = *row;
}

static int read_paths(struct explanation *all, const char *run) {
    struct text path = {0};
    struct csv csv;
    struct row row;
    size_t size = 0;
    int code = EXIT_DONE, more = 0;
    text_format(&path, "%s/paths.csv", run);
    char *text = user_file_read(path.bytes, &size);
    if (text == NULL)
        code = complain(path.bytes, 0, "cannot be read; name a folder of results");
    else if (csv_init(&csv, text, size) != 0)
        code = complain(path.bytes, csv.line, csv.problem);
    while (code == EXIT_DONE && (more = csv_next(&csv)) > 0) {
        if (read_row(&csv, &row))
            add_row(all, &row);
        else
            code = complain(path.bytes, csv.line, "this is no part of a path");
    }
    if (more < 0)
        code = complain(path.bytes, csv.line, csv.problem);
    else if (code == EXIT_DONE && all->path_count == 0)
        code = complain(path.bytes, 0,
                        "there is no path: no transaction was done, or output.paths was off");
    free(text);
    text_deinit(&path);
    return code;
}

/* Names of the nodes; without the file they are numbers. */
static void read_labels(struct explanation *all, const char *run) {
    struct text path = {0};
    struct csv csv;
    size_t size = 0;
    int64_t node;
    char place[CSV_NAME_BYTES], role[CSV_NAME_BYTES];
    text_format(&path, "%s/nodes.csv", run);
    char *text = user_file_read(path.bytes, &size);
    bool good = text != NULL && csv_init(&csv, text, size) == 0;
    while (good && csv_next(&csv) > 0) {
        if (!integer(&csv, "node", false, &node) || node != (int64_t)all->label_count ||
            !name(&csv, "place", place) || !name(&csv, "role", role))
            continue; /* the next repetition's are the same */
        all->labels = memory_resize(all->labels, all->label_count + 1, sizeof *all->labels);
        char *label = memory_new(LABEL_BYTES, 1);
        snprintf(label, LABEL_BYTES, " (%s, %s)", place, role);
        all->labels[all->label_count++] = label;
    }
    free(text);
    text_deinit(&path);
}

static const char *label(const struct explanation *all, int64_t node) {
    return node >= 0 && (size_t)node < all->label_count ? all->labels[node] : "";
}

static double ms(time_ns time) {
    return (double)time / (double)NS_PER_MS;
}

/* The step of rows @first down to before @last: what brought it, then each part. */
static void print_step(const struct explanation *all, const struct found *path, size_t first,
                       size_t last) {
    const struct row *rows = all->rows, *top = &rows[first];
    time_ns submitted = rows[path->first + path->count - 1].begin;
    const struct row *brought = NULL;
    for (size_t i = first + 1; i-- > last;)
        if (rows[i].message[0] != '\0' && brought == NULL)
            brought = &rows[i];
    printf("%12.6f  ", ms(top->begin - submitted));
    if (brought != NULL && brought->from >= 0)
        printf("%s from node %" PRId64 "%s to node %" PRId64 "%s\n", brought->message,
               brought->from, label(all, brought->from), top->node, label(all, top->node));
    else if (brought != NULL)
        printf("a timer of node %" PRId64 "%s, for %s\n", top->node, label(all, top->node),
               brought->message);
    else
        printf("node %" PRId64 "%s\n", top->node, label(all, top->node));
    for (size_t i = first + 1; i-- > last;)
        printf("              %c %-20s %12.6f %6.2f %%\n", i == last ? '`' : '|',
               path_cause_name(rows[i].cause), ms(rows[i].duration),
               100 * (double)rows[i].duration / (double)path->latency);
}

/* From the submission to the end, as it went; the rows go the other way. */
static void print_path(const struct explanation *all, const struct found *path) {
    const struct row *end = &all->rows[path->first];
    printf("transaction %" PRId64 " of repetition %" PRId64 ": %.6f ms in %" PRId64 " steps\n",
           end->transaction, end->repetition, ms(path->latency),
           all->rows[path->first + path->count - 1].hop + 1);
    for (size_t first = path->first + path->count; first-- > path->first;) {
        size_t last = first;
        while (last > path->first && all->rows[last - 1].hop == all->rows[first].hop)
            last--;
        print_step(all, path, first, last);
        first = last;
    }
    printf("%12.6f  done\n", ms(path->latency));
}

static int slower(const void *left, const void *right) {
    const struct found *a = left, *b = right;
    if (a->latency != b->latency)
        return a->latency > b->latency ? -1 : 1;
    return a->first < b->first ? -1 : a->first > b->first;
}

static int print_transaction(const struct explanation *all, int64_t transaction) {
    size_t printed = 0;
    for (size_t i = 0; i < all->path_count; i++) {
        if (all->rows[all->paths[i].first].transaction != transaction)
            continue;
        print_path(all, &all->paths[i]);
        printed++;
    }
    if (printed > 0)
        return EXIT_DONE;
    fprintf(stderr,
            "tierchain: explain: no path of transaction %" PRId64
            " is kept; transactions.csv lists those that were done\n",
            transaction);
    return EXIT_USAGE;
}

static int read_number(const char *option, const char *text, int64_t *number) {
    char message[160];
    if (quantity_parse(text, UNIT_COUNT, number, message, sizeof message) >= 0)
        return EXIT_DONE;
    fprintf(stderr, "tierchain: %s: %s\n", option, message);
    return EXIT_USAGE;
}

int explain_verb(const struct command *command) {
    struct explanation all = {0};
    int64_t transaction = -1, slowest = 1;
    if (command->operand_count != 1 || (command->transaction != NULL && command->slowest != NULL)) {
        fputs("tierchain: explain: name one folder of results, and --tx or --slowest\n", stderr);
        return EXIT_USAGE;
    }
    int code = EXIT_DONE;
    if (command->transaction != NULL)
        code = read_number("--tx", command->transaction, &transaction);
    if (code == EXIT_DONE && command->slowest != NULL)
        code = read_number("--slowest", command->slowest, &slowest);
    if (code == EXIT_DONE)
        code = read_paths(&all, command->operands[0]);
    if (code == EXIT_DONE) {
        read_labels(&all, command->operands[0]);
        if (transaction >= 0) {
            code = print_transaction(&all, transaction);
        } else {
            qsort(all.paths, all.path_count, sizeof *all.paths, slower);
            for (size_t i = 0; i < all.path_count && (int64_t)i < slowest; i++)
                print_path(&all, &all.paths[i]);
        }
    }
    for (size_t i = 0; i < all.label_count; i++)
        free(all.labels[i]);
    free(all.labels);
    free(all.paths);
    free(all.rows);
    return code;
}
