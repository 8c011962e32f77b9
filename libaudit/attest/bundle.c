/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/bundle.h"

#include <string.h>

#include "attest/fields.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/output.h"
#include "base/text.h"
#include "sign/base64.h"
#include "sign/dsse.h"

#define MEMBER(type, member) offsetof(struct type, member)

/* -- reading ---------------------------------------------------------------------------------- */

struct envelope {
    const char *payload_type;
    struct sva_span payload, signature;
    size_t signature_count;
};

struct signature {
    struct sva_span value;
    const char *key_id; /* means nothing in OMS */
};

/* verificationMaterial; which of the three ways of signing it is shows in what is there. */
struct material {
    const char *hint;
    bool has_key, has_certificate, logged;
    size_t chain_count;
    struct sva_span chain[SVA_CHAIN_CERTIFICATES];
    size_t stamp_count;
    struct sva_span stamps[SVA_BUNDLE_STAMPS];
};

struct outline {
    const char *media_type;
    struct material material;
    struct envelope envelope;
};

static enum sva_status read_signature(struct sva_fields *fields, void *into,
                                      struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {
        {"sig", sva_read_base64, MEMBER(signature, value), true},
        {"keyid", sva_read_text_or_null, MEMBER(signature, key_id), false},
    };
    static const struct sva_field_table TABLE = {"the signature", FIELDS, 2, false};
    struct envelope *const envelope = into;
    struct signature signature = {.key_id = ""};
    const enum sva_status status = sva_read_object(fields, &TABLE, &signature, error);
    if (status == SVA_OK && envelope->signature_count++ == 0) {
        envelope->signature = signature.value;
    }
    return status;
}

static enum sva_status read_signatures(struct sva_fields *fields, void *into,
                                       struct sva_error *error)
{
    return sva_read_array(fields, read_signature, into, error);
}

static const struct sva_field ENVELOPE_FIELDS[] = {
    {"payload", sva_read_base64, MEMBER(envelope, payload), true},
    {"payloadType", sva_read_text, MEMBER(envelope, payload_type), true},
    {"signatures", read_signatures, 0, true},
};
static const struct sva_field_table ENVELOPE = {"the envelope", ENVELOPE_FIELDS, 3, false};

static enum sva_status read_envelope(struct sva_fields *fields, void *into, struct sva_error *error)
{
    return sva_read_object(fields, &ENVELOPE, into, error);
}

static enum sva_status read_public_key(struct sva_fields *fields, void *into,
                                       struct sva_error *error)
{
    /* rawBytes and keyDetails stand in bundles from before v1.1.0; the caller's key decides. */
    static const struct sva_field FIELDS[] = {
        {"hint", sva_read_text, MEMBER(material, hint), false},
        {"rawBytes", NULL, 0, false},
        {"keyDetails", NULL, 0, false},
    };
    static const struct sva_field_table TABLE = {"publicKey", FIELDS, 3, false};
    struct material *const material = into;
    material->has_key = true;
    return sva_read_object(fields, &TABLE, material, error);
}

static enum sva_status read_certificate(struct sva_fields *fields, void *into,
                                        struct sva_error *error)
{
    ((struct material *)into)->has_certificate = true;
    return sva_json_skip(&fields->json, error);
}

static enum sva_status read_chain_link(struct sva_fields *fields, void *into,
                                       struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {{"rawBytes", sva_read_base64, 0, true}};
    static const struct sva_field_table TABLE = {"the certificate", FIELDS, 1, false};
    struct material *const material = into;
    if (material->chain_count == SVA_CHAIN_CERTIFICATES) {
        return sva_fail(error, SVA_ERR_LIMIT, "%s: more than %d certificates", fields->json.what,
                        (int)SVA_CHAIN_CERTIFICATES);
    }
    return sva_read_object(fields, &TABLE, &material->chain[material->chain_count++], error);
}

static enum sva_status read_chain_list(struct sva_fields *fields, void *into,
                                       struct sva_error *error)
{
    return sva_read_array(fields, read_chain_link, into, error);
}

static enum sva_status read_chain(struct sva_fields *fields, void *into, struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {{"certificates", read_chain_list, 0, true}};
    static const struct sva_field_table TABLE = {"x509CertificateChain", FIELDS, 1, false};
    return sva_read_object(fields, &TABLE, into, error);
}

