/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Signatures that third parties can check: keys, signed manifests of models (OpenSSF Model Signing
 * v1.0), signed attestations of reports, and timestamps of RFC 3161. docs/signing.md says how the
 * same is checked with plain openssl. A signature is checked before anything under it is read.
 *
 * A verification never says more than it knows: a good signature shows that the holder of a key
 * signed these bytes; who that is, and when, is not part of it.
 */
#ifndef SOVAUDIT_SIGN_H
#define SOVAUDIT_SIGN_H

#include <stddef.h>

#include <sovaudit/status.h>

enum { SVA_FINGERPRINT_BYTES = 32 };

enum sva_key_type {
    SVA_KEY_ED25519, /**< reports only: OMS knows EC keys */
    SVA_KEY_EC_P256,
    SVA_KEY_EC_P384,
    SVA_KEY_EC_P521,
    SVA_KEY_TYPE_COUNT
};

/** "ed25519", "ec-p256", "ec-p384", "ec-p521". */
SVA_API const char *sva_key_type_name(enum sva_key_type type);

/** A private key with its public half, or a public key. Immutable; any thread may use it. */
struct sva_key;

/** Errors: USAGE (no such type), MEMORY. */
SVA_MUST_CHECK SVA_API enum sva_status sva_key_generate(enum sva_key_type type,
                                                        struct sva_key **key,
                                                        struct sva_error *error);
SVA_API void sva_key_free(struct sva_key *key);

SVA_API enum sva_key_type sva_key_get_type(const struct sva_key *key);

/** SHA-256 over the PEM text of the public key, as `sha256sum KEY.pub.pem` prints. */
SVA_API void sva_key_fingerprint(const struct sva_key *key, uint8_t digest[SVA_FINGERPRINT_BYTES]);

/**
 * Writes a private key as PKCS#8 in PEM, readable by its owner alone. With a pass phrase it is
 * encrypted (PBES2: scrypt, AES-256-CBC); NULL leaves it open. Errors: CONFLICT (a file has that
 * name), IO, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_key_save(const struct sva_key *key, const char *path,
                                                    const char *passphrase,
                                                    struct sva_error *error);
/** Writes the public key as SubjectPublicKeyInfo in PEM. Errors: as sva_key_save. */
SVA_MUST_CHECK SVA_API enum sva_status sva_key_save_public(const struct sva_key *key,
                                                           const char *path,
                                                           struct sva_error *error);

/** Puts a pass phrase of less than `size` bytes and NUL into `text`; false: there is none. */
typedef bool (*sva_ask_passphrase)(void *context, char *text, size_t size);

/**
 * Reads a private key: a PEM file, or a "pkcs11:" URI through the providers that OpenSSL's own
 * configuration names. `ask` (or NULL) is called when the key is encrypted. Errors: NOT_FOUND, IO,
 * CORRUPT (no private key in it), USAGE (no or a wrong pass phrase), UNSUPPORTED (key type).
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_key_load(const char *path, sva_ask_passphrase ask,
                                                    void *context, struct sva_key **key,
                                                    struct sva_error *error);
/** Reads a public key in PEM. Errors: NOT_FOUND, IO, CORRUPT, UNSUPPORTED. */
SVA_MUST_CHECK SVA_API enum sva_status sva_key_load_public(const char *path, struct sva_key **key,
                                                           struct sva_error *error);

/** How a model's files are taken into a manifest. Initialise with {0}. */
struct sva_manifest_options {
    const char *const *ignore; /**< [ignore_count] paths from the model's root, left out openly */
    size_t ignore_count;
    bool allow_symlinks;  /**< links to files are signed as the files they lead to */
    bool allow_unsigned;  /**< verification: files that are not listed are no failure */
    uint64_t shard_bytes; /**< signing: a digest for each piece of this size; 0: whole files */
    uint32_t threads;     /**< 0: all processors */
    const char *ca_file;  /**< verification: PEM file of roots for timestamps, or NULL */
    const struct sva_progress *progress; /**< or NULL */
    /**
     * File of hints or NULL. Signing writes it: what a large file's SHA-256 had come to after every
     * 16 MiB. Verification reads it and hashes such files on all processors; no trust is needed,
     * because a digest only counts when every hint on the way to it was found again. Not read for
     * signatures over pieces of files or with BLAKE2b.
     */
    const char *hints;
    const char *certificate; /**< signing: PEM file of the signer's certificate and those between */
    const char *signer_roots; /**< verification without a key: PEM file of roots for the signer's */
};

