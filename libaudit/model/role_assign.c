/* SPDX-License-Identifier: Apache-2.0 */
#include "model/role_assign.h"

#include <string.h>

#include "base/fail.h"
#include "model/generic_groups.h"
#include "model/role_map.h"

/* Beyond this the names are not those of a transformer, and a search per tensor would be slow. */
enum { STACKS_MAX = 128 };

static struct sva_assignment *assignment_of(struct sva_parts *parts, size_t tensor)
{
    return (struct sva_assignment *)parts->assignments.items + tensor;
}

static const struct sva_tensor *tensor_of(const struct sva_parts *parts, size_t tensor)
{
    return (const struct sva_tensor *)parts->tensors.items + tensor;
}

static struct sva_stack *stack_of(struct sva_parts *parts, size_t stack)
{
    return (struct sva_stack *)parts->stacks.items + stack;
}

static bool name_holds(const struct sva_tensor *tensor, const char *text)
{
    const size_t size = strlen(text);
    const char *at = tensor->name;
    size_t left = tensor->name_bytes;
    while (left >= size) {
        const char *const found = memchr(at, text[0], left - size + 1);
        if (found == NULL) {
            return false;
        }
        if (memcmp(found, text, size) == 0) {
            return true;
        }
        left -= (size_t)(found - at) + 1;
        at = found + 1;
    }
    return false;
}

/** "blk.0.ffn_norm.weight" of a GGUF file. */
static bool is_block_norm(const struct sva_tensor *tensor)
{
    return name_holds(tensor, "blk.") && name_holds(tensor, ".ffn_norm.");
}

static struct sva_name_context read_context(const struct sva_parts *parts)
{
    struct sva_name_context context;
    sva_name_context_init(&context);
    for (size_t i = 0; i < parts->tensors.count; i++) {
        const struct sva_tensor *const tensor = tensor_of(parts, i);
        context.post_norms = context.post_norms ||
                             name_holds(tensor, ".post_feedforward_layernorm.") ||
                             name_holds(tensor, ".post_ffw_norm.") || is_block_norm(tensor);
        context.gate_up_turns =
            context.gate_up_turns || name_holds(tensor, ".experts.gate_up_proj_bias");
    }
    return context;
}

static bool is_lora(const struct sva_assignment *assigned)
{
    return assigned->suffix >= SVA_SUFFIX_LORA_A;
}

/** Is the tensor kohya's "<module>.alpha", one number beside two factors? */
static bool is_alpha(const struct sva_tensor *tensor)
{
    static const char end[] = ".alpha";
    const size_t size = sizeof end - 1;
    return tensor->element_count == 1 && tensor->name_bytes > size &&
           memcmp(tensor->name + tensor->name_bytes - size, end, size) == 0;
}

/** Scalars named alpha belong to the adapter where their directory holds one. */
static void adopt_alphas(struct sva_parts *parts)
{
    struct sva_group *const groups = parts->groups.items;
    for (size_t i = 0; i < parts->tensors.count; i++) {
        const struct sva_assignment *const assigned = assignment_of(parts, i);
        struct sva_group *const group = &groups[assigned->group];
        group->has_factors = group->has_factors || is_lora(assigned);
    }
    for (size_t i = 0; i < parts->tensors.count; i++) {
        struct sva_assignment *const assigned = assignment_of(parts, i);
        if (groups[assigned->group].has_factors && is_alpha(tensor_of(parts, i))) {
            assigned->suffix = SVA_SUFFIX_LORA_OTHER;
        }
    }
}

/** Does this row prove that its stack is a transformer's? */
static bool is_proof(const struct sva_role_rule *rule)
{
    switch (rule->role) {
    case SVA_ROLE_ATTN_Q:
    case SVA_ROLE_ATTN_K:
    case SVA_ROLE_ATTN_V:
    case SVA_ROLE_ATTN_OUT:
    case SVA_ROLE_ATTN_Q_A:
    case SVA_ROLE_ATTN_Q_B:
    case SVA_ROLE_ATTN_KV_A:
    case SVA_ROLE_ATTN_KV_B:
    case SVA_ROLE_FFN_GATE:
    case SVA_ROLE_FFN_UP:
    case SVA_ROLE_FFN_DOWN: return (rule->flags & SVA_RULE_WEAK) == 0;
    default: return false;
    }
}

