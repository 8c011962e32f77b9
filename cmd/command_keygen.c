/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit keygen: a key pair, its private half encrypted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "passphrase.h"
#include "terminal.h"

/** KEY.pem -> KEY.pub.pem; other names get it appended. NULL: out of memory. free(). */
static char *public_path(const char *path)
{
    const size_t length = strlen(path);
    const bool pem = length > 4 && strcmp(path + length - 4, ".pem") == 0;
    const size_t room = length + sizeof ".pub.pem";
    char *const made = malloc(room);
    if (made != NULL) {
        (void)snprintf(made, room, "%.*s.pub.pem", (int)(pem ? length - 4 : length), path);
    }
    return made;
}

/** The public half first: where its name is taken, nothing is written. */
static enum sva_status save_pair(const struct sva_key *key, const char *path,
                                 const char *public_key, const char *passphrase,
                                 struct sva_error *error)
{
    enum sva_status status = sva_key_save_public(key, public_key, error);
    if (status == SVA_OK) {
        status = sva_key_save(key, path, passphrase, error);
        if (status != SVA_OK) {
            (void)unlink(public_key);
        }
    }
    return status;
}

static int print_key(const struct settings *settings, const struct sva_key *key, const char *path,
                     const char *public_key)
{
    static const char *const WORDS[][4] = {
        [SVA_LANG_EN] = {"key", "private    ", "public     ", "fingerprint"},
        [SVA_LANG_KO] = {"키", "개인 키", "공개 키", "키 지문"},
    };
    const char *const *words = WORDS[settings->lang];
    uint8_t digest[SVA_FINGERPRINT_BYTES];
    sva_key_fingerprint(key, digest);
    if (settings->quiet) {
        return EXIT_DONE;
    }
    return print_line("%s %s\n%s  %s\n%s  %s\n%s  %s\n", sva_key_type_name(sva_key_get_type(key)),
                      words[0], words[1], show(path).text, words[2], show(public_key).text,
                      words[3], hex_of(digest).text);
}

int run_keygen(const struct settings *settings)
{
    static const enum sva_key_type TYPES[] = {SVA_KEY_EC_P256, SVA_KEY_EC_P384, SVA_KEY_EC_P521,
                                              SVA_KEY_ED25519};
    char passphrase[PASSPHRASE_BYTES] = "";
    struct passphrase_source source = {.settings = settings, .twice = true};
    struct sva_error error = {.status = SVA_OK};
    struct sva_key *key = NULL;
    if (settings->outputs.count != 1) {
        return complain_usage("keygen wants -o FILE, once: where to write the private key");
    }
    if (settings->no_passphrase && settings->passphrase_fd != NULL) {
        return complain_usage("--no-passphrase and --passphrase-fd exclude each other");
    }
    if (!settings->no_passphrase && !passphrase_ask(&source, passphrase, sizeof passphrase)) {
        return EXIT_USAGE;
    }
    const char *path = settings->outputs.texts[0];
    char *public_key = public_path(path);
    if (public_key == NULL) {
        complain("out of memory");
        return EXIT_INCOMPLETE;
    }
    enum sva_status status = sva_key_generate(TYPES[settings->key_type], &key, &error);
    if (status == SVA_OK) {
        status =
            save_pair(key, path, public_key, settings->no_passphrase ? NULL : passphrase, &error);
    }
    passphrase_wipe(passphrase, sizeof passphrase);
    const int code =
        status == SVA_OK ? print_key(settings, key, path, public_key) : complain_error(&error);
    sva_key_free(key);
    free(public_key);
    return code;
}