static enum sva_status read_log_entry(struct sva_fields *fields, void *into,
                                      struct sva_error *error)
{
    ((struct material *)into)->logged = true;
    return sva_json_skip(&fields->json, error);
}

static enum sva_status read_log(struct sva_fields *fields, void *into, struct sva_error *error)
{
    return sva_read_array(fields, read_log_entry, into, error);
}

static enum sva_status read_stamp(struct sva_fields *fields, void *into, struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {{"signedTimestamp", sva_read_base64, 0, true}};
    static const struct sva_field_table TABLE = {"the timestamp", FIELDS, 1, false};
    struct material *const material = into;
    if (material->stamp_count == SVA_BUNDLE_STAMPS) {
        return sva_fail(error, SVA_ERR_LIMIT, "%s: more than %d timestamps", fields->json.what,
                        SVA_BUNDLE_STAMPS);
    }
    return sva_read_object(fields, &TABLE, &material->stamps[material->stamp_count++], error);
}

static enum sva_status read_stamp_list(struct sva_fields *fields, void *into,
                                       struct sva_error *error)
{
    return sva_read_array(fields, read_stamp, into, error);
}

static enum sva_status read_stamps(struct sva_fields *fields, void *into, struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {{"rfc3161Timestamps", read_stamp_list, 0, false}};
    static const struct sva_field_table TABLE = {"timestampVerificationData", FIELDS, 1, false};
    return sva_read_object(fields, &TABLE, into, error);
}

static enum sva_status read_material(struct sva_fields *fields, void *into, struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {
        {"publicKey", read_public_key, 0, false},
        {"certificate", read_certificate, 0, false},
        {"x509CertificateChain", read_chain, 0, false},
        {"tlogEntries", read_log, 0, false},
        {"timestampVerificationData", read_stamps, 0, false},
    };
    static const struct sva_field_table TABLE = {"verificationMaterial", FIELDS, 5, false};
    return sva_read_object(fields, &TABLE, into, error);
}

static enum sva_status read_outline(struct sva_fields *fields, struct outline *outline,
                                    struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {
        {"mediaType", sva_read_text, MEMBER(outline, media_type), true},
        {"verificationMaterial", read_material, MEMBER(outline, material), true},
        {"dsseEnvelope", read_envelope, MEMBER(outline, envelope), true},
    };
    static const struct sva_field_table TABLE = {"the bundle", FIELDS, 3, false};
    return sva_read_document(fields, &TABLE, outline, error);
}

static enum sva_status check_material(const struct outline *outline, const char *name, bool chains,
                                      struct sva_error *error)
{
    const struct material *const material = &outline->material;
    if (strcmp(outline->media_type, SVA_BUNDLE_MEDIA_TYPE) != 0) {
        return sva_fail(error, SVA_ERR_UNSUPPORTED, "%s: mediaType is \"%s\", not \"%s\"", name,
                        sva_esc(outline->media_type).text, SVA_BUNDLE_MEDIA_TYPE);
    }
    if (material->has_certificate || (material->chain_count > 0 && !chains)) {
        return sva_fail(error, SVA_ERR_UNSUPPORTED,
                        chains ? "%s: it is signed with a Sigstore identity; only keys and chains "
                                 "of certificates are verified here"
                               : "%s: it is signed with a certificate; only keys are verified here",
                        name);
    }
    return material->has_key != (material->chain_count > 0)
               ? SVA_OK
               : sva_fail(error, SVA_ERR_CORRUPT,
                          "%s: verificationMaterial names not one of a key and a certificate",
                          name);
}

static enum sva_status check_envelope(const struct envelope *envelope, const char *name,
                                      struct sva_error *error)
{
    if (strcmp(envelope->payload_type, SVA_PAYLOAD_TYPE) != 0) {
        return sva_fail(error, SVA_ERR_UNSUPPORTED, "%s: payloadType is \"%s\", not \"%s\"", name,
                        sva_esc(envelope->payload_type).text, SVA_PAYLOAD_TYPE);
    }
    if (envelope->signature_count != 1) {
        return sva_fail(error,
                        envelope->signature_count == 0 ? SVA_ERR_CORRUPT : SVA_ERR_UNSUPPORTED,
                        "%s: the envelope has %zu signatures; exactly one is verified here", name,
                        envelope->signature_count);
    }
    return SVA_OK;
}

