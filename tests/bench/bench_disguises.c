/* SPDX-License-Identifier: Apache-2.0 */
/**
 * bench_disguises [--architecture NAME] [--disguise CHAIN] [--quick] [--cost] [--steps N]
 *
 * Every disguise of fixtures/disguise.h and chains of them, on a copy, on a fine-tuned and on a
 * continued model, and on an independent twin, each compared with the original. Exits 1 when a
 * twin is above no-evidence, or a disguise that leaves the function as it is hides a copy or a
 * fine-tune; known holes are printed as such. --quick: one decoder, copies and twins only, and
 * only what leaves the function as it is.
 * --cost: what damage costs a small trained decoder, beside what is still seen of it.
 */
#include "bench_support.h"

#include "disguise_cells.h"
#include "disguise_cost.h"
#include "fixtures/architectures.h"
#include "fixtures/lineage.h"
#include "fixtures/rng.h"
#include "fixtures/training.h"

enum { CHAINS_MAX = 64 };

/** What is disguised. */
enum source { SOURCE_IDENTICAL, SOURCE_TUNED, SOURCE_CONTINUED, SOURCE_TWIN, SOURCES };

static const char *const source_names[SOURCES] = {"identical", "tuned", "continued", "independent"};

static const enum sva_fixture_architecture architectures[] = {
    SVA_FIXTURE_LLAMA, SVA_FIXTURE_CLIP_VISION, SVA_FIXTURE_QWEN3_MOE};

enum { ARCHITECTURES = sizeof architectures / sizeof *architectures };

static const char *const chains[] = {
    "residual-order,residual-signs",
    "residual-rotation,prune-depth",
    "residual-rotation,expand-depth",
    "residual-rotation,experts",
    "neurons,kv-heads",
    "residual-rotation,neurons",
    "residual-order,neurons,kv-heads",
    "residual-rotation,split-neurons",
    "residual-rotation,prune-neurons",
    "residual-rotation,upcycle",
    "residual-rotation,upcycle-split",
    "residual-rotation,rename",
    "rename,neurons",
    "residual-rotation,neurons,rename",
};

enum { CHAINS = sizeof chains / sizeof *chains };

static const uint64_t bench_seed = 20;

struct bench {
    char scratch[256];
    const char *architecture, *disguise; /**< NULL: all */
    bool quick;
    size_t chain_count;
    const char *chains[CHAINS_MAX];
    char letters[CHAINS_MAX][ARCHITECTURES][SOURCES]; /**< of answers; '\0': no such cell */
    size_t cells, copies, copies_seen, twins, holes, wrong, failed;
};

/** A model and what its disguises are compared with. */
struct original {
    enum sva_fixture_architecture architecture;
    struct sva_fixture_shape shape;
    const char *prepared; /**< chain that both sides went through before, or "" */
    struct sva_network *network, *twin;
    struct sva_print *print;
};

static bool chain_has(const char *chain, const char *begin)
{
    for (const char *at = chain; at != NULL; at = strchr(at, ',')) {
        at += *at == ',' ? 1 : 0;
        if (strncmp(at, begin, strlen(begin)) == 0) {
            return true;
        }
    }
    return false;
}

/* The name of a chain's step, and where the next one begins. */
static const char *step_name(const char *chain, char *name, size_t size)
{
    const size_t length = strcspn(chain, ",");
    snprintf(name, size, "%.*s", (int)strcspn(chain, "=,"), chain);
    return chain + length + (chain[length] == ',' ? 1 : 0);
}

static bool chain_applies(const char *chain, enum sva_fixture_architecture architecture)
{
    char name[64];
    bool applies = true;
    for (const char *at = chain; *at != '\0';) {
        at = step_name(at, name, sizeof name);
        const struct sva_disguise *const disguise = sva_disguise_find(name);
        applies = applies && (disguise == NULL ||
                              ((disguise->architectures >> architecture) & 1u) != 0);
    }
    return applies;
}

static bool chain_preserves(const char *chain)
{
    char name[64];
    bool preserves = true;
    for (const char *at = chain; *at != '\0';) {
        at = step_name(at, name, sizeof name);
        const struct sva_disguise *const disguise = sva_disguise_find(name);
        preserves = preserves && disguise != NULL && disguise->preserves;
    }
    return preserves;
}

/*
 * Without names nobody knows which rows are tokens, so that neurons have no barcodes; what is left
 * are cosines between the strongest, which drown in the rounding of models with huge dimensions.
 * docs/disguises.md says so.
 */
