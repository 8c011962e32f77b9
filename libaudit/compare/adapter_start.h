/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Adapters whose factors start from their base's weights: by what they declare, and by what a
 * conversion that subtracts such a start leaves in the factors. Two of them that have one base
 * share their start, A and B.
 */
#ifndef SVA_COMPARE_ADAPTER_START_H
#define SVA_COMPARE_ADAPTER_START_H

#include <sovaudit/print.h>

/**
 * The start that an adapter declares when it is made of the base's weights: PEFT's
 * `init_lora_weights` (fact adapter.init_lora_weights) is "pissa" also with a number of
 * iterations, "olora", "corda", "loftq", "eva" or "lora_ga". NULL where it declares another start
 * or none. Static.
 * Sources: PiSSA arXiv:2404.02948, OLoRA 2406.01775, CorDA 2406.05223, LoftQ 2310.08659,
 * EVA 2410.07170, LoRA-GA 2407.05000.
 */
const char *sva_start_from_base(const struct sva_print *print);

/**
 * Do the factors hold a start half by half? PEFT converts an adapter of such a start into a plain
 * one by doubling its rank, A = [A; A0] and B = [B, -B0] (`LoraModel.subtract_mutated_init`), and
 * then declares a plain start. Seen from the sketches: over all factors of whole, even rank the
 * halves of A agree and those of B are opposite, by a mean similarity of at least one half each.
 * Factors of unrelated halves give 0 with a standard error below .1.
 */
bool sva_start_subtracted(const struct sva_print *print);

#endif