/* A bare envelope begins with one of its own keys. */
static bool is_bare(struct sva_span bytes)
{
    struct sva_json json;
    enum sva_json_token token = SVA_JSON_END;
    struct sva_error ignored = {.status = SVA_OK};
    bool bare = false;
    sva_json_init(&json, bytes, "", 0, 1);
    if (sva_json_next(&json, &token, &ignored) == SVA_OK && token == SVA_JSON_OBJECT_BEGIN &&
        sva_json_next(&json, &token, &ignored) == SVA_OK && token == SVA_JSON_KEY) {
        bare = strcmp(json.text, "payload") == 0 || strcmp(json.text, "payloadType") == 0 ||
               strcmp(json.text, "signatures") == 0;
    }
    sva_json_done(&json);
    return bare;
}

/** `chains`: signed with certificates is well too. */
static enum sva_status parse(struct sva_span bytes, const char *name, struct sva_arena *arena,
                             bool chains, struct sva_bundle *bundle, struct sva_error *error)
{
    struct sva_fields fields;
    struct outline outline = {.material = {.hint = ""}};
    const bool bare = is_bare(bytes);
    sva_fields_init(&fields, bytes, name, arena);
    enum sva_status status = bare ? sva_read_document(&fields, &ENVELOPE, &outline.envelope, error)
                                  : read_outline(&fields, &outline, error);
    sva_json_done(&fields.json);
    if (status == SVA_OK && !bare) {
        status = check_material(&outline, name, chains, error);
    }
    if (status == SVA_OK) {
        status = check_envelope(&outline.envelope, name, error);
    }
    if (status == SVA_OK) {
        *bundle = (struct sva_bundle){.bare = bare,
                                      .payload_type = SVA_PAYLOAD_TYPE,
                                      .payload = outline.envelope.payload,
                                      .signature = outline.envelope.signature,
                                      .hint = outline.material.hint,
                                      .logged = outline.material.logged,
                                      .stamp_count = outline.material.stamp_count,
                                      .chain_count = outline.material.chain_count};
        memcpy(bundle->stamps, outline.material.stamps, sizeof bundle->stamps);
        memcpy(bundle->chain, outline.material.chain, sizeof bundle->chain);
    }
    return status;
}

enum sva_status sva_bundle_parse(struct sva_span bytes, const char *name, struct sva_arena *arena,
                                 struct sva_bundle *bundle, struct sva_error *error)
{
    return parse(bytes, name, arena, false, bundle, error);
}

static enum sva_status read_bundle(const char *path, struct sva_arena *arena, bool chains,
                                   struct sva_bundle *bundle, struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_read_file(path, SVA_BUNDLE_BYTES, &bytes, &size, error);
    if (status == SVA_OK) {
        const struct sva_escaped name = sva_esc(path);
        status = parse((struct sva_span){bytes, size}, name.text, arena, chains, bundle, error);
    }
    sva_free(bytes);
    return status;
}

enum sva_status sva_bundle_read(const char *path, struct sva_arena *arena,
                                struct sva_bundle *bundle, struct sva_error *error)
{
    return read_bundle(path, arena, false, bundle, error);
}

enum sva_status sva_bundle_read_any(const char *path, struct sva_arena *arena,
                                    struct sva_bundle *bundle, struct sva_error *error)
{
    return read_bundle(path, arena, true, bundle, error);
}

/* -- writing ---------------------------------------------------------------------------------- */

static void put_stamps(const struct sva_bundle *bundle, struct sva_bytes *text)
{
    sva_bytes_text(text, ",\"timestampVerificationData\":{\"rfc3161Timestamps\":[");
    for (size_t i = 0; i < bundle->stamp_count; i++) {
        sva_bytes_text(text, i > 0 ? ",{\"signedTimestamp\":\"" : "{\"signedTimestamp\":\"");
        sva_base64_append(text, bundle->stamps[i].data, bundle->stamps[i].size);
        sva_bytes_text(text, "\"}");
    }
    sva_bytes_text(text, "]}");
}