/** The stack with this prefix; made if new; -1 if there are too many. */
static int32_t find_stack(struct sva_parts *parts, uint16_t group, const char *prefix,
                          size_t prefix_bytes, bool make)
{
    for (size_t i = parts->stacks.count; i-- > 0;) {
        const struct sva_stack *const stack = stack_of(parts, i);
        if (stack->group == group && stack->prefix_bytes == prefix_bytes &&
            memcmp(stack->prefix, prefix, prefix_bytes) == 0) {
            return (int32_t)i;
        }
    }
    if (!make || parts->stacks.count >= STACKS_MAX) {
        return -1;
    }
    struct sva_stack *const stack = sva_list_add(&parts->stacks);
    if (stack == NULL) {
        return -2;
    }
    stack->prefix = prefix;
    stack->prefix_bytes = prefix_bytes;
    stack->group = group;
    return (int32_t)parts->stacks.count - 1;
}

static void note_rule(struct sva_stack *stack, const struct sva_role_rule *rule)
{
    stack->strong = stack->strong || is_proof(rule);
    stack->no_rotary = stack->no_rotary || (rule->flags & SVA_RULE_NO_ROTARY) != 0;
    stack->labelled = stack->labelled || (rule->flags & SVA_RULE_LABELLED) != 0;
    stack->sinusoid = stack->sinusoid || (rule->flags & SVA_RULE_SINUSOID) != 0;
    if (stack->hint == SVA_HINT_NONE) {
        stack->hint = (uint8_t)rule->hint;
    }
}

static enum sva_status match_names(struct sva_parts *parts, struct sva_error *error)
{
    const struct sva_name_context context = read_context(parts);
    for (size_t i = 0; i < parts->tensors.count; i++) {
        const struct sva_tensor *const tensor = tensor_of(parts, i);
        struct sva_assignment *const assigned = assignment_of(parts, i);
        const struct sva_name_match match =
            sva_role_match(tensor->name, tensor->name_bytes, &context);
        assigned->rule = (int16_t)match.rule;
        assigned->suffix = (uint8_t)match.suffix;
        assigned->counted = match.counted;
        assigned->layer = match.layer;
        assigned->expert = match.expert;
        assigned->prefix_bytes = (uint32_t)match.prefix_bytes;
        assigned->stack = -1;
        assigned->component = UINT32_MAX;
        if (match.rule < 0 || match.layer < 0 || is_lora(assigned)) {
            continue;
        }
        assigned->stack =
            find_stack(parts, assigned->group, tensor->name, match.prefix_bytes, true);
        if (assigned->stack == -2) {
            return sva_fail_memory(error, "mapping roles");
        }
        if (assigned->stack < 0) {
            assigned->rule = -1;
        } else {
            note_rule(stack_of(parts, (size_t)assigned->stack),
                      sva_role_rule_at((size_t)match.rule));
        }
    }
    return SVA_OK;
}

/** Parts in the stack's prefix beyond a global's prefix; -1 if that is not its beginning. */
static int parts_beyond(const struct sva_stack *stack, const char *prefix, size_t prefix_bytes)
{
    if (prefix_bytes > stack->prefix_bytes || memcmp(stack->prefix, prefix, prefix_bytes) != 0) {
        return -1;
    }
    int dots = 0;
    for (size_t i = prefix_bytes; i < stack->prefix_bytes; i++) {
        dots += stack->prefix[i] == '.';
    }
    return dots;
}

/** Embeddings tell what a stack is: patches for a vision encoder, mel bins for an audio one. */
static void hint_from_globals(struct sva_parts *parts)
{
    for (size_t i = 0; i < parts->tensors.count; i++) {
        const struct sva_assignment *const assigned = assignment_of(parts, i);
        if (assigned->rule < 0 || assigned->layer >= 0 || is_lora(assigned)) {
            continue;
        }
        const struct sva_role_rule *const rule = sva_role_rule_at((size_t)assigned->rule);
        if (rule->hint == SVA_HINT_PROJECTOR) {
            continue;
        }
        for (size_t s = 0; s < parts->stacks.count; s++) {
            struct sva_stack *const stack = stack_of(parts, s);
            const int beyond =
                parts_beyond(stack, tensor_of(parts, i)->name, assigned->prefix_bytes);
            if (stack->group == assigned->group && beyond >= 0 && beyond <= 2 &&
                stack->hint == SVA_HINT_NONE) {
                stack->hint = (uint8_t)rule->hint;
            }
        }
    }
}

