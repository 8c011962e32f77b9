#compdef sovaudit
# SPDX-License-Identifier: Apache-2.0
# zsh completion for sovaudit; options are tested against "sovaudit help --list".

_sovaudit() {
    local command=$words[2]
    if ((CURRENT == 2)); then
        compadd check compare fingerprint inspect refs rules evidence trace convert keygen sign verify bundle timestamp version help
        return
    fi
    if [[ $command == (refs|rules|evidence|timestamp) ]]; then
        if ((CURRENT == 3)); then
            [[ $command == refs ]] && compadd add list show remove info verify note lookup update-facts export import
            [[ $command == rules ]] && compadd list show explain lint test export
            [[ $command == evidence ]] && compadd init add check
            [[ $command == timestamp ]] && compadd query attach verify
            return
        fi
        command="$command $words[3]"
    fi
    case "$command" in
    'check')
        _arguments \
            '*'{-o,--output}'[also write the report in this format (repeatable)]:format or path:_files' \
            '--pdf[print the report with Chromium or WeasyPrint]:path:_files' \
            '--json[print JSON instead of text]' \
            '--refs[reference store (default\: the user'\''s own)]:store:_files' \
            '*--ref[compare with this model or print too (repeatable)]:path:_files' \
            '*--ref-weights[weights of a reference of the store (repeatable)]:name=path:_files' \
            '*--exclude[leave this reference out, openly (repeatable)]:name:' \
            '*--own[a publisher whose references are own (repeatable)]:publisher:' \
            '--brief[print the outcome alone\: what stops it, what to do]' \
            '--config[options from a JSON file; those given here win]:file:_files' \
            '--subject-date[when the subject was released\: YYYY-MM\[-DD\]]:date:' \
            '--init[the subject'\''s step-0 checkpoint\: take its random start off]:path:_files' \
            '--quick[read only what the tests need; the report says so]' \
            '--rules[rule pack\: name or file (default\: kr-independent-ai)]:pack:_files' \
            '--evidence[evidence register (default\: evidence.json)]:file:_files' \
            '--model-key[the vendor'\''s public key (default: the register'\''s)]:file:_files' \
            '--waivers[waivers that a person took responsibility for]:file:_files' \
            '--baseline[earlier JSON report\: mark what is new, what is gone]:report:_files' \
            '--fail-on[fail (default), review or never\: what exits non-zero]:when:(fail review never)' \
            '--fail-on-new[exit by what is new since --baseline only]' \
            '--as-of[date of the report\: YYYY-MM-DD (default\: today, UTC)]:date:' \
            ''{-j,--threads}'[processors to use (default\: all); same results]:count:' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            '--colour[auto (default, heeds $NO_COLOR), always or never]:when:(auto always never)' \
            '--no-progress[no progress bar]' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'compare')
        _arguments \
            '*'{-o,--output}'[also write the report in this format (repeatable)]:format or path:_files' \
            '--pdf[print the report with Chromium or WeasyPrint]:path:_files' \
            '--json[print JSON instead of text]' \
            '--init[the subject'\''s step-0 checkpoint\: take its random start off]:path:_files' \
            '--quick[read only what the tests need; the report says so]' \
            '--as-of[date of the report\: YYYY-MM-DD (default\: today, UTC)]:date:' \
            ''{-j,--threads}'[processors to use (default\: all); same results]:count:' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            '--colour[auto (default, heeds $NO_COLOR), always or never]:when:(auto always never)' \
            '--no-progress[no progress bar]' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'fingerprint')
        _arguments \
            ''{-o,--output}'[where to write the print]:file:_files' \
            '--quick[read only what the tests need; the report says so]' \
            ''{-j,--threads}'[processors to use (default\: all); same results]:count:' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            '--no-progress[no progress bar]' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'inspect')
        _arguments \
            '--json[print JSON instead of text]' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            '--colour[auto (default, heeds $NO_COLOR), always or never]:when:(auto always never)' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'refs add')
        _arguments \
            '--refs[reference store (default\: the user'\''s own)]:store:_files' \
            '--as-of[date of the report\: YYYY-MM-DD (default\: today, UTC)]:date:' \
            ''{-j,--threads}'[processors to use (default\: all); same results]:count:' \
            '--name[name of the reference (default\: the model'\''s)]:name:' \
            '--version[version of the reference]:version:' \
            '--publisher[who released it]:name:' \
            '--released[when it was released\: YYYY-MM\[-DD\]]:date:' \
            '--licence[its licence, an SPDX id where there is one]:id:' \
            '--derived-from[reference that it is declared to derive from]:name:' \
            '--source[where the weights were taken from]:text:' \
            '--removed[since when its source is gone\: YYYY-MM\[-DD\]]:date:' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            '--no-progress[no progress bar]' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'refs list')
        _arguments \
            '--refs[reference store (default\: the user'\''s own)]:store:_files' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'refs show')
        _arguments \
            '--refs[reference store (default\: the user'\''s own)]:store:_files' \
            '--version[version of the reference]:version:' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'refs remove')
        _arguments \
            '--refs[reference store (default\: the user'\''s own)]:store:_files' \
            '--version[version of the reference]:version:' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'refs info')
        _arguments \
            '--refs[reference store (default\: the user'\''s own)]:store:_files' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'refs verify')
        _arguments \
            '--refs[reference store (default\: the user'\''s own)]:store:_files' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'refs note')
        _arguments \
            '--refs[reference store (default\: the user'\''s own)]:store:_files' \
            '--as-of[date of the report\: YYYY-MM-DD (default\: today, UTC)]:date:' \
            '--version[version of the reference]:version:' \
            '--removed[since when its source is gone\: YYYY-MM\[-DD\]]:date:' \
            '--text[what to note]:text:' \
            '--document[a document that shows it; its SHA-256 is kept]:file:_files' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'refs lookup')
        _arguments \
            '--refs[reference store (default\: the user'\''s own)]:store:_files' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'refs update-facts')
        _arguments \
            '--refs[reference store (default\: the user'\''s own)]:store:_files' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'refs export')
        _arguments \
            ''{-o,--output}'[where to write the pack]:file:_files' \
            '--key[private key\: PEM file or pkcs11\: URI]:key:_files' \
            '--passphrase-fd[read the pass phrase here (default\: asks)]:number:' \
            '--refs[reference store (default\: the user'\''s own)]:store:_files' \
            '--as-of[date of the report\: YYYY-MM-DD (default\: today, UTC)]:date:' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            '--no-progress[no progress bar]' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:name:'
        ;;
    'refs import')
        _arguments \
            '--signature[the signature to verify]:file:_files' \
            '--public-key[public key in PEM, from its holder]:file:_files' \
            '--require-signature[refuse a pack whose signature is not verified]' \
            '--refs[reference store (default\: the user'\''s own)]:store:_files' \
            '--as-of[date of the report\: YYYY-MM-DD (default\: today, UTC)]:date:' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            '--no-progress[no progress bar]' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'rules list')
        _arguments \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'rules show')
        _arguments \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'rules lint')
        _arguments \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'rules explain')
        _arguments \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'rules test')
        _arguments \
            '--cases[cases to try rules on (default\: beside the pack)]:file:_files' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'rules export')
        _arguments \
            '--oscal[as an OSCAL catalogue in JSON]' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'evidence init')
        _arguments \
            '--rules[rule pack\: name or file (default\: kr-independent-ai)]:pack:_files' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'evidence add')
        _arguments \
            '--evidence[evidence register (default\: evidence.json)]:file:_files' \
            '--kind[what the document is, such as loss-log]:kind:' \
            '--issuer[who issued it]:name:' \
            '--date[when it was issued\: YYYY-MM\[-DD\]]:date:' \
            '--language[language that it is written in]:language:' \
            '--media-type[its media type, such as text/csv]:type:' \
            '--confidential[register the hash alone]' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'evidence check')
        _arguments \
            '--evidence[evidence register (default\: evidence.json)]:file:_files' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'trace')
        _arguments \
            '*'{-o,--output}'[also write a report file\: json or text (repeatable)]:format or path:_files' \
            '--json[print JSON instead of text]' \
            '--refs[reference store (default\: the user'\''s own)]:store:_files' \
            '*--ref[compare with this model or print too (repeatable)]:path:_files' \
            '*--exclude[leave this reference out, openly (repeatable)]:name:' \
            '*--own[a publisher whose references are own (repeatable)]:publisher:' \
            '--subject-date[when the subject was released\: YYYY-MM\[-DD\]]:date:' \
            '*--log[loss log\: CSV, JSON, event files (repeatable)]:path:_files' \
            '--declare[what the vendor declares about the run, as JSON]:file:_files' \
            '--plots[write path.svg and loss.svg into this folder]:dir:_files' \
            '--fail-on[fail (default), review or never\: what exits non-zero]:when:(fail review never)' \
            '--as-of[date of the report\: YYYY-MM-DD (default\: today, UTC)]:date:' \
            ''{-j,--threads}'[processors to use (default\: all); same results]:count:' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            '--colour[auto (default, heeds $NO_COLOR), always or never]:when:(auto always never)' \
            '--no-progress[no progress bar]' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'convert')
        _arguments \
            '*'{-o,--output}'[write the report in this format (repeatable)]:format=path:_files' \
            '--pdf[print the report with Chromium or WeasyPrint]:path:_files' \
            '--baseline[earlier JSON report\: mark what is new, what is gone]:report:_files' \
            '--fail-on[fail (default), review or never\: what exits non-zero]:when:(fail review never)' \
            '--fail-on-new[exit by what is new since --baseline only]' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'keygen')
        _arguments \
            ''{-o,--output}'[where to write the private key (new file)]:file:_files' \
            '--type[ec-p256 (default), ec-p384, ec-p521, ed25519 (reports)]:type:(ec-p256 ec-p384 ec-p521 ed25519)' \
            '--no-passphrase[leave the private key unencrypted]' \
            '--passphrase-fd[read the pass phrase here (default\: asks)]:number:' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'sign')
        _arguments \
            ''{-o,--output}'[where to write the signature]:file:_files' \
            '--key[private key\: PEM file or pkcs11\: URI]:key:_files' \
            '--passphrase-fd[read the pass phrase here (default\: asks)]:number:' \
            '--certificate[the key'\''s certificate and those to the root, in PEM]:file:_files' \
            '*--ignore[leave this path of the model out (repeatable)]:path:_files' \
            '--allow-symlinks[sign links as the files they lead to]' \
            '--shard-size[a digest for each piece (default\: for each file)]:bytes:' \
            '--hints[also write hints\: large files are then verified faster]:file:_files' \
            ''{-j,--threads}'[processors to use (default\: all); same results]:count:' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            '--no-progress[no progress bar]' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'bundle')
        _arguments \
            '*'{-o,--output}'[where to write the bundle]:file:_files' \
            '--key[private key\: PEM file or pkcs11\: URI]:key:_files' \
            '--passphrase-fd[read the pass phrase here (default\: asks)]:number:' \
            '--model-signature[the vendor'\''s signature of the model]:file:_files' \
            '--report-signature[the auditor'\''s signature of the report]:file:_files' \
            '*--print[print of the subject or a reference (repeatable)]:file:_files' \
            '--rules[rule pack (default\: the installed one of its digest)]:file:_files' \
            '--evidence[evidence register that the audit was given]:file:_files' \
            '--reply[reply of the timestamp authority]:file:_files' \
            '--refs[reference store (default\: the user'\''s own)]:store:_files' \
            '--waivers[waivers that a person took responsibility for]:file:_files' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            '--no-progress[no progress bar]' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'verify')
        _arguments \
            '--signature[the signature to verify]:file:_files' \
            '--public-key[public key in PEM, from its holder]:file:_files' \
            '--model-key[public key of the model'\''s signature in a bundle]:file:_files' \
            '--certificate-chain[roots for the signer'\''s certificate, in place of a key]:file:_files' \
            '--model[compare with these files of the model too]:directory:_files' \
            '*--ignore[leave this path of the model out (repeatable)]:path:_files' \
            '--ignore-unsigned[files that are not signed are no failure]' \
            '--partial[a bundle too incomplete to derive again is no failure]' \
            '--hints[hints from sign\: hash large files on all processors]:file:_files' \
            '--ca-file[roots for timestamps, in PEM]:file:_files' \
            '--json[print JSON instead of text]' \
            ''{-j,--threads}'[processors to use (default\: all); same results]:count:' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            '--no-progress[no progress bar]' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'timestamp query')
        _arguments \
            ''{-o,--output}'[where to write the request]:file:_files' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'timestamp attach')
        _arguments \
            '--reply[reply of the timestamp authority]:file:_files' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'timestamp verify')
        _arguments \
            '--reply[reply of the timestamp authority]:file:_files' \
            '--ca-file[roots for timestamps, in PEM]:file:_files' \
            '--json[print JSON instead of text]' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-q,--quiet}'[no text for people, errors only]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'version')
        _arguments \
            '--refs[reference store (default\: the user'\''s own)]:store:_files' \
            '--rules[rule pack\: name or file (default\: kr-independent-ai)]:pack:_files' \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    'help')
        _arguments \
            '--lang[en or ko (default\: from the locale)]:language:(en ko)' \
            '--list[every command and option, one per line]' \
            ''{-h,--help}'[explain this command]' \
            '*:path:_files'
        ;;
    esac
}

_sovaudit "$@"