static void put_signer(const struct sva_bundle *bundle, struct sva_bytes *text)
{
    if (bundle->chain_count == 0) {
        sva_bytes_text(text, "\"publicKey\":{\"hint\":");
        sva_bytes_json_string(text, bundle->hint, strlen(bundle->hint));
        sva_bytes_text(text, "}");
        return;
    }
    sva_bytes_text(text, "\"x509CertificateChain\":{\"certificates\":[");
    for (size_t i = 0; i < bundle->chain_count; i++) {
        sva_bytes_text(text, i > 0 ? ",{\"rawBytes\":\"" : "{\"rawBytes\":\"");
        sva_base64_append(text, bundle->chain[i].data, bundle->chain[i].size);
        sva_bytes_text(text, "\"}");
    }
    sva_bytes_text(text, "]}");
}

void sva_bundle_put(const struct sva_bundle *bundle, struct sva_bytes *text)
{
    sva_bytes_text(text, "{\"mediaType\":\"" SVA_BUNDLE_MEDIA_TYPE "\",\"verificationMaterial\":{");
    put_signer(bundle, text);
    sva_bytes_text(text, ",\"tlogEntries\":[]");
    if (bundle->stamp_count > 0) {
        put_stamps(bundle, text);
    }
    sva_bytes_text(text, "},\"dsseEnvelope\":{\"payload\":\"");
    sva_base64_append(text, bundle->payload.data, bundle->payload.size);
    sva_bytes_text(text, "\",\"payloadType\":\"" SVA_PAYLOAD_TYPE "\",\"signatures\":[{\"sig\":\"");
    sva_base64_append(text, bundle->signature.data, bundle->signature.size);
    sva_bytes_text(text, "\",\"keyid\":\"\"}]}}");
}

static enum sva_status save(struct sva_bytes *text, const char *path, struct sva_error *error)
{
    const enum sva_status status =
        text->failed ? sva_fail_memory(error, "writing a signature")
        : text->size > SVA_BUNDLE_BYTES
            ? sva_fail(error, SVA_ERR_LIMIT,
                       "the signature would have %zu bytes, more than the %d that are read",
                       text->size, (int)SVA_BUNDLE_BYTES)
            : sva_write_file(path, text->data, text->size, error);
    sva_bytes_done(text);
    return status;
}

enum sva_status sva_bundle_write(const struct sva_bundle *bundle, const char *path,
                                 struct sva_error *error)
{
    struct sva_bytes text = {.data = NULL};
    sva_bundle_put(bundle, &text);
    return save(&text, path, error);
}

/** `chain` holds the signer's certificates, `chain_count` 0: the bundle names the key. */
static enum sva_status sign_text(struct sva_span payload, const struct sva_key *key,
                                 const struct sva_span *chain, size_t chain_count,
                                 struct sva_bytes *text, struct sva_error *error)
{
    char hint[2 * SVA_FINGERPRINT_BYTES + 1];
    struct sva_bytes value = {.data = NULL};
    enum sva_status status = sva_dsse_sign(key, SVA_PAYLOAD_TYPE, payload, &value, error);
    if (status == SVA_OK) {
        sva_hex(key->fingerprint, SVA_FINGERPRINT_BYTES, hint);
        struct sva_bundle bundle = {.payload = payload,
                                    .signature = {value.data, value.size},
                                    .hint = hint,
                                    .chain_count = chain_count};
        for (size_t i = 0; i < chain_count; i++) {
            bundle.chain[i] = chain[i];
        }
        sva_bundle_put(&bundle, text);
        status = text->failed ? sva_fail_memory(error, "writing a signature") : SVA_OK;
    }
    sva_bytes_done(&value);
    return status;
}

enum sva_status sva_bundle_sign_text(struct sva_span payload, const struct sva_key *key,
                                     struct sva_bytes *text, struct sva_error *error)
{
    return sign_text(payload, key, NULL, 0, text, error);
}

enum sva_status sva_bundle_sign_chain(struct sva_span payload, const struct sva_key *key,
                                      const struct sva_span *chain, size_t chain_count,
                                      const char *path, struct sva_error *error)
{
    struct sva_bytes text = {.data = NULL};
    const enum sva_status status = sign_text(payload, key, chain, chain_count, &text, error);
    if (status != SVA_OK) {
        sva_bytes_done(&text);
        return status;
    }
    return save(&text, path, error);
}

enum sva_status sva_bundle_sign(struct sva_span payload, const struct sva_key *key,
                                const char *path, struct sva_error *error)
{
    return sva_bundle_sign_chain(payload, key, NULL, 0, path, error);
}