static enum sva_component_kind kind_of_hint(enum sva_hint hint)
{
    switch (hint) {
    case SVA_HINT_TEXT_ENCODER: return SVA_COMPONENT_TEXT_ENCODER;
    case SVA_HINT_VISION: return SVA_COMPONENT_VISION_ENCODER;
    case SVA_HINT_AUDIO: return SVA_COMPONENT_AUDIO_ENCODER;
    case SVA_HINT_PROJECTOR: return SVA_COMPONENT_PROJECTOR;
    case SVA_HINT_DECODER:
    case SVA_HINT_NONE: break;
    }
    return SVA_COMPONENT_TEXT_DECODER;
}

static bool holds(const char *text, size_t size, const char *word)
{
    const size_t length = strlen(word);
    for (size_t i = 0; i + length <= size; i++) {
        if (memcmp(text + i, word, length) == 0) {
            return true;
        }
    }
    return false;
}

/** The prefix decides first, then the directory, the rows, the embeddings, then "encoder" in it. */
static void decide_kinds(struct sva_parts *parts)
{
    const struct sva_group *const groups = parts->groups.items;
    for (size_t i = 0; i < parts->stacks.count; i++) {
        struct sva_stack *const stack = stack_of(parts, i);
        const char *const directory = groups[stack->group].directory;
        enum sva_hint hint = sva_prefix_hint(stack->prefix, stack->prefix_bytes);
        if (hint == SVA_HINT_NONE || hint == SVA_HINT_PROJECTOR) {
            hint = sva_prefix_hint(directory, strlen(directory));
        }
        if (hint == SVA_HINT_NONE || hint == SVA_HINT_PROJECTOR) {
            hint = (enum sva_hint)stack->hint;
        }
        if (hint == SVA_HINT_NONE && holds(stack->prefix, stack->prefix_bytes, "encoder") &&
            !holds(stack->prefix, stack->prefix_bytes, "decoder")) {
            hint = SVA_HINT_TEXT_ENCODER;
        }
        stack->kind = kind_of_hint(hint);
    }
}

/** Bytes of whole leading parts that two prefixes share. */
static size_t common_parts(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t common = 0;
    for (size_t i = 0; i < a_size && i < b_size && a[i] == b[i]; i++) {
        if (a[i] == '.') {
            common = i + 1;
        }
    }
    return common;
}

/** Fixed sinusoids count only where the mel convolutions belong to this very stack. */
static void note_global(struct sva_stack *stack, const struct sva_role_rule *rule)
{
    stack->no_rotary = stack->no_rotary || (rule->flags & SVA_RULE_NO_ROTARY) != 0;
    stack->sinusoid = stack->sinusoid || (rule->flags & SVA_RULE_SINUSOID) != 0;
}

static int32_t best_stack(struct sva_parts *parts, const struct sva_tensor *tensor,
                          const struct sva_assignment *assigned, enum sva_hint want)
{
    int32_t best = -1;
    size_t best_common = 0;
    for (size_t s = 0; s < parts->stacks.count; s++) {
        const struct sva_stack *const stack = stack_of(parts, s);
        if (stack->group != assigned->group || !stack->strong ||
            (want != SVA_HINT_NONE && stack->kind != kind_of_hint(want))) {
            continue;
        }
        const size_t common =
            common_parts(tensor->name, assigned->prefix_bytes, stack->prefix, stack->prefix_bytes);
        const bool better = best < 0 || common > best_common ||
                            (common == best_common && stack->kind == SVA_COMPONENT_TEXT_DECODER &&
                             stack_of(parts, (size_t)best)->kind != SVA_COMPONENT_TEXT_DECODER);
        if (better) {
            best = (int32_t)s;
            best_common = common;
        }
    }
    return best;
}

/** Embeddings, heads and outer norms go to the stack whose prefix is nearest. */
static void place_globals(struct sva_parts *parts)
{
    for (size_t i = 0; i < parts->tensors.count; i++) {
        struct sva_assignment *const assigned = assignment_of(parts, i);
        if (assigned->rule < 0 || assigned->layer >= 0 || is_lora(assigned)) {
            continue;
        }
        const struct sva_role_rule *const rule = sva_role_rule_at((size_t)assigned->rule);
        if (rule->hint == SVA_HINT_PROJECTOR) {
            continue;
        }
        const struct sva_tensor *const tensor = tensor_of(parts, i);
        enum sva_hint want = sva_prefix_hint(tensor->name, assigned->prefix_bytes);
        if (want == SVA_HINT_NONE || want == SVA_HINT_PROJECTOR) {
            want = rule->hint;
        }
        assigned->stack = best_stack(parts, tensor, assigned, want);
        if (assigned->stack < 0) {
            assigned->rule = -1;
        } else {
            note_global(stack_of(parts, (size_t)assigned->stack), rule);
        }
    }
}

