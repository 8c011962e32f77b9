/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the command line says: the tables of commands and options, and the
 * settings that they fill. Strings are borrowed from argv and the environment.
 */
#ifndef SOVAUDIT_CMD_SETTINGS_H
#define SOVAUDIT_CMD_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sovaudit/sovaudit.h>

/** Exit codes of DESIGN: the first that applies of 3, 2, 4, 1, 5, 0. */
enum {
    EXIT_DONE = 0,
    EXIT_CRITERION_FAILED = 1,
    EXIT_INCOMPLETE = 2,
    EXIT_USAGE = 3,
    EXIT_NOTHING = 4,
    EXIT_REVIEW = 5,
    EXIT_INTERRUPTED = 130
};

enum command_id {
    COMMAND_CHECK,
    COMMAND_COMPARE,
    COMMAND_FINGERPRINT,
    COMMAND_INSPECT,
    COMMAND_REFS_ADD,
    COMMAND_REFS_LIST,
    COMMAND_REFS_SHOW,
    COMMAND_REFS_REMOVE,
    COMMAND_REFS_INFO,
    COMMAND_REFS_VERIFY,
    COMMAND_REFS_NOTE,
    COMMAND_REFS_LOOKUP,
    COMMAND_REFS_UPDATE_FACTS,
    COMMAND_REFS_EXPORT,
    COMMAND_REFS_IMPORT,
    COMMAND_RULES_LIST,
    COMMAND_RULES_SHOW,
    COMMAND_RULES_EXPLAIN,
    COMMAND_RULES_LINT,
    COMMAND_RULES_TEST,
    COMMAND_RULES_EXPORT,
    COMMAND_EVIDENCE_INIT,
    COMMAND_EVIDENCE_ADD,
    COMMAND_EVIDENCE_CHECK,
    COMMAND_TRACE,
    COMMAND_KEYGEN,
    COMMAND_SIGN,
    COMMAND_VERIFY,
    COMMAND_BUNDLE,
    COMMAND_TIMESTAMP_QUERY,
    COMMAND_TIMESTAMP_ATTACH,
    COMMAND_TIMESTAMP_VERIFY,
    COMMAND_CONVERT,
    COMMAND_VERSION,
    COMMAND_HELP,
    COMMAND_COUNT
};

#define COMMAND_BIT(id) (UINT64_C(1) << (id))
#define COMMANDS_ALL (COMMAND_BIT(COMMAND_COUNT) - 1)

struct text_list {
    const char **texts;
    size_t count;
};

/** Strings made while reading, freed with the settings. */
struct made_texts {
    char **texts;
    size_t count;
};

enum { OPTIONS_MOST = 96 }; /**< rows of the table */

