/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/declaration.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "format/json.h"

enum { DEPTH = 8 };

/** One declaration at work. */
struct work {
    struct sva_arena *arena;
    struct sva_declaration *out;
    const char *what;
    struct sva_error *error;
    enum sva_status status;
};

static void complain(struct work *work, const char *key, const char *why)
{
    if (work->status == SVA_OK) {
        work->status = sva_fail(work->error, SVA_ERR_USAGE, "%s: \"%s\" %s", work->what,
                                sva_esc(key).text, why);
    }
}

static const char *keep(struct work *work, const char *text)
{
    const char *kept = sva_arena_strdup(work->arena, text);
    if (kept == NULL && work->status == SVA_OK) {
        work->status = sva_fail_memory(work->error, "reading a declaration");
    }
    return kept;
}

/** A member that its object has already: which of the two holds? */
static bool is_repeated(struct work *work, const cJSON *object, const cJSON *item)
{
    if (cJSON_GetObjectItemCaseSensitive(object, item->string) == item) {
        return false;
    }
    complain(work, item->string, "stands there twice");
    return true;
}

/** The member behind `item`, while nothing was wrong and its name is new; NULL: no more. */
static const cJSON *next_member(struct work *work, const cJSON *object, const cJSON *item)
{
    const cJSON *const next = work->status == SVA_OK ? item->next : NULL;
    return next != NULL && is_repeated(work, object, next) ? NULL : next;
}

static void take_amount(struct work *work, const cJSON *item, double *amount)
{
    if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble) || item->valuedouble <= 0.0) {
        complain(work, item->string, "should be a number above 0");
        return;
    }
    *amount = item->valuedouble;
}

static void take_text(struct work *work, const cJSON *item, const char **text)
{
    if (!cJSON_IsString(item) || item->valuestring[0] == '\0') {
        complain(work, item->string, "should be a text");
        return;
    }
    *text = keep(work, item->valuestring);
}

static void take_distribution(struct work *work, const cJSON *item, enum sva_distribution *out)
{
    for (int i = 1; i < SVA_DISTRIBUTION_COUNT; i++) {
        if (cJSON_IsString(item) &&
            strcmp(item->valuestring, sva_distribution_name((enum sva_distribution)i)) == 0) {
            *out = (enum sva_distribution)i;
            return;
        }
    }
    complain(work, item->string, "should be normal, uniform, truncated-2, truncated-3 or constant");
}

static bool is_role(const char *name)
{
    for (int i = 0; i < SVA_ROLE_COUNT; i++) {
        if (strcmp(name, sva_role_name((enum sva_role)i)) == 0) {
            return true;
        }
    }
    return false;
}

/** The keys that a role and the whole initialisation have in common. */
static bool take_scheme(struct work *work, const cJSON *item, struct sva_declared_role *role)
{
    if (strcmp(item->string, "distribution") == 0) {
        take_distribution(work, item, &role->distribution);
        return true;
    }
    if (strcmp(item->string, "std") == 0) {
        take_amount(work, item, &role->deviation);
        return true;
    }
    return false;
}

static struct sva_declared_role *add_role(struct work *work, const char *name)
{
    if (work->out->role_count >= SVA_DECLARED_LIST_MOST) {
        complain(work, "roles", "has too many members");
        return NULL;
    }
    struct sva_declared_role *role = &work->out->roles[work->out->role_count++];
    *role = (struct sva_declared_role){.role = name, .deviation = NAN};
    return role;
}

static void take_roles(struct work *work, const cJSON *object)
{
    if (!cJSON_IsObject(object)) {
        complain(work, object->string, "should be an object of roles");
        return;
    }
    for (const cJSON *item = object->child; item != NULL; item = next_member(work, object, item)) {
        if (!is_role(item->string) || !cJSON_IsObject(item)) {
            complain(work, item->string, "is no role, or no object");
            return;
        }
        struct sva_declared_role *role = add_role(work, keep(work, item->string));
        for (const cJSON *part = role != NULL ? item->child : NULL; part != NULL;
             part = next_member(work, item, part)) {
            if (!take_scheme(work, part, role)) {
                complain(work, part->string, "is not known in a role");
            }
        }
    }
}

static void take_seed(struct work *work, const cJSON *item)
{
    if (cJSON_IsString(item)) {
        take_text(work, item, &work->out->seed);
    } else if (cJSON_IsNumber(item) && isfinite(item->valuedouble)) {
        const char *text = sva_arena_printf(work->arena, "%.17g", item->valuedouble);
        work->out->seed = text;
    } else {
        complain(work, item->string, "should be a number or a text");
    }
}

static void take_initialisation(struct work *work, const cJSON *object)
{
    if (!cJSON_IsObject(object)) {
        complain(work, object->string, "should be an object");
        return;
    }
    struct sva_declared_role *all = add_role(work, NULL);
    for (const cJSON *item = object->child; item != NULL; item = next_member(work, object, item)) {
        if (strcmp(item->string, "seed") == 0) {
            take_seed(work, item);
        } else if (strcmp(item->string, "roles") == 0) {
            take_roles(work, item);
        } else if (all != NULL && !take_scheme(work, item, all)) {
            complain(work, item->string, "is not known in \"initialisation\"");
        }
    }
}

static void take_hardware(struct work *work, const cJSON *object)
{
    if (!cJSON_IsObject(object)) {
        complain(work, object->string, "should be an object");
        return;
    }
    for (const cJSON *item = object->child; item != NULL; item = next_member(work, object, item)) {
        if (strcmp(item->string, "name") == 0) {
            take_text(work, item, &work->out->hardware);
        } else if (strcmp(item->string, "count") == 0) {
            take_amount(work, item, &work->out->hardware_count);
        } else if (strcmp(item->string, "peak_flops") == 0) {
            take_amount(work, item, &work->out->peak_flops);
        } else {
            complain(work, item->string, "is not known in \"hardware\"");
        }
    }
}

