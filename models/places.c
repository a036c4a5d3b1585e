/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/places.h"
#include "models/data.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>

enum { PLACE_MAX = 256 };

static const char COLUMNS[] = "id,name,country,continent,lat,lon,population,aws_region,aws_km\n";

static struct place_info table[PLACE_MAX];
static size_t table_count;
static once_flag table_once = ONCE_FLAG_INIT;

/* The file is part of the program: a malformed one is a bug, hence asserts. */
static const char *take_text(const char *at, char *out, size_t size) {
    size_t length = strcspn(at, ",\n");
    assert(length > 0 && length < size && at[length] != '\0');
    memcpy(out, at, length);
    out[length] = '\0';
    return at + length + 1;
}

static const char *take_number(const char *at, double *out) {
    char *end;
    *out = strtod(at, &end);
    assert(end != at && (*end == ',' || *end == '\n'));
    return end + 1;
}

static const char *take_place(const char *at, struct place_info *place) {
    double population;
    at = take_text(at, place->id, sizeof place->id);
    at = take_text(at, place->name, sizeof place->name);
    at = take_text(at, place->country, sizeof place->country);
    at = take_text(at, place->continent, sizeof place->continent);
    at = take_number(at, &place->lat);
    at = take_number(at, &place->lon);
    at = take_number(at, &population);
    place->population = (int64_t)population;
    at = take_text(at, place->aws_region, sizeof place->aws_region);
    return take_number(at, &place->aws_km);
}

static void parse_table(void) {
    const struct data_file *file = data_find("place/cities.csv");
    assert(file);
    const char *at = file->text;
    while (*at == '#')
        at = strchr(at, '\n') + 1;
    assert(strncmp(at, COLUMNS, sizeof COLUMNS - 1) == 0);
    at += sizeof COLUMNS - 1;
    while (*at) {
        assert(table_count < PLACE_MAX);
        at = take_place(at, &table[table_count++]);
        assert(table_count < 2 || strcmp(table[table_count - 2].id, table[table_count - 1].id) < 0);
    }
}

const struct place_info *places_at(size_t index) {
    call_once(&table_once, parse_table);
    return index < table_count ? &table[index] : NULL;
}

const char *places_name_at(size_t index) {
    const struct place_info *place = places_at(index);
    return place ? place->id : NULL;
}

static int compare_id(const void *id, const void *place) {
    return strcmp(id, ((const struct place_info *)place)->id);
}

const struct place_info *places_find(const char *id) {
    call_once(&table_once, parse_table);
    return bsearch(id, table, table_count, sizeof table[0], compare_id);
}