enum colour_choice { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

struct settings {
    const struct command *command;
    const char **operands;
    size_t operand_count;
    /** -o, --ref, --ref-weights, --exclude, --own, --log */
    struct text_list outputs, refs, ref_weights, exclude, own, logs;
    bool json, help, no_progress, quiet, brief, list, confidential, oscal, fail_on_new, partial;
    bool quick; /**< --quick */
    const char *store; /**< --refs */
    const char *pdf; /**< where to print the report, or NULL */
    const char *subject_date, *rules, *as_of, *init;
    const char *baseline; /**< an earlier report */
    const char *declare, *plots; /**< of trace */
    const char *name, *publisher, *released, *licence, *derived_from, *source, *version;
    const char *evidence, *waivers, *cases;
    const char *kind, *issuer, *document_date, *language, *media_type; /**< of a document */
    const char *removed, *text, *document; /**< --removed, --text, --document of a note */
    struct text_list ignore; /**< --ignore */
    const char *key, *passphrase_fd, *public_key, *signature, *model, *shard_size, *hints;
    const char *reply, *ca_file; /**< of timestamps */
    struct text_list prints; /**< --print */
    const char *model_signature, *report_signature, *model_key; /**< of evidence bundles */
    const char *certificate, *certificate_chain; /**< of the signer; roots for it */
    bool no_passphrase, allow_symlinks, ignore_unsigned, require_signature;
    int key_type; /**< in the order of --type's choices */
    uint32_t threads;
    int lang; /**< enum sva_lang */
    int fail_on; /**< enum sva_fail_on */
    int colour; /**< enum colour_choice */
    const char *config;       /**< --config */
    struct sva_option_file *file;  /**< what it holds */
    struct made_texts made;   /**< paths of the file, joined to its folder */
    const char *place;        /**< begins complaints about values: "--", or the file */
    bool given[OPTIONS_MOST]; /**< on the command line, by row of OPTIONS */
    char today[16]; /**< --as-of, SOURCE_DATE_EPOCH or today, resolved */
};

struct command {
    enum command_id id;
    const char *word;    /**< "refs" */
    const char *subword; /**< "add", or NULL */
    const char *operands;
    size_t operands_least, operands_most;
    const char *summary[2]; /**< by enum sva_lang */
    int (*run)(const struct settings *settings);
};

/** [COMMAND_COUNT], in the order of enum command_id. */
extern const struct command COMMANDS[COMMAND_COUNT];

enum option_kind {
    OPTION_FLAG,   /**< bool */
    OPTION_TEXT,   /**< const char * */
    OPTION_LIST,   /**< struct text_list */
    OPTION_CHOICE, /**< int: index into `choices` */
    OPTION_COUNT,  /**< uint32_t */
    OPTION_DATE    /**< const char *, YYYY-MM-DD or YYYY-MM */
};

struct option {
    const char *name; /**< without the dashes */
    char letter;      /**< or 0 */
    enum option_kind kind;
    size_t offset;       /**< of the member in struct settings */
    const char *value;   /**< name of the value for help, NULL for flags */
    const char *choices; /**< "a|b|c" */
    uint64_t commands;   /**< COMMAND_BIT()s that know it */
    const char *help[2]; /**< by enum sva_lang */
};

extern const struct option OPTIONS[];
extern const size_t OPTION_TABLE_SIZE;

/**
 * Reads the command line. Returns -1 when `settings` is complete, else the exit
 * code; the one line on stderr has been written then.
 */
int settings_read(int argc, char **argv, struct settings *settings);
void settings_done(struct settings *settings);

/** The option of a command by its long name; NULL when there is none. */
const struct option *settings_option(const struct command *command, const char *name);

/** Stores one value; a list must have room for it. -1, or an exit code after a message. */
int settings_store(struct settings *settings, const struct option *option, const char *value);

/**
 * Applies the file of --config: its keys are the command's options. What the command line gave
 * wins over it, a list as a whole. -1, or an exit code after a message.
 */
int settings_from_file(struct settings *settings);

/** YYYY-MM or YYYY-MM-DD with a month and day that exist. */
bool is_date(const char *text, bool whole_day);

/** Korean when LC_ALL, LC_MESSAGES or LANG (the first that is set) begins with "ko". */
enum sva_lang default_language(void);

/** The known word nearest to `word`, NULL when none is near. */
const char *nearest_word(const char *word, const char *const *words, size_t count);

int run_check(const struct settings *settings);
int run_compare(const struct settings *settings);
int run_fingerprint(const struct settings *settings);
int run_inspect(const struct settings *settings);
int run_refs_add(const struct settings *settings);
int run_refs_list(const struct settings *settings);
int run_refs_show(const struct settings *settings);
int run_refs_remove(const struct settings *settings);
int run_refs_info(const struct settings *settings);
int run_refs_verify(const struct settings *settings);
int run_refs_note(const struct settings *settings);
int run_refs_lookup(const struct settings *settings);
int run_refs_update_facts(const struct settings *settings);
int run_refs_export(const struct settings *settings);
int run_refs_import(const struct settings *settings);
int run_rules_list(const struct settings *settings);
int run_rules_show(const struct settings *settings);
int run_rules_explain(const struct settings *settings);
int run_rules_lint(const struct settings *settings);
int run_rules_test(const struct settings *settings);
int run_rules_export(const struct settings *settings);
int run_evidence_init(const struct settings *settings);
int run_evidence_add(const struct settings *settings);
int run_evidence_check(const struct settings *settings);
int run_trace(const struct settings *settings);
int run_convert(const struct settings *settings);
int run_keygen(const struct settings *settings);
int run_sign(const struct settings *settings);
int run_bundle(const struct settings *settings);
int run_verify(const struct settings *settings);
int run_timestamp_query(const struct settings *settings);
int run_timestamp_attach(const struct settings *settings);
int run_timestamp_verify(const struct settings *settings);
int run_version(const struct settings *settings);
int run_help(const struct settings *settings);

/** Help of one command: what `help COMMAND` and `COMMAND --help` print. */
int print_command_help(const struct command *command, enum sva_lang lang);

#endif
