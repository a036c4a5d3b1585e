/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plans as files. Which keys there are stands in the tables below, which reading and writing share. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "sim/adversary/adversary.h"
#include "sim/scenario/arena.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/resolve.h"
#include "sim/scenario/suggest.h"
#include "sim/sweep/plan.h"

#define CHOICES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define LONGEST      (24 * 3600 * NS_PER_S)

/* What a file holds besides the plan. */
struct plan_file {
    struct plan plan;
    const char *schema;
    struct origin origin; /* of the expectations */
};

#define PLAN(field)   offsetof(struct plan_file, plan.field)
#define LOAD(field)   offsetof(struct plan_load, field)
#define FAULT(field)  offsetof(struct plan_fault, field)
#define EXPECT(field) offsetof(struct plan_file, plan.expect.field)

#define DURATION(key, field_, text, ...)                                                           \
    {                                                                                              \
        .path = key, .type = KEY_NUMBER, .unit = UNIT_DURATION, .offset = field_, .max = LONGEST,  \
        .help = text, __VA_ARGS__                                                                  \
    }
#define COUNT(key, field_, text, ...)                                                              \
    {                                                                                              \
        .path = key, .type = KEY_NUMBER, .unit = UNIT_COUNT, .offset = field_, .help = text,       \
        __VA_ARGS__                                                                                \
    }
#define MEMBERS(key, field_, text)                                                                 \
    { .path = key, .type = KEY_MEMBERS, .offset = field_, .max = PLAN_MEMBERS - 1, .help = text }
#define VERDICT(key, field_, text)                                                                 \
    {                                                                                              \
        .path = key, .type = KEY_CHOICE, .offset = EXPECT(field_), .fallback = "holds",            \
        .choices = CHOICES("any", "holds", "violated"), .help = text                               \
    }

static const struct key_row load_rows[] = {
    DURATION("at", LOAD(at), "when they are submitted", .required = true),
    COUNT("count", LOAD(count), "transactions", .fallback = "1", .min = 1, .max = 2000),
    MEMBERS("members", LOAD(members), "who hears of them; everybody unless given"),
    DURATION("spread", LOAD(spread), "each hears of them up to so much later", .fallback = "0 ns"),
    COUNT("draw", LOAD(draw), "names the row's random draws", .fallback = "0", .max = INT64_MAX),
    {0},
};

static const struct key_record plan_load_record = {"a load", load_rows, sizeof(struct plan_load),
                                                   LOAD(origin)};

static const struct key_row fault_rows[] = {
    {.path = "kind",
     .type = KEY_CHOICE,
     .offset = FAULT(kind),
     .required = true,
     .choices = CHOICES("loss", "spike", "slow", "duplicate", "cut", "crash", "twins", "hostile"),
     .help = "what happens"},
    DURATION("at", FAULT(at), "when it starts", .fallback = "0 ns"),
    DURATION("until", FAULT(until), "when it ends: with all faults unless given; a crash: never"),
    MEMBERS("members", FAULT(members), "crash, twins, hostile: whom it is about"),
    MEMBERS("from", FAULT(from), "links: of what these send; everybody unless given"),
    MEMBERS("to", FAULT(to), "links: of what these receive; everybody unless given"),
    {.path = "one_way",
     .type = KEY_CHOICE,
     .offset = FAULT(one_way),
     .fallback = "false",
     .choices = CHOICES("false", "true"),
     .help = "cut: only what from sends to to is lost"},
    DURATION("every", FAULT(every), "cut: from moves on by one member so often", .min = NS_PER_MS),
    {.path = "rate",
     .type = KEY_NUMBER,
     .unit = UNIT_SHARE,
     .offset = FAULT(rate),
     .fallback = "100 %",
     .min = 1,
     .max = PLAN_MILLION,
     .help = "loss, spike, duplicate: the share of messages"},
    DURATION("delay", FAULT(delay), "spike, duplicate: up to so much; slow: exactly so much",
             .fallback = "0 ns"),
    {.path = "type",
     .type = KEY_TEXT,
     .offset = FAULT(type),
     .help = "links: messages of that type only, such as pbft.commit"},
    COUNT("view", FAULT(view), "links: messages of that view (HoneyBadger: epoch) only",
          .max = INT64_MAX),
    COUNT("after", FAULT(after), "crash: in the middle of a step, after so many effects",
          .max = 100000),
    {.path = "lose",
     .type = KEY_CHOICE,
     .offset = FAULT(lose),
     .fallback = "nothing",
     .choices = CHOICES("nothing", "all"),
     .help = "crash: of what was durable"},
    {.path = "behaviour",
     .type = KEY_TEXT,
     .offset = FAULT(behaviour),
     .help = "hostile: a row of sim/adversary/registry.c"},
    COUNT("draw", FAULT(draw), "names the row's random draws", .fallback = "0", .max = INT64_MAX),
    {0},
};