static bool is_known_hole(const char *chain)
{
    const bool renumbered = chain_has(chain, "neurons") || chain_has(chain, "split-neurons") ||
                            chain_has(chain, "prune-neurons");
    return renumbered && chain_has(chain, "rename") && chain_has(chain, "residual-");
}

/* Only what is fused or stacked can be taken apart: then the original is so, too. */
static const char *preparation(const char *chain, enum sva_fixture_architecture architecture)
{
    if (strcmp(chain, "split") != 0) {
        return "";
    }
    return architecture == SVA_FIXTURE_QWEN3_MOE ? "fuse,stack-experts" : "fuse";
}

static void original_done(struct original *original)
{
    sva_print_free(original->print);
    sva_network_free(original->network);
    sva_network_free(original->twin);
    *original = (struct original){0};
}

static struct sva_network *released(const struct original *original, uint64_t seed)
{
    struct sva_network *const network = sva_training_model(&original->shape, 0, seed, seed + 1);
    sva_network_round(network, network->stored);
    return network;
}

/* The models stay while only their preparation changes. */
static int original_make(struct original *original, enum sva_fixture_architecture architecture,
                         const char *prepared, const char *scratch)
{
    if (original->network == NULL || original->architecture != architecture) {
        original_done(original);
        original->architecture = architecture;
        original->shape = sva_fixture_shape_default(architecture);
        original->network = released(original, bench_seed);
        original->twin = released(original, sva_rng_derive(bench_seed, "twin"));
    }
    struct sva_network *const copy = sva_network_clone(original->network);
    sva_print_free(original->print);
    original->print = NULL;
    original->prepared = prepared;
    if (sva_disguise_chain(copy, prepared, bench_seed) == 0) {
        original->print = cell_print(copy, scratch, "reference");
    }
    sva_network_free(copy);
    return original->print != NULL ? 0 : -1;
}

/* What is disguised, before it is. */
static struct sva_network *make_source(const struct original *original, enum source source)
{
    struct sva_network *const network =
        sva_network_clone(source == SOURCE_TWIN ? original->twin : original->network);
    const uint64_t seed = sva_rng_derive(bench_seed, "tune");
    if (source == SOURCE_TUNED) {
        sva_lineage_fine_tune(network, seed, 0.1, SVA_PARTS_ALL);
    } else if (source == SOURCE_CONTINUED) {
        sva_lineage_continue_pretraining(network, seed);
    }
    return network;
}

/* Counts, and says what is wrong of it. */
static const char *judge(struct bench *bench, const char *chain, enum source source,
                         const struct cell *cell)
{
    const bool seen = cell->answer < SVA_ANSWER_NO_EVIDENCE;
    ++bench->cells;
    if (source == SOURCE_TWIN) {
        ++bench->twins;
        bench->wrong += seen ? 1 : 0;
        return seen ? "WRONG" : "ok";
    }
    ++bench->copies;
    bench->copies_seen += seen ? 1 : 0;
    if (seen) {
        return "ok";
    }
    if (is_known_hole(chain)) {
        ++bench->holes;
        return "HOLE";
    }
    if (chain_preserves(chain) && source != SOURCE_CONTINUED) {
        ++bench->wrong;
        return "WRONG";
    }
    return "unseen";
}

/* False when the model does not allow the disguise, which is no fault. */
static bool run_cell(struct bench *bench, const struct original *original, const char *chain,
                     enum source source, char *letter)
{
    static const char answer_letters[SVA_ANSWER_COUNT + 1] = "IDSU-x";
    struct cell cell;
    struct sva_network *const network = make_source(original, source);
    const uint64_t seed = sva_rng_derive(bench_seed, source_names[source]);
    const bool done = sva_disguise_chain(network, original->prepared, bench_seed) == 0 &&
                      sva_disguise_chain(network, chain, seed) == 0;
    if (!done) {
        printf("%-7s %-12s %-33s this model does not allow it\n", "-",
               sva_architecture_name(original->architecture), chain);
    } else {
        struct sva_print *const print = cell_print(network, bench->scratch, "subject");
        if (print == NULL || cell_compare(print, original->print, &cell) != 0) {
            ++bench->failed;
        } else {
            printf("%-7s %-12s %-33s %-11s ", judge(bench, chain, source, &cell),
                   sva_architecture_name(original->architecture), chain, source_names[source]);
            cell_write(&cell);
            printf("\n");
            *letter = answer_letters[cell.answer];
        }
        sva_print_free(print);
    }
    sva_network_free(network);
    fflush(stdout);
    return done;
}

