/* SPDX-License-Identifier: Apache-2.0 */
/** For tests of the role map: short names of axes, and a table of what each view must be. */
#ifndef SVA_ROLE_EXPECT_H
#define SVA_ROLE_EXPECT_H

#include "model_builder.h"

#define UNK SVA_AXIS_UNKNOWN
#define RES SVA_AXIS_RESIDUAL
#define NEU SVA_AXIS_NEURON
#define VAL SVA_AXIS_VALUE
#define ROT SVA_AXIS_ROTARY
#define HED SVA_AXIS_HEAD
#define LAT SVA_AXIS_LATENT
#define TOK SVA_AXIS_TOKEN
#define EXP SVA_AXIS_EXPERT
#define POS SVA_AXIS_POSITION
#define INP SVA_AXIS_INPUT
#define RNK SVA_AXIS_RANK
#define FOR SVA_AXIS_FOREIGN
#define UNI SVA_AXIS_UNIT

/** One expectation: name, part, role, layer, axes, outputs, inputs. */
struct expected {
    const char *name, *part;
    enum sva_role role;
    int layer;
    enum sva_axis_kind out, in;
    uint64_t rows, columns;
};

static inline struct sva_model *open_tensors(struct temp_tree *tree, const tensor_spec *specs,
                                             const char *config)
{
    tree_make(tree);
    tree_tensors(tree, "model.safetensors", specs);
    if (config != NULL) {
        tree_text(tree, "config.json", config);
    }
    struct sva_model *const model = tree_open(tree, "");
    assert_views_cover(model);
    return model;
}

static inline void close_tensors(struct temp_tree *tree, struct sva_model *model)
{
    sva_model_close(model);
    tree_remove(tree);
}

static inline void expect(const struct sva_model *model, const char *component,
                          const struct expected *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct sva_view *const view = view_of(model, rows[i].name, rows[i].part);
        const char *const found = model->components[view->component].name;
        if (view->role != rows[i].role || view->layer != rows[i].layer ||
            view->axis[0] != rows[i].out || view->axis[1] != rows[i].in ||
            view->n[0] != rows[i].rows || view->n[1] != rows[i].columns ||
            strcmp(found, component) != 0) {
            print_message("%s \"%s\": %s layer %d axes %d %d size %llu %llu in %s\n", rows[i].name,
                          rows[i].part, sva_role_name(view->role), (int)view->layer,
                          (int)view->axis[0], (int)view->axis[1], (unsigned long long)view->n[0],
                          (unsigned long long)view->n[1], found);
        }
        assert_int_equal(view->role, rows[i].role);
        assert_int_equal(view->layer, rows[i].layer);
        assert_int_equal(view->axis[0], rows[i].out);
        assert_int_equal(view->axis[1], rows[i].in);
        assert_int_equal(view->n[0], rows[i].rows);
        assert_int_equal(view->n[1], rows[i].columns);
        assert_string_equal(found, component);
    }
}

#define EXPECT(model, component, rows) expect(model, component, rows, sizeof(rows) / sizeof *(rows))

/* llama: 2 layers, d 8, 2 heads of 4, 1 KV head, 12 neurons, 16 tokens */
#define LLAMA_LAYER(p)                                                                             \
    p "input_layernorm.weight 8", p "self_attn.q_proj.weight 8x8",                                 \
        p "self_attn.k_proj.weight 4x8", p "self_attn.v_proj.weight 4x8",                          \
        p "self_attn.o_proj.weight 8x8", p "post_attention_layernorm.weight 8",                    \
        p "mlp.gate_proj.weight 12x8", p "mlp.up_proj.weight 12x8", p "mlp.down_proj.weight 8x12"

#endif
