/* SPDX-License-Identifier: Apache-2.0 */
/* Registers and documents where they lie: beside a model, in a hub cache, behind links. */
#include "model_builder.h"

#include <sovaudit/evidence.h>

#include "base/hash.h"
#include "base/memory.h"

#define ENTRY    "models--org--name"
#define SNAPSHOT ENTRY "/snapshots/abc123"

static const char log_text[] = "step,loss\n0,6.9\n";

/** A register in NAME with one document at PATH, whose text is log_text. */
static void write_register(const struct temp_tree *tree, const char *name, const char *path)
{
    uint8_t digest[SVA_DIGEST_BYTES];
    char hex[2 * SVA_DIGEST_BYTES + 1];
    char text[1024];
    assert_true(sva_sha256(log_text, sizeof log_text - 1, digest));
    sva_hex(digest, sizeof digest, hex);
    (void)snprintf(text, sizeof text,
                   "{\"format\": 1, \"documents\": [{\"kind\": \"loss-log\", \"path\": \"%s\", "
                   "\"sha256\": \"%s\", \"size\": %zu, \"media_type\": null, \"issuer\": null, "
                   "\"date\": null, \"language\": null, \"confidential\": false}]}",
                   path, hex, sizeof log_text - 1);
    tree_text(tree, name, text);
}

static void make_entry(struct temp_tree *tree)
{
    tree_make(tree);
    tree_folder(tree, ENTRY);
    tree_folder(tree, ENTRY "/blobs");
    tree_folder(tree, ENTRY "/snapshots");
    tree_folder(tree, SNAPSHOT);
    tree_folder(tree, SNAPSHOT "/evidence");
    write_register(tree, ENTRY "/blobs/register", "evidence/loss.csv");
    tree_text(tree, ENTRY "/blobs/log", log_text);
    tree_text(tree, "outside.csv", log_text);
    tree_link(tree, "../../blobs/register", SNAPSHOT "/evidence.json");
}

/** The register beside `model` in the tree, which must be there. */
static struct sva_evidence *load(const struct temp_tree *tree, const char *model)
{
    char path[512];
    struct sva_evidence *evidence = NULL;
    struct sva_error error = {.status = SVA_OK};
    char *beside = NULL;
    assert_int_equal(sva_evidence_beside(tree_path(tree, model, path), &beside, &error), SVA_OK);
    assert_non_null(beside);
    if (sva_evidence_load(beside, NULL, NULL, &evidence, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    free(beside);
    return evidence;
}

static void expect_state(const struct temp_tree *tree, const char *model,
                         enum sva_document_state state, size_t findings)
{
    struct sva_evidence *const evidence = load(tree, model);
    assert_int_equal(evidence->document_count, 1);
    assert_int_equal(evidence->documents[0].state, state);
    assert_int_equal(evidence->finding_count, findings);
    sva_evidence_free(evidence);
}

static void documents_of_a_hub_cache_are_read_through_their_links(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_entry(&tree);
    tree_link(&tree, "../../../blobs/log", SNAPSHOT "/evidence/loss.csv");
    expect_state(&tree, SNAPSHOT, SVA_DOCUMENT_SOUND, 0);
    expect_state(&tree, ENTRY, SVA_DOCUMENT_SOUND, 0);
    tree_link(&tree, "../../../blobs/log", SNAPSHOT "/evidence/second.csv");
    struct sva_evidence *const evidence = load(&tree, SNAPSHOT);
    assert_int_equal(evidence->finding_count, 1);
    assert_string_equal(evidence->findings[0].code, "evidence-unlisted");
    assert_string_equal(evidence->findings[0].file, "evidence/second.csv");
    sva_evidence_free(evidence);
    tree_remove(&tree);
}

static void links_out_of_a_hub_cache_entry_are_not_followed(void **state)
{
    (void)state;
    static const char *const targets[] = {"../../../../outside.csv", "../../../blobs/nothing",
                                          "../../../blobs", "loss.csv"};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        struct temp_tree tree;
        make_entry(&tree);
        tree_link(&tree, targets[i], SNAPSHOT "/evidence/loss.csv");
        expect_state(&tree, SNAPSHOT, SVA_DOCUMENT_MISSING, 1);
        tree_remove(&tree);
    }
}

static void folders_that_are_links_are_not_entered_in_a_hub_cache_either(void **state)
{
    (void)state;
    struct temp_tree tree;
    char path[512];
    make_entry(&tree);
    tree_folder(&tree, ENTRY "/blobs/papers");
    tree_text(&tree, ENTRY "/blobs/papers/loss.csv", log_text);
    assert_int_equal(rmdir(tree_path(&tree, SNAPSHOT "/evidence", path)), 0);
    tree_link(&tree, "../../blobs/papers", SNAPSHOT "/evidence");
    struct sva_evidence *const evidence = load(&tree, SNAPSHOT);
    assert_int_equal(evidence->documents[0].state, SVA_DOCUMENT_MISSING);
    sva_evidence_free(evidence);
    tree_remove(&tree);
}

static void links_elsewhere_than_in_a_hub_cache_are_not_followed(void **state)
{
    (void)state;
    struct temp_tree tree;
    tree_make(&tree);
    tree_folder(&tree, "model");
    write_register(&tree, "model/evidence.json", "loss.csv");
    tree_text(&tree, "model/log", log_text);
    tree_link(&tree, "log", "model/loss.csv");
    expect_state(&tree, "model", SVA_DOCUMENT_MISSING, 1);
    tree_remove(&tree);
}

static void a_register_that_leads_out_of_its_folder_is_refused(void **state)
{
    (void)state;
    struct temp_tree tree;
    char path[512];
    struct sva_evidence *evidence = NULL;
    struct sva_error error = {.status = SVA_OK};
    tree_make(&tree);
    tree_folder(&tree, "model");
    write_register(&tree, "other.json", "loss.csv");
    tree_link(&tree, "../other.json", "model/evidence.json");
    char *beside = NULL;
    assert_int_equal(sva_evidence_beside(tree_path(&tree, "model", path), &beside, &error), SVA_OK);
    assert_non_null(beside);
    assert_int_equal(sva_evidence_load(beside, NULL, NULL, &evidence, &error), SVA_ERR_CORRUPT);
    assert_non_null(strstr(error.text, "leads out of its folder"));
    free(beside);
    write_register(&tree, "model/2026.json", "loss.csv");
    tree_text(&tree, "model/loss.csv", log_text);
    assert_int_equal(unlink(tree_path(&tree, "model/evidence.json", path)), 0);
    tree_link(&tree, "2026.json", "model/evidence.json");
    expect_state(&tree, "model", SVA_DOCUMENT_SOUND, 0);
    tree_remove(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_of_a_hub_cache_are_read_through_their_links),
        cmocka_unit_test(links_out_of_a_hub_cache_entry_are_not_followed),
        cmocka_unit_test(folders_that_are_links_are_not_entered_in_a_hub_cache_either),
        cmocka_unit_test(links_elsewhere_than_in_a_hub_cache_are_not_followed),
        cmocka_unit_test(a_register_that_leads_out_of_its_folder_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