static const struct key_record plan_fault_record = {"a fault", fault_rows,
                                                    sizeof(struct plan_fault), FAULT(origin)};

static const struct key_row plan_rows[] = {
    {.path = "schema",
     .type = KEY_NAME,
     .offset = offsetof(struct plan_file, schema),
     .required = true,
     .choices = CHOICES("committee/1"),
     .help = "of such a file: committee/1"},
    {.path = "committee.variant",
     .type = KEY_NAME,
     .offset = PLAN(variant),
     .fallback = "pbft",
     .choices = CHOICES("pbft", "hotstuff", "hotstuff-sticky", "honeybadger"),
     .help = "what it runs"},
    COUNT("committee.n", PLAN(n), "members", .fallback = "4", .min = 1, .max = PLAN_MEMBERS),
    {.path = "committee.certificates",
     .type = KEY_NAME,
     .offset = PLAN(certificates),
     .fallback = "list",
     .choices = CHOICES("list", "aggregate", "frost"),
     .help = "how votes become certificates"},
    {.path = "committee.leaders",
     .type = KEY_NAME,
     .offset = PLAN(leaders),
     .choices = CHOICES("round-robin", "random", "sticky"),
     .help = "who leads; as the variant prefers unless given"},
    COUNT("committee.batch", PLAN(batch), "transactions of a block", .fallback = "1", .min = 1,
          .max = 256),
    DURATION("committee.delay", PLAN(delay), "one way", .fallback = "10 ms", .min = 1000),
    DURATION("committee.jitter", PLAN(jitter), "up to so much more", .fallback = "0 ns"),
    DURATION("committee.view_timeout", PLAN(view_timeout), "of the first view",
             .fallback = "200 ms", .min = NS_PER_MS),
    COUNT("committee.seed", PLAN(seed), "of keys and all draws", .fallback = "1", .max = INT64_MAX),
    {.path = "load",
     .type = KEY_RECORDS,
     .offset = PLAN(loads),
     .record = &plan_load_record,
     .max = PLAN_LOADS,
     .help = "what is submitted"},
    {.path = "faults",
     .type = KEY_RECORDS,
     .offset = PLAN(faults),
     .record = &plan_fault_record,
     .max = PLAN_FAULTS,
     .help = "what happens until heal"},
    DURATION("heal", PLAN(heal), "when the faults end", .fallback = "5 s"),
    DURATION("resend", PLAN(resend),
             "clients tell everybody what is not decided after so long; at heal unless given"),
    DURATION("bound", PLAN(bound), "within so long after heal all is decided", .fallback = "60 s"),
    VERDICT("expect.agreement", agreement, "one log, each transaction once"),
    VERDICT("expect.local", local, "the rules that each correct member keeps"),
    VERDICT("expect.live", live, "all is decided once healed, and again after a rest"),
    VERDICT("expect.quiet", quiet, "no message when nothing waits"),
    COUNT("expect.decided_least", EXPECT(decided_least), "batches decided at heal",
          .max = INT64_MAX),
    COUNT("expect.decided_most", EXPECT(decided_most), "likewise, at most", .max = INT64_MAX),
    {.path = "expect.keeps",
     .type = KEY_NUMBER,
     .unit = UNIT_SHARE,
     .offset = EXPECT(keeps),
     .max = PLAN_MILLION,
     .help = "at heal, of what is decided when the adversary is silent"},
    {0},
};

const char *plan_kind_name(enum plan_kind kind) {
    return fault_rows[0].choices[kind];
}

/* Checks. */

struct check {
    struct resolver *resolver;
    const struct tree_node *root;
    struct plan *plan;
};

static void fail(const struct check *check, const struct origin *origin, const char *what) {
    const struct source *source = check->root->mark.source;
    diagnostics_add(check->resolver->diagnostics, source, origin->line, origin->column, "%s", what);
}

static bool known_type(const char *name) {
    for (size_t i = 0; i < message_count(); i++)
        if (strcmp(message_name(message_at(i)), name) == 0)
            return true;
    return false;
}

static bool is_link(enum plan_kind kind) {
    return kind <= PLAN_CUT;
}