static void run_chain(struct bench *bench, struct original *original, size_t index,
                      size_t architecture_index)
{
    const char *const chain = bench->chains[index];
    const enum sva_fixture_architecture architecture = architectures[architecture_index];
    const char *const prepared = preparation(chain, architecture);
    if (original->print == NULL || original->architecture != architecture ||
        strcmp(original->prepared, prepared) != 0) {
        if (original_make(original, architecture, prepared, bench->scratch) != 0) {
            ++bench->failed;
            return;
        }
    }
    for (int source = 0; source < SOURCES; ++source) {
        const bool whole = source == SOURCE_IDENTICAL || source == SOURCE_TWIN;
        if ((whole || !bench->quick) &&
            !run_cell(bench, original, chain, (enum source)source,
                      &bench->letters[index][architecture_index][source])) {
            break;
        }
    }
}

/* The table's disguises, then the chains; or the one that was asked for. */
static void list_chains(struct bench *bench)
{
    size_t table_count = 0;
    const struct sva_disguise *const table = sva_disguise_table(&table_count);
    if (bench->disguise != NULL) {
        bench->chains[bench->chain_count++] = bench->disguise;
        return;
    }
    for (size_t i = 0; i < table_count && bench->chain_count + CHAINS < CHAINS_MAX; ++i) {
        bench->chains[bench->chain_count++] = table[i].name;
    }
    for (size_t i = 0; i < CHAINS; ++i) {
        bench->chains[bench->chain_count++] = chains[i];
    }
}

static void run_architecture(struct bench *bench, size_t index)
{
    struct original original = {0};
    const char *const name = sva_architecture_name(architectures[index]);
    const char *const wanted = bench->architecture == NULL && bench->quick ? "llama"
                                                                           : bench->architecture;
    if (wanted != NULL && strcmp(wanted, name) != 0) {
        return;
    }
    for (size_t i = 0; i < bench->chain_count; ++i) {
        const bool listed = !bench->quick || chain_preserves(bench->chains[i]);
        if (listed && chain_applies(bench->chains[i], architectures[index])) {
            run_chain(bench, &original, i, index);
        }
    }
    original_done(&original);
}

/* One row a disguise, a letter for each source: identical, tuned, continued, independent. */
static void print_letters(const struct bench *bench)
{
    printf("\n%-33s", "");
    for (int a = 0; a < ARCHITECTURES; ++a) {
        printf(" %-11s", sva_architecture_name(architectures[a]));
    }
    printf("\n");
    for (size_t i = 0; i < bench->chain_count; ++i) {
        printf("%-33s", bench->chains[i]);
        for (int a = 0; a < ARCHITECTURES; ++a) {
            char text[2 * SOURCES + 1] = "";
            for (int source = 0; source < SOURCES; ++source) {
                const char letter = bench->letters[i][a][source];
                text[2 * source] = letter != '\0' ? letter : '.';
                text[2 * source + 1] = ' ';
            }
            printf(" %-11s", text);
        }
        printf("\n");
    }
    printf("sources: identical, tuned, continued, independent; I identical, D derived, S shared "
           "initialisation,\nU dependent-unexplained, - no evidence, x not comparable, "
           ". not allowed or not run\n\n");
}

static int run_matrix(struct bench *bench)
{
    printf("%-7s %-12s %-33s %-11s ", "", "architecture", "disguise", "source");
    cell_head();
    printf("\n");
    list_chains(bench);
    for (size_t a = 0; a < ARCHITECTURES; ++a) {
        run_architecture(bench, a);
    }
    print_letters(bench);
    printf("%zu cells: %zu of %zu copies seen, %zu in known holes; %zu independent twins; "
           "%zu wrong, %zu failed\n",
           bench->cells, bench->copies_seen, bench->copies, bench->holes, bench->twins,
           bench->wrong, bench->failed);
    return bench->cells > 0 && bench->wrong == 0 && bench->failed == 0 ? 0 : 1;
}

static const char *text_option(int argc, char **argv, const char *name)
{
    for (int i = 1; i + 1 < argc; ++i) {
        if (strcmp(argv[i], name) == 0) {
            return argv[i + 1];
        }
    }
    return NULL;
}

int main(int argc, char **argv)
{
    struct bench bench = {.architecture = text_option(argc, argv, "--architecture"),
                          .disguise = text_option(argc, argv, "--disguise"),
                          .quick = bench_flag(argc, argv, "--quick")};
    const uint32_t steps = (uint32_t)bench_number(argc, argv, "--steps", 300);
    bench_scratch(bench.scratch, sizeof bench.scratch, "disguises");
    const int result = bench_flag(argc, argv, "--cost")
                           ? cost_table(steps, bench.disguise, bench.scratch)
                           : run_matrix(&bench);
    sva_fixture_remove(bench.scratch);
    return result;
}
