/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "membership/presence_service.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "membership/presence_messages.h"

#define NOBODY UINT32_MAX

/* One node of the city; those that are present form a list in the order in which they were heard. */
struct presence_heard {
    struct place_candidate entry;
    time_ns at;
    uint32_t before, after;
    bool present;
};

static struct presence_version *version_at(const struct presence_service *service, uint32_t age) {
    const uint32_t at = (service->last + PRESENCE_VERSIONS - age) % PRESENCE_VERSIONS;
    return (struct presence_version *)&service->versions[at];
}

const struct roster *presence_service_list(const struct presence_service *service, uint32_t age) {
    const struct presence_version *version = version_at(service, age);
    if (age >= service->count)
        return NULL;
    if (age > 0 && service->config.env->now > version->until + service->config.window)
        return NULL;
    return version->roster;
}

static void unlink_node(struct presence_service *service, uint32_t index) {
    const struct presence_heard *heard = &service->heard[index];
    if (heard->before != NOBODY)
        service->heard[heard->before].after = heard->after;
    else
        service->oldest = heard->after;
    if (heard->after != NOBODY)
        service->heard[heard->after].before = heard->before;
    else
        service->newest = heard->before;
}

static void link_newest(struct presence_service *service, uint32_t index) {
    struct presence_heard *heard = &service->heard[index];
    heard->before = service->newest;
    heard->after = NOBODY;
    if (service->newest != NOBODY)
        service->heard[service->newest].after = index;
    else
        service->oldest = index;
    service->newest = index;
}

static void note(struct presence_service *service, const struct presence_heard *heard) {
    const struct roster_change change = {heard->entry, heard->present};
    struct env *env = service->config.env;
    roster_changes_put(&service->gathered, &change);
    if (!timer_running(&service->gather))
        env_timer_start(env, &service->gather, service->config.timeout / PRESENCE_GATHER);
}

static void watch_oldest(struct presence_service *service) {
    struct env *env = service->config.env;
    if (service->oldest == NOBODY)
        return;
    const time_ns deadline = service->heard[service->oldest].at + service->config.timeout;
    env_timer_start(env, &service->expiry, deadline > env->now ? deadline - env->now : 0);
}

static void hear(struct presence_service *service, uint32_t index,
                 const struct place_candidate *entry) {
    struct presence_heard *heard = &service->heard[index];
    const struct place_candidate before = heard->entry;
    const bool is_news = !heard->present || before.area != entry->area ||
                         before.at.lon != entry->at.lon || before.at.lat != entry->at.lat;
    if (heard->present)
        unlink_node(service, index);
    heard->present = true;
    heard->entry = *entry;
    heard->at = service->config.env->now;
    link_newest(service, index);
    if (is_news)
        note(service, heard);
    if (!timer_running(&service->expiry))
        watch_oldest(service);
}

/* A member is there itself. */
static void on_expiry(struct timer *timer) {
    struct presence_service *service = container_of(timer, struct presence_service, expiry);
    const struct env *env = service->config.env;
    while (service->oldest != NOBODY &&
           service->heard[service->oldest].at + service->config.timeout <= env->now) {
        const uint32_t index = service->oldest;
        struct presence_heard *heard = &service->heard[index];
        unlink_node(service, index);
        if (heard->entry.node == env->self) {
            heard->at = env->now;
            link_newest(service, index);
        } else {
            heard->present = false;
            note(service, heard);
        }
    }
    watch_oldest(service);
}

static void version_deinit(struct presence_version *version) {
    roster_unref(version->roster);
    roster_changes_deinit(&version->changes);
    *version = (struct presence_version){0};
}

static void on_gather(struct timer *timer) {
    struct presence_service *service = container_of(timer, struct presence_service, gather);
    struct presence_version *present = version_at(service, 0);
    struct roster *next = roster_changed(present->roster, &service->gathered);
    present->changes = service->gathered;
    present->until = service->config.env->now;
    service->gathered = (struct roster_changes){0};
    service->last = (service->last + 1) % PRESENCE_VERSIONS;
    if (service->count < PRESENCE_VERSIONS)
        service->count++;
    version_deinit(version_at(service, 0));
    version_at(service, 0)->roster = next;
    if (service->config.changed != NULL)
        service->config.changed(service->config.context);
}

void presence_service_init(struct presence_service *service,
                           const struct presence_service_config *config) {
    *service = (struct presence_service){
        .config = *config, .oldest = NOBODY, .newest = NOBODY, .count = 1};
    service->versions[0].roster = roster_ref(config->initial);
    service->heard = memory_new(config->count, sizeof *service->heard);
    timer_init(&service->expiry, on_expiry);
    timer_init(&service->gather, on_gather);
    for (uint32_t i = 0; i < config->count; i++) {
        const struct place_candidate *entry =
            presence_find(&config->initial->presence, config->first + i);
        if (entry == NULL)
            continue;
        service->heard[i] =
            (struct presence_heard){.entry = *entry, .at = config->env->now, .present = true};
        link_newest(service, i);
    }
    watch_oldest(service);
}

void presence_service_deinit(struct presence_service *service) {
    env_timer_stop(service->config.env, &service->expiry);
    env_timer_stop(service->config.env, &service->gather);
    for (size_t i = 0; i < PRESENCE_VERSIONS; i++)
        version_deinit(&service->versions[i]);
    roster_changes_deinit(&service->gathered);
    free(service->heard);
}

/* What makes the present list of the one with that mark; from nothing when it is not kept. */
static uint64_t changes_since(const struct presence_service *service, uint64_t mark,
                              struct roster_changes *changes) {
    const struct presence *presence = &version_at(service, 0)->roster->presence;
    for (uint32_t age = 0; age < service->count; age++) {
        if (version_at(service, age)->roster->mark != mark)
            continue;
        while (age-- > 0) {
            const struct roster_changes *made = &version_at(service, age + 1)->changes;
            for (size_t i = 0; i < made->count; i++)
                roster_changes_put(changes, &made->list[i]);
        }
        return mark;
    }
    for (size_t i = 0; i < presence->count; i++)
        roster_changes_put(changes, &(struct roster_change){presence->entries[i], true});
    return 0;
}

static int answer(struct presence_service *service, node_id to, const struct message *message) {
    const struct presence_service_config *config = &service->config;
    struct roster_changes changes = {0};
    uint64_t mark;
    int error = presence_ask_read(message, &mark);
    if (error != OK)
        return error;
    const uint64_t base = changes_since(service, mark, &changes);
    env_send(
        config->env, to,
        presence_list_frame(config->channel, base, version_at(service, 0)->roster->mark, &changes));
    roster_changes_deinit(&changes);
    return OK;
}

int presence_service_receive(struct presence_service *service, node_id from,
                             const struct message *message) {
    const struct presence_service_config *config = &service->config;
    if (from < config->first || from - config->first >= config->count)
        return ERR_NOT_MEMBER;
    if (message->type == MESSAGE_PRESENCE_ASK)
        return answer(service, from, message);
    struct place_candidate entry = {.node = from};
    int error = presence_beat_read(message, &entry);
    if (error == OK)
        hear(service, from - config->first, &entry);
    return error;
}
