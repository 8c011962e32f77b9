/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The factors of adapters: which belong to one module, and which of the reference's stand at the
 * same place. Decided by names and roles alone, so that no choice depends on a rank's numbering.
 */
#ifndef SVA_COMPARE_FACTORS_H
#define SVA_COMPARE_FACTORS_H

#include <sovaudit/print.h>

/** Is the tensor a factor A or B of an adapter? */
bool sva_is_factor(const struct sva_print_tensor *tensor);

/**
 * Is it the factor that starts at zero, so that training wrote all of it? B, but A of an
 * embedding (PEFT, `LoraLayer.reset_lora_parameters`).
 */
bool sva_starts_at_zero(const struct sva_print_tensor *factor);

/**
 * May the rows of one side's B be in another order? llama.cpp's converter stores queries and keys
 * of some architectures with rotary halves in turns; an adapter does not say how wide a head is,
 * so that it cannot be undone. True for a query's or key's B where one side only is named as in
 * GGUF.
 */
bool sva_rows_may_differ(const struct sva_print_tensor *factor,
                         const struct sva_print_tensor *partner);

/**
 * Bytes of a factor's name up to and with the word that says "lora", and its number: equal for the
 * two factors of a module, different for different modules. PEFT "q_proj.lora_A.weight", GGUF
 * "attn_q.weight.lora_a", kohya "....lora_down.weight", diffusers "to_q.lora.down.weight",
 * "q_proj.lora_linear_layer.up.weight", "qkv_lora1.up.weight".
 */
size_t sva_module_bytes(const char *name);

/**
 * Finds for every factor of the subject the one at the same place: `partners[i]`, -1 where there
 * is none. By the first of these that holds exactly one factor on either side: name and component;
 * name; module's name whatever the dialect that it is spelled in; target's role, layer and expert.
 * Never by position in a file, and no factor is a partner twice. `partners` has as many items as
 * the subject has tensors. False: out of memory.
 */
bool sva_factor_partners(const struct sva_print *subject, const struct sva_print *reference,
                         int32_t *partners);

#endif