/**
 * Signs a model directory or file: OMS v1.0, a Sigstore bundle written to `signature`. Left out,
 * as OMS wants, are .git, .gitignore, .gitattributes and .github at the top and the signature.
 * Errors: USAGE (Ed25519 key, bad path to ignore, hints for pieces or in place of the signature),
 * NOTHING (no file), UNSUPPORTED (a symbolic link or special file, a name that is no UTF-8), LIMIT,
 * CONFLICT, IO, CANCELLED, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_sign_model(const char *model, const struct sva_key *key,
                                                      const struct sva_manifest_options *options,
                                                      const char *signature,
                                                      struct sva_error *error);

/**
 * Attests a report of `check --json` or `compare --json`: a Sigstore bundle with an in-toto
 * statement whose subjects are the model's files and whose predicate names the report by its
 * digest. Errors: CORRUPT (not such a report, or one without hashed files), IO, LIMIT, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_sign_report(const char *report,
                                                       const struct sva_key *key,
                                                       const char *signature,
                                                       struct sva_error *error);

/**
 * Signs a file of any kind: a Sigstore bundle with an in-toto statement that names the file by its
 * SHA-256. Errors: USAGE (a public key), NOT_FOUND, IO, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_sign_file(const char *path, const struct sva_key *key,
                                                     const char *signature,
                                                     struct sva_error *error);

/**
 * Whether `path` is to be signed as a report: a file whose name ends in .json and that holds an
 * object. Errors: IO, CONFLICT (it became shorter), MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_is_report(const char *path, bool *is_report,
                                                     struct sva_error *error);

/** What one line of a verification is about. */
enum sva_check_code {
    SVA_CHECK_SIGNATURE,     /**< text: type of the key */
    SVA_CHECK_KEY,           /**< text: fingerprint; failed: the bundle names another key */
    SVA_CHECK_SUBJECT,       /**< text: name of the model as signed; informative */
    SVA_CHECK_ROOT_DIGEST,   /**< text: SHA-256 over all digests */
    SVA_CHECK_FILES,         /**< count: files (or pieces) whose digests are as signed */
    SVA_CHECK_FILE_CHANGED,  /**< text: path */
    SVA_CHECK_FILE_MISSING,  /**< text: path */
    SVA_CHECK_FILE_UNSIGNED, /**< text: path of a file that the signature does not list */
    SVA_CHECK_IGNORED,       /**< text: path that is there and that the signature leaves out */
    SVA_CHECK_REPORT,        /**< text: SHA-256 of the report's bytes */
    SVA_CHECK_VERDICT,       /**< text: verdict of the report as attested */
    SVA_CHECK_UNCOVERED,     /**< text: path of a file that the report is not about */
    SVA_CHECK_MODEL_UNSEEN,  /**< count: files that the report is about, not compared here */
    SVA_CHECK_TIMESTAMP,     /**< text: time; failed: the reason */
    SVA_CHECK_TIME_UNKNOWN,
    SVA_CHECK_IDENTITY_UNKNOWN,
    SVA_CHECK_LOG_UNSEEN, /**< the bundle has transparency log entries */
    SVA_CHECK_SIGNED_FILE, /**< text: SHA-256 of the file's bytes */
    /* of an evidence bundle, see <sovaudit/casefile.h> */
    SVA_CHECK_ABOUT,          /**< text: file of the bundle that the next lines are about */
    SVA_CHECK_CASE_SIGNATURE, /**< not checked: no key was given; failed: there is none by the key */
    SVA_CHECK_CASE_FILES,     /**< count: files with the listed digests */
    SVA_CHECK_CASE_CHANGED,   /**< text: name of a file with another digest */
    SVA_CHECK_CASE_MISSING,   /**< text: name that is listed, or that a bundle must have */
    SVA_CHECK_CASE_EXTRA,     /**< text: name that is not listed, or not in its place */
    SVA_CHECK_CASE_UNREAD,    /**< what the files say was not looked at */
    SVA_CHECK_CASE_HTML,      /**< text: name of a page that shows report.json */
    SVA_CHECK_CASE_README,    /**< text: name */
    SVA_CHECK_CASE_RULES,     /**< text: SHA-256 of the rule pack */
    SVA_CHECK_CASE_REGISTER,  /**< text: evidence register or waivers, as the report names them */
    SVA_CHECK_CASE_DOCUMENTS, /**< count: documents of the register with the registered digest */
    SVA_CHECK_CASE_DOCUMENT,  /**< text: path of a document */
    SVA_CHECK_CASE_WITHHELD,  /**< count: confidential documents that are known by hash alone */
    SVA_CHECK_CASE_PRINTS,    /**< count: prints with the digest that the report names */
    SVA_CHECK_CASE_PRINT,     /**< text: whose print */
    SVA_CHECK_CASE_KEY,       /**< text: fingerprint of the key that a signature names */
    SVA_CHECK_CASE_SIGNED_FILES, /**< count: files of the report with the digest that the vendor signed */
    SVA_CHECK_CASE_STAMP,     /**< text: what the reply covers */
    SVA_CHECK_CASE_MODEL,     /**< text: digest of the model's print, made again */
    SVA_CHECK_CASE_MODEL_FILES, /**< count: files of the model with the digest in the report */
    SVA_CHECK_CASE_COMPARED,  /**< count: comparisons made again with the same figures */
    SVA_CHECK_CASE_COMPARISON, /**< text: reference, component, what */
    SVA_CHECK_CASE_WEIGHTS,   /**< text: reference; its elements were compared, which prints lack */
    SVA_CHECK_CASE_VERDICT,   /**< text: the verdict, judged again; or why it was not */
    SVA_CHECK_CASE_RULE,      /**< text: rule with another outcome */
    SVA_CHECK_HINTS, /**< count: files whose hints hold; not checked: text, a file they are not of */
    /* of a chain of certificates */
    SVA_CHECK_CERTIFICATE,      /**< text: subject of the signer's; failed: the reason */
    SVA_CHECK_CERTIFICATE_TIME, /**< expiry and revocation when it was signed */
    SVA_CHECK_CASE_SUBJECT, /**< text: the model, of which the report says what its print says; or what differs */
    SVA_CHECK_CODE_COUNT
};