static void check_names(const struct check *check, const struct plan_fault *fault) {
    if (fault->type != NULL && !known_type(fault->type))
        fail(check, &fault->origin, "this fault's type is no message's name");
    if (fault->kind == PLAN_HOSTILE &&
        (fault->behaviour == NULL ||
         adversary_find(fault->behaviour, check->plan->variant) == NULL))
        fail(check, &fault->origin,
             "a hostile member needs a behaviour that its variant has (sim/adversary/registry.c)");
}

static void check_fault(const struct check *check, const struct plan_fault *fault) {
    const uint64_t own = (UINT64_C(1) << check->plan->n) - 1;
    const uint64_t named = fault->members | fault->from | fault->to;
    if (((named | named >> PLAN_TWIN) & UINT64_C(0xffffffff) & ~own) != 0)
        fail(check, &fault->origin, "this fault names a member that is not in the committee");
    if ((named >> PLAN_TWIN & ~plan_twins(check->plan)) != 0)
        fail(check, &fault->origin, "this fault names a twin that no `twins` makes");
    if (is_link(fault->kind) ? fault->members != 0 : fault->members == 0)
        fail(check, &fault->origin,
             is_link(fault->kind) ? "this fault is about links: use from and to"
                                  : "this fault needs members");
    if (fault->until != PLAN_UNSET && fault->until <= fault->at)
        fail(check, &fault->origin, "this fault ends before it begins");
    if (fault->kind == PLAN_CUT && (fault->from == 0 || fault->to == 0))
        fail(check, &fault->origin, "a cut needs both ends, from and to");
    check_names(check, fault);
}

static void check_plan(const struct check *check) {
    const struct plan *plan = check->plan;
    const struct consensus_ops *ops = consensus_find(plan->variant);
    const struct certificate_scheme *scheme = certificate_scheme_find(plan->certificates);
    const struct origin top = {NULL, check->root->mark.line, check->root->mark.column};
    uint32_t minds = 0;
    int64_t transactions = 0;
    if (!consensus_supports(ops, scheme))
        fail(check, &top, "this variant cannot have such certificates");
    if (plan->leaders != NULL && !consensus_follows(ops, leaders_find(plan->leaders)))
        fail(check, &top, "this variant cannot follow such a rule of leaders");
    for (size_t i = 0; i < plan->faults.count; i++) {
        check_fault(check, &plan->faults.items[i]);
        minds += plan->faults.items[i].kind == PLAN_HOSTILE;
    }
    for (size_t i = 0; i < plan->loads.count; i++)
        transactions += plan->loads.items[i].count;
    if (minds > 1)
        fail(check, &top, "there is one adversary: name all hostile members in one row");
    if (plan_count(plan_twins(plan)) > ASSEMBLY_TWINS)
        fail(check, &top, "more than eight members have twins");
    if (transactions + 2 >= ASSEMBLY_TRANSACTIONS)
        fail(check, &top, "more transactions than an assembly can tell apart");
}

/* Reading. */

static int read_source(struct plan *plan, struct arena *arena, const struct source *source,
                       struct diagnostics *diagnostics) {
    struct plan_file file = {0};
    struct resolver resolver = {.arena = arena, .diagnostics = diagnostics, .keys = plan_rows};
    const struct tree_node *root = tree_parse(arena, source, diagnostics);
    if (root == NULL && diagnostics->count == 0)
        diagnostics_add(diagnostics, source, 1, 1,
                        "the file is empty; it starts with `schema: committee/1`");
    if (root != NULL && root->kind != TREE_MAP)
        diagnostics_add(diagnostics, source, 1, 1, "expected a map of keys, found %s",
                        tree_kind_name(root));
    if (diagnostics->count == 0)
        resolve_keys(&resolver, "a committee's scenario", &file, root);
    if (diagnostics->count == 0) {
        const struct check check = {&resolver, root, &file.plan};
        check_plan(&check);
    }
    *plan = file.plan;
    plan->arena = arena;
    if (diagnostics->count == 0)
        return OK;
    arena_free(arena);
    *plan = (struct plan){0};
    return ERR_INVALID;
}

int plan_read_text(struct plan *plan, const char *name, const char *text, size_t size,
                   struct diagnostics *diagnostics) {
    struct arena *arena = arena_new();
    struct source *source = arena_alloc(arena, sizeof *source);
    *source = (struct source){arena_copy(arena, name, strlen(name)), arena_copy(arena, text, size),
                              size, 1};
    *diagnostics = (struct diagnostics){0};
    return read_source(plan, arena, source, diagnostics);
}