/** A stack without attention or MLP matrices was a chance agreement of names. */
static void drop_weak_stacks(struct sva_parts *parts)
{
    for (size_t i = 0; i < parts->tensors.count; i++) {
        struct sva_assignment *const assigned = assignment_of(parts, i);
        if (assigned->rule >= 0 && assigned->layer >= 0 && assigned->stack >= 0 &&
            !stack_of(parts, (size_t)assigned->stack)->strong) {
            assigned->rule = -1;
            assigned->stack = -1;
            assigned->layer = -1;
            assigned->expert = -1;
        }
    }
}

/** A name without a row may still lie in a known stack: model.layers.3.self_attn.indexer.wk */
static void adopt_unknown(struct sva_parts *parts, size_t tensor_index)
{
    const struct sva_tensor *const tensor = tensor_of(parts, tensor_index);
    struct sva_assignment *const assigned = assignment_of(parts, tensor_index);
    assigned->layer = -1;
    assigned->expert = -1;
    size_t best_bytes = 0;
    for (size_t s = 0; s < parts->stacks.count; s++) {
        const struct sva_stack *const stack = stack_of(parts, s);
        if (!stack->strong || stack->group != assigned->group ||
            stack->prefix_bytes <= best_bytes || tensor->name_bytes <= stack->prefix_bytes ||
            memcmp(tensor->name, stack->prefix, stack->prefix_bytes) != 0) {
            continue;
        }
        int32_t layer = 0;
        size_t at = stack->prefix_bytes;
        while (at < tensor->name_bytes && at < stack->prefix_bytes + 6 && tensor->name[at] >= '0' &&
               tensor->name[at] <= '9') {
            layer = layer * 10 + (tensor->name[at++] - '0');
        }
        if (at > stack->prefix_bytes && at < tensor->name_bytes && tensor->name[at] == '.') {
            assigned->stack = (int32_t)s;
            assigned->layer = layer;
            best_bytes = stack->prefix_bytes;
        }
    }
    if (assigned->stack < 0) {
        const enum sva_hint want = sva_prefix_hint(tensor->name, tensor->name_bytes);
        if (want == SVA_HINT_VISION || want == SVA_HINT_AUDIO) {
            assigned->prefix_bytes = (uint32_t)tensor->name_bytes;
            assigned->stack = best_stack(parts, tensor, assigned, want);
        }
    }
}

static enum sva_status add_component(struct sva_parts *parts, enum sva_component_kind kind,
                                     const char *name, uint16_t group, uint32_t *index,
                                     struct sva_error *error)
{
    struct sva_component *const component = sva_list_add(&parts->components);
    struct sva_component_facts *const facts = sva_list_add(&parts->component_facts);
    if (component == NULL || facts == NULL || name == NULL) {
        return sva_fail_memory(error, "mapping components");
    }
    component->name = name;
    component->kind = kind;
    facts->group = group;
    *index = (uint32_t)parts->components.count - 1;
    return SVA_OK;
}

/** "vision-encoder", or with its prefix where there are several: "text-decoder:talker.model". */
static const char *component_name(struct sva_parts *parts, const struct sva_stack *stack)
{
    const char *const kind = sva_component_kind_name(stack->kind);
    const struct sva_group *const groups = parts->groups.items;
    const char *const directory = groups[stack->group].directory;
    size_t same_group = 0;
    size_t others = 0;
    for (size_t s = 0; s < parts->stacks.count; s++) {
        const struct sva_stack *const other = stack_of(parts, s);
        if (other->strong && other->kind == stack->kind) {
            same_group += other->group == stack->group;
            others += other->group != stack->group;
        }
    }
    size_t end = stack->prefix_bytes;
    while (end > 0 && stack->prefix[end - 1] == '.') {
        end--;
    }
    char *const prefix = sva_arena_strndup(&parts->arena, stack->prefix, end);
    if (prefix == NULL) {
        return NULL;
    }
    if (same_group > 1) {
        return sva_arena_printf(&parts->arena, "%s:%s%s%s", kind, directory,
                                directory[0] == '\0' ? "" : "/", prefix);
    }
    return others > 0 ? sva_arena_printf(&parts->arena, "%s:%s", kind, directory) : kind;
}