enum sva_check_state {
    SVA_CHECK_PASSED,
    SVA_CHECK_FAILED,
    SVA_CHECK_NOT_CHECKED, /**< said for completeness: this was not looked at, or is not known */
    SVA_CHECK_TOLD         /**< stated under the signature; nothing to compare it with */
};

struct sva_check {
    enum sva_check_code code;
    enum sva_check_state state;
    uint64_t count;
    const char *text; /**< UTF-8, escaped, "" when there is none */
};

/** What was checked, line by line, in a fixed order. Owns its strings. */
struct sva_verification {
    bool verified; /**< no line failed */
    size_t check_count;
    const struct sva_check *checks;
    void *internal;
};

SVA_API void sva_verification_free(struct sva_verification *verification);

/** Of an evidence bundle: was anything that its verdict rests on, or a page, left out? */
SVA_API bool sva_verification_is_partial(const struct sva_verification *verification);

/** What a verification was of, for its JSON. */
struct sva_verification_note {
    const char *kind; /**< "model", "report", "bundle", "timestamp" */
    const char *path; /**< what was verified */
    int exit_code;
    const struct sva_error *failure; /**< why nothing could be verified, or NULL */
};

/**
 * A verification as JSON (docs/verify.schema.json); NULL: it could not be made, for the failure in
 * `note`. free() the text. Errors: MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status
sva_verification_json(const struct sva_verification *verification,
                      const struct sva_verification_note *note, char **text, size_t *size_bytes,
                      struct sva_error *error);

/**
 * Verifies a model against an OMS bundle, by `key`, or with NULL by the bundle's certificates and
 * options->signer_roots. What does not verify is no error. Errors: CORRUPT (the bundle, or what it
 * signs, cannot be read), UNSUPPORTED (BLAKE3, Sigstore identities; a certificate where a key is
 * given), USAGE (a key where roots are given), LIMIT, IO, NOT_FOUND, CANCELLED, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_verify_model(const char *model, const char *signature,
                                                        const struct sva_key *key,
                                                        const struct sva_manifest_options *options,
                                                        struct sva_verification **verification,
                                                        struct sva_error *error);

/**
 * Verifies a report against its attestation; `model` (or NULL) is a directory in which the files
 * that the report is about are compared too. Errors: as sva_verify_model.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_verify_report(const char *report, const char *signature,
                                                         const char *model,
                                                         const struct sva_key *key,
                                                         const struct sva_manifest_options *options,
                                                         struct sva_verification **verification,
                                                         struct sva_error *error);

/**
 * Verifies a file against a signature of sva_sign_file(); its bytes are hashed only. Errors: as
 * sva_verify_model.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_verify_file(const char *path, const char *signature,
                                                       const struct sva_key *key,
                                                       const struct sva_manifest_options *options,
                                                       struct sva_verification **verification,
                                                       struct sva_error *error);

/** What is stamped: a bundle's signature value, or the bytes of any other file. */
struct sva_stamp_subject {
    bool is_signature;
    uint8_t sha256[SVA_FINGERPRINT_BYTES];
};

/**
 * Writes a request of RFC 3161 for `path` (SHA-256, certificates wanted, no nonce: the same file
 * gives the same request). Errors: NOT_FOUND, IO, CORRUPT, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_timestamp_query(const char *path, const char *query,
                                                           struct sva_stamp_subject *subject,
                                                           struct sva_error *error);

/**
 * Puts a reply into the bundle `path`, which is replaced in one step, after seeing that it is a
 * granted stamp of this very signature. Its signer is not judged. Errors: CONFLICT (a stamp of
 * something else), CORRUPT, IO, LIMIT, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_timestamp_attach(const char *path, const char *reply,
                                                            struct sva_error *error);

/**
 * Verifies a reply for `path`, or with `reply` NULL the stamps inside a bundle, against the roots
 * in `ca_file`. Errors: NOT_FOUND, IO, CORRUPT, NOTHING (no stamp in it), MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_timestamp_verify(const char *path, const char *reply,
                                                            const char *ca_file,
                                                            struct sva_verification **verification,
                                                            struct sva_error *error);

#endif