static void take_gap(struct work *work, const cJSON *object)
{
    const cJSON *from = cJSON_GetObjectItemCaseSensitive(object, "from");
    const cJSON *to = cJSON_GetObjectItemCaseSensitive(object, "to");
    const cJSON *reason = cJSON_GetObjectItemCaseSensitive(object, "reason");
    if (!cJSON_IsNumber(from) || !cJSON_IsNumber(to) || !cJSON_IsString(reason) ||
        !isfinite(from->valuedouble) || !isfinite(to->valuedouble) ||
        !(from->valuedouble < to->valuedouble) || cJSON_GetArraySize(object) != 3) {
        complain(work, "gaps", "should hold objects of from, to (steps) and reason");
        return;
    }
    work->out->gaps[work->out->gap_count++] = (struct sva_declared_gap){
        from->valuedouble, to->valuedouble, keep(work, reason->valuestring)};
}

static void take_gaps(struct work *work, const cJSON *list)
{
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > SVA_DECLARED_LIST_MOST) {
        complain(work, list->string, "should be a list, not too long");
        return;
    }
    for (const cJSON *item = list->child; item != NULL && work->status == SVA_OK;
         item = item->next) {
        take_gap(work, item);
    }
}

static void take_unit(struct work *work, const cJSON *item)
{
    work->out->bits = cJSON_IsString(item) && strcmp(item->valuestring, "bits") == 0;
    if (!work->out->bits && !(cJSON_IsString(item) && strcmp(item->valuestring, "nats") == 0)) {
        complain(work, item->string, "should be nats or bits");
    }
}

/** Amounts by their key. */
static double *amount_of(struct sva_declaration *out, const char *key)
{
    const struct {
        const char *key;
        double *amount;
    } amounts[] = {{"vocabulary", &out->vocabulary},
                   {"tokens", &out->tokens},
                   {"batch_tokens", &out->batch_tokens},
                   {"parameters", &out->parameters},
                   {"active_parameters", &out->active_parameters},
                   {"flops", &out->flops},
                   {"hours", &out->hours}};
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        if (strcmp(amounts[i].key, key) == 0) {
            return amounts[i].amount;
        }
    }
    return NULL;
}

static void take_member(struct work *work, const cJSON *item)
{
    double *amount = amount_of(work->out, item->string);
    if (amount != NULL) {
        take_amount(work, item, amount);
    } else if (strcmp(item->string, "initialisation") == 0) {
        take_initialisation(work, item);
    } else if (strcmp(item->string, "hardware") == 0) {
        take_hardware(work, item);
    } else if (strcmp(item->string, "gaps") == 0) {
        take_gaps(work, item);
    } else if (strcmp(item->string, "loss_unit") == 0) {
        take_unit(work, item);
    } else if (strcmp(item->string, "loss_key") == 0) {
        take_text(work, item, &work->out->loss_key);
    } else if (strcmp(item->string, "step_key") == 0) {
        take_text(work, item, &work->out->step_key);
    } else if (strcmp(item->string, "note") != 0) {
        complain(work, item->string, "is no key of a declaration");
    }
}

struct sva_declaration sva_declaration_empty(void)
{
    return (struct sva_declaration){.vocabulary = NAN,
                                    .tokens = NAN,
                                    .batch_tokens = NAN,
                                    .parameters = NAN,
                                    .active_parameters = NAN,
                                    .flops = NAN,
                                    .hours = NAN,
                                    .hardware_count = NAN,
                                    .peak_flops = NAN};
}

static void take_all(struct work *work, const cJSON *root)
{
    if (!cJSON_IsObject(root)) {
        complain(work, "", "should be an object");
        return;
    }
    for (const cJSON *item = root->child; item != NULL; item = next_member(work, root, item)) {
        take_member(work, item);
    }
}

enum sva_status sva_declaration_parse(const uint8_t *bytes, size_t size, const char *what,
                                      struct sva_arena *arena, struct sva_declaration *declaration,
                                      struct sva_error *error)
{
    struct work work = {.arena = arena, .out = declaration, .what = what, .error = error};
    const enum sva_status checked =
        sva_json_check((struct sva_span){bytes, size}, what, DEPTH, error);
    if (checked != SVA_OK) {
        return checked;
    }
    *declaration = sva_declaration_empty();
    declaration->roles = sva_arena_alloc(arena, SVA_DECLARED_LIST_MOST, sizeof *declaration->roles);
    declaration->gaps = sva_arena_alloc(arena, SVA_DECLARED_LIST_MOST, sizeof *declaration->gaps);
    cJSON *root = cJSON_ParseWithLength((const char *)bytes, size);
    if (root == NULL || declaration->roles == NULL || declaration->gaps == NULL ||
        !sva_sha256(bytes, size, declaration->digest)) {
        work.status = sva_fail_memory(error, "reading a declaration");
    } else {
        take_all(&work, root);
    }
    cJSON_Delete(root);
    return work.status;
}

enum sva_status sva_declaration_read(const char *path, struct sva_arena *arena,
                                     struct sva_declaration *declaration, struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_read_file(path, SVA_DECLARED_BYTES_MOST, &bytes, &size, error);
    if (status == SVA_OK) {
        status = sva_declaration_parse(bytes, size, sva_esc(path).text, arena, declaration, error);
    }
    sva_free(bytes);
    return status;
}