static enum sva_status stack_components(struct sva_parts *parts, struct sva_error *error)
{
    for (size_t s = 0; s < parts->stacks.count; s++) {
        struct sva_stack *const stack = stack_of(parts, s);
        if (!stack->strong) {
            continue;
        }
        const enum sva_status status =
            add_component(parts, stack->kind, component_name(parts, stack), stack->group,
                          &stack->component, error);
        if (status != SVA_OK) {
            return status;
        }
        struct sva_component *const component =
            (struct sva_component *)parts->components.items + stack->component;
        struct sva_component_facts *const facts =
            (struct sva_component_facts *)parts->component_facts.items + stack->component;
        facts->no_rotary = stack->no_rotary;
        if (stack->labelled) {
            component->residual_labelled = true;
            component->labelled_why = "time-mix ramps give every channel its own decay";
        } else if (stack->sinusoid && stack->kind == SVA_COMPONENT_AUDIO_ENCODER) {
            component->residual_labelled = true;
            component->labelled_why = "sinusoidal positions are added to the residual stream";
        }
    }
    return SVA_OK;
}

/** Projector and adapter components are made when first needed, one per group. */
static enum sva_status side_component(struct sva_parts *parts, enum sva_component_kind kind,
                                      uint16_t group, uint32_t *index, struct sva_error *error)
{
    const struct sva_component *const components = parts->components.items;
    const struct sva_component_facts *const facts = parts->component_facts.items;
    for (size_t i = 0; i < parts->components.count; i++) {
        if (components[i].kind == kind && facts[i].group == group) {
            *index = (uint32_t)i;
            return SVA_OK;
        }
    }
    const struct sva_group *const groups = parts->groups.items;
    const char *const directory = groups[group].directory;
    const char *const kind_name = sva_component_kind_name(kind);
    return add_component(parts, kind,
                         directory[0] == '\0'
                             ? kind_name
                             : sva_arena_printf(&parts->arena, "%s:%s", kind_name, directory),
                         group, index, error);
}

/** A projector projects between known networks; alone it must at least be called one. */
static bool is_projector(struct sva_parts *parts, size_t tensor, const struct sva_role_rule *rule)
{
    if (rule->hint != SVA_HINT_PROJECTOR) {
        return false;
    }
    for (size_t s = 0; s < parts->stacks.count; s++) {
        if (stack_of(parts, s)->strong) {
            return true;
        }
    }
    return name_holds(tensor_of(parts, tensor), "projector");
}

static enum sva_status place_tensors(struct sva_parts *parts, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < parts->tensors.count; i++) {
        struct sva_assignment *const assigned = assignment_of(parts, i);
        if (is_lora(assigned)) {
            status = side_component(parts, SVA_COMPONENT_ADAPTER, assigned->group,
                                    &assigned->component, error);
            continue;
        }
        if (assigned->rule >= 0 && assigned->stack < 0) {
            if (is_projector(parts, i, sva_role_rule_at((size_t)assigned->rule))) {
                status = side_component(parts, SVA_COMPONENT_PROJECTOR, assigned->group,
                                        &assigned->component, error);
                continue;
            }
            assigned->rule = -1;
        }
        if (assigned->rule < 0) {
            assigned->stack = -1;
            adopt_unknown(parts, i);
        }
        if (assigned->stack >= 0) {
            assigned->component = stack_of(parts, (size_t)assigned->stack)->component;
        }
    }
    return status;
}

enum sva_status sva_roles_assign(struct sva_parts *parts, struct sva_error *error)
{
    enum sva_status status = match_names(parts, error);
    if (status != SVA_OK) {
        return status;
    }
    adopt_alphas(parts);
    drop_weak_stacks(parts);
    hint_from_globals(parts);
    decide_kinds(parts);
    place_globals(parts);
    status = stack_components(parts, error);
    if (status == SVA_OK) {
        status = place_tensors(parts, error);
    }
    return status == SVA_OK ? sva_generic_groups(parts, error) : status;
}