int plan_read(struct plan *plan, const char *path, struct diagnostics *diagnostics) {
    const struct source whole = {.name = path};
    char *text = NULL;
    size_t size = 0, got;
    FILE *file = fopen(path, "rb");
    *diagnostics = (struct diagnostics){0};
    if (file == NULL) {
        diagnostics_add(diagnostics, &whole, 0, 0, "%s", strerror(errno));
        return ERR_INVALID;
    }
    do {
        text = realloc(text, size + 65536);
        if (text == NULL)
            abort();
        got = fread(text + size, 1, 65536, file);
        size += got;
    } while (got > 0 && size <= TREE_TEXT_MAX);
    const bool failed = ferror(file) != 0;
    const int reason = errno; /* a folder, say */
    fclose(file);
    int error = ERR_INVALID;
    if (failed)
        diagnostics_add(diagnostics, &whole, 0, 0, "%s", strerror(reason));
    else
        error = plan_read_text(plan, path, text, size, diagnostics);
    free(text);
    return error;
}

/* Writing: what differs from the default, in the order of the table. */

static void write_members(FILE *out, uint64_t members) {
    const char *before = "[";
    for (uint32_t bit = 0; bit < 64; bit++) {
        if ((members >> bit & 1) == 0)
            continue;
        fprintf(out, "%s%u%s", before, bit % PLAN_TWIN, bit >= PLAN_TWIN ? "'" : "");
        before = ", ";
    }
    fputc(']', out);
}

/* Whether the row's value is the default; otherwise it is written after @before. */
static bool write_value(FILE *out, const struct key_row *row, const void *base, const char *before,
                        const char *name) {
    const void *field = (const char *)base + row->offset;
    char text[QUANTITY_BYTES];
    int64_t number, usual = UNSET;
    unsigned choice, usual_choice = 0;
    const char *word;
    uint64_t members;
    switch (row->type) {
    case KEY_NUMBER:
        memcpy(&number, field, sizeof number);
        if (row->fallback != NULL)
            (void)quantity_parse(row->fallback, row->unit, &usual, text, sizeof text);
        if (number == usual)
            return false;
        quantity_format(number, row->unit, text);
        fprintf(out, "%s%s: %s", before, name, text);
        return true;
    case KEY_CHOICE:
        memcpy(&choice, field, sizeof choice);
        while (row->fallback != NULL && strcmp(row->choices[usual_choice], row->fallback) != 0)
            usual_choice++;
        if (choice == usual_choice && row->fallback != NULL)
            return false;
        fprintf(out, "%s%s: %s", before, name, row->choices[choice]);
        return true;
    case KEY_MEMBERS:
        memcpy(&members, field, sizeof members);
        if (members == 0)
            return false;
        fprintf(out, "%s%s: ", before, name);
        write_members(out, members);
        return true;
    default:
        memcpy(&word, field, sizeof word);
        if (word == NULL || (row->fallback != NULL && strcmp(word, row->fallback) == 0))
            return false;
        fprintf(out, "%s%s: %s", before, name, word);
        return true;
    }
}

static void write_record(FILE *out, const struct key_record *record, const void *item) {
    const char *before = "  - {";
    for (const struct key_row *row = record->rows; row->path != NULL; row++)
        if (write_value(out, row, item, before, row->path))
            before = ", ";
    fputs("}\n", out);
}

static void write_records(FILE *out, const struct key_row *row, const struct plan_file *file) {
    struct {
        const char *items;
        size_t count;
    } list;
    memcpy(&list, (const char *)file + row->offset, sizeof list);
    if (list.count > 0)
        fprintf(out, "%s:\n", row->path);
    for (size_t i = 0; i < list.count; i++)
        write_record(out, row->record, list.items + i * row->record->size);
}

void plan_write(const struct plan *plan, FILE *out) {
    const struct plan_file file = {.plan = *plan, .schema = "committee/1"};
    const char *group = "";
    for (const struct key_row *row = plan_rows; row->path != NULL; row++) {
        const char *dot = strchr(row->path, '.');
        if (row->type == KEY_RECORDS) {
            write_records(out, row, &file);
        } else if (dot == NULL) {
            if (write_value(out, row, &file, "", row->path))
                fputc('\n', out);
        } else {
            char before[40] = "  ";
            const size_t length = (size_t)(dot - row->path);
            if (strncmp(group, row->path, length + 1) != 0)
                snprintf(before, sizeof before, "%.*s:\n  ", (int)length, row->path);
            if (write_value(out, row, &file, before, dot + 1)) {
                fputc('\n', out);
                group = row->path;
            }
        }
    }
}
