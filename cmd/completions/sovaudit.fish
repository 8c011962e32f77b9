# SPDX-License-Identifier: Apache-2.0
# fish completion for sovaudit; options are tested against "sovaudit help --list".

function __sovaudit_at
    # True when the command line starts with the given words.
    set -l words (commandline -opc)
    set -e words[1]
    test (count $words) -ge (count $argv); or return 1
    for i in (seq (count $argv))
        test "$words[$i]" = "$argv[$i]"; or return 1
    end
end

function __sovaudit_bare
    test (count (commandline -opc)) -eq $argv[1]
end

complete -c sovaudit -n '__sovaudit_bare 1' -f -a 'check compare fingerprint inspect refs rules evidence trace convert version help'
complete -c sovaudit -n '__sovaudit_at refs; and __sovaudit_bare 2' -f -a 'add list show remove info verify note lookup update-facts export import'
complete -c sovaudit -n '__sovaudit_at rules; and __sovaudit_bare 2' -f -a 'list show explain lint test export'
complete -c sovaudit -n '__sovaudit_at evidence; and __sovaudit_bare 2' -f -a 'init add check'

complete -c sovaudit -n '__sovaudit_at check' -s o -l output -r -d 'also write the report in this format (repeatable)'
complete -c sovaudit -n '__sovaudit_at check' -l json -d 'print JSON instead of text'
complete -c sovaudit -n '__sovaudit_at check' -l brief -d 'print the outcome alone: what stops it, what to do'
complete -c sovaudit -n '__sovaudit_at check' -l refs -r -d 'reference store (default: the user\'s own)'
complete -c sovaudit -n '__sovaudit_at check' -l ref -r -d 'compare with this model or print too (repeatable)'
complete -c sovaudit -n '__sovaudit_at check' -l ref-weights -x -d 'weights of a reference of the store (repeatable)'
complete -c sovaudit -n '__sovaudit_at check' -l exclude -x -d 'leave this reference out, openly (repeatable)'
complete -c sovaudit -n '__sovaudit_at check' -l own -x -d 'a publisher whose references are own (repeatable)'
complete -c sovaudit -n '__sovaudit_at check' -l config -r -d 'options from a JSON file; those given here win'
complete -c sovaudit -n '__sovaudit_at check' -l subject-date -x -d 'when the subject was released: YYYY-MM[-DD]'
complete -c sovaudit -n '__sovaudit_at check' -l init -r -d 'the subject\'s step-0 checkpoint: take its random start off'
complete -c sovaudit -n '__sovaudit_at check' -l rules -r -d 'rule pack: name or file (default: kr-independent-ai)'
complete -c sovaudit -n '__sovaudit_at check' -l evidence -r -d 'evidence register (default: evidence.json)'
complete -c sovaudit -n '__sovaudit_at check' -l waivers -r -d 'waivers that a person took responsibility for'
complete -c sovaudit -n '__sovaudit_at check' -l fail-on -x -a 'fail review never' -d 'fail (default), review or never: what exits non-zero'
complete -c sovaudit -n '__sovaudit_at check' -l as-of -x -d 'date of the report: YYYY-MM-DD (default: today, UTC)'
complete -c sovaudit -n '__sovaudit_at check' -s j -l threads -x -d 'processors to use (default: all); same results'
complete -c sovaudit -n '__sovaudit_at check' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at check' -l colour -x -a 'auto always never' -d 'auto (default, heeds $NO_COLOR), always or never'
complete -c sovaudit -n '__sovaudit_at check' -l no-progress -d 'no progress bar'
complete -c sovaudit -n '__sovaudit_at check' -s q -l quiet -d 'no text for people, errors only'
complete -c sovaudit -n '__sovaudit_at check' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at compare' -s o -l output -r -d 'also write the report in this format (repeatable)'
complete -c sovaudit -n '__sovaudit_at compare' -l json -d 'print JSON instead of text'
complete -c sovaudit -n '__sovaudit_at compare' -l init -r -d 'the subject\'s step-0 checkpoint: take its random start off'
complete -c sovaudit -n '__sovaudit_at compare' -l as-of -x -d 'date of the report: YYYY-MM-DD (default: today, UTC)'
complete -c sovaudit -n '__sovaudit_at compare' -s j -l threads -x -d 'processors to use (default: all); same results'
complete -c sovaudit -n '__sovaudit_at compare' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at compare' -l colour -x -a 'auto always never' -d 'auto (default, heeds $NO_COLOR), always or never'
complete -c sovaudit -n '__sovaudit_at compare' -l no-progress -d 'no progress bar'
complete -c sovaudit -n '__sovaudit_at compare' -s q -l quiet -d 'no text for people, errors only'
complete -c sovaudit -n '__sovaudit_at compare' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at fingerprint' -s o -l output -r -d 'where to write the print'
complete -c sovaudit -n '__sovaudit_at fingerprint' -s j -l threads -x -d 'processors to use (default: all); same results'
complete -c sovaudit -n '__sovaudit_at fingerprint' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at fingerprint' -l no-progress -d 'no progress bar'
complete -c sovaudit -n '__sovaudit_at fingerprint' -s q -l quiet -d 'no text for people, errors only'
complete -c sovaudit -n '__sovaudit_at fingerprint' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at inspect' -l json -d 'print JSON instead of text'
complete -c sovaudit -n '__sovaudit_at inspect' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at inspect' -l colour -x -a 'auto always never' -d 'auto (default, heeds $NO_COLOR), always or never'
complete -c sovaudit -n '__sovaudit_at inspect' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at refs add' -l refs -r -d 'reference store (default: the user\'s own)'
complete -c sovaudit -n '__sovaudit_at refs add' -l as-of -x -d 'date of the report: YYYY-MM-DD (default: today, UTC)'
complete -c sovaudit -n '__sovaudit_at refs add' -s j -l threads -x -d 'processors to use (default: all); same results'
complete -c sovaudit -n '__sovaudit_at refs add' -l name -x -d 'name of the reference (default: the model\'s)'
complete -c sovaudit -n '__sovaudit_at refs add' -l version -x -d 'version of the reference'
complete -c sovaudit -n '__sovaudit_at refs add' -l publisher -x -d 'who released it'
complete -c sovaudit -n '__sovaudit_at refs add' -l released -x -d 'when it was released: YYYY-MM[-DD]'
complete -c sovaudit -n '__sovaudit_at refs add' -l licence -x -d 'its licence, an SPDX id where there is one'
complete -c sovaudit -n '__sovaudit_at refs add' -l derived-from -x -d 'reference that it is declared to derive from'
complete -c sovaudit -n '__sovaudit_at refs add' -l source -x -d 'where the weights were taken from'
complete -c sovaudit -n '__sovaudit_at refs add' -l removed -x -d 'since when its source is gone: YYYY-MM[-DD]'
complete -c sovaudit -n '__sovaudit_at refs add' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at refs add' -l no-progress -d 'no progress bar'
complete -c sovaudit -n '__sovaudit_at refs add' -s q -l quiet -d 'no text for people, errors only'
complete -c sovaudit -n '__sovaudit_at refs add' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at refs list' -l refs -r -d 'reference store (default: the user\'s own)'
complete -c sovaudit -n '__sovaudit_at refs list' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at refs list' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at refs show' -l refs -r -d 'reference store (default: the user\'s own)'
complete -c sovaudit -n '__sovaudit_at refs show' -l version -x -d 'version of the reference'
complete -c sovaudit -n '__sovaudit_at refs show' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at refs show' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at refs remove' -l refs -r -d 'reference store (default: the user\'s own)'
complete -c sovaudit -n '__sovaudit_at refs remove' -l version -x -d 'version of the reference'
complete -c sovaudit -n '__sovaudit_at refs remove' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at refs remove' -s q -l quiet -d 'no text for people, errors only'
complete -c sovaudit -n '__sovaudit_at refs remove' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at refs info' -l refs -r -d 'reference store (default: the user\'s own)'
complete -c sovaudit -n '__sovaudit_at refs info' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at refs info' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at refs verify' -l refs -r -d 'reference store (default: the user\'s own)'
complete -c sovaudit -n '__sovaudit_at refs verify' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at refs verify' -s q -l quiet -d 'no text for people, errors only'
complete -c sovaudit -n '__sovaudit_at refs verify' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at refs note' -l refs -r -d 'reference store (default: the user\'s own)'
complete -c sovaudit -n '__sovaudit_at refs note' -l as-of -x -d 'date of the report: YYYY-MM-DD (default: today, UTC)'
complete -c sovaudit -n '__sovaudit_at refs note' -l version -x -d 'version of the reference'
complete -c sovaudit -n '__sovaudit_at refs note' -l removed -x -d 'since when its source is gone: YYYY-MM[-DD]'
complete -c sovaudit -n '__sovaudit_at refs note' -l text -x -d 'what to note'
complete -c sovaudit -n '__sovaudit_at refs note' -l document -r -d 'a document that shows it; its SHA-256 is kept'
complete -c sovaudit -n '__sovaudit_at refs note' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at refs note' -s q -l quiet -d 'no text for people, errors only'
complete -c sovaudit -n '__sovaudit_at refs note' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at refs lookup' -l refs -r -d 'reference store (default: the user\'s own)'
complete -c sovaudit -n '__sovaudit_at refs lookup' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at refs lookup' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at refs update-facts' -l refs -r -d 'reference store (default: the user\'s own)'
complete -c sovaudit -n '__sovaudit_at refs update-facts' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at refs update-facts' -s q -l quiet -d 'no text for people, errors only'
complete -c sovaudit -n '__sovaudit_at refs update-facts' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at refs export' -s o -l output -r -d 'where to write the pack'
complete -c sovaudit -n '__sovaudit_at refs export' -l refs -r -d 'reference store (default: the user\'s own)'
complete -c sovaudit -n '__sovaudit_at refs export' -l as-of -x -d 'date of the report: YYYY-MM-DD (default: today, UTC)'
complete -c sovaudit -n '__sovaudit_at refs export' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at refs export' -l no-progress -d 'no progress bar'
complete -c sovaudit -n '__sovaudit_at refs export' -s q -l quiet -d 'no text for people, errors only'
complete -c sovaudit -n '__sovaudit_at refs export' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at refs import' -l refs -r -d 'reference store (default: the user\'s own)'
complete -c sovaudit -n '__sovaudit_at refs import' -l as-of -x -d 'date of the report: YYYY-MM-DD (default: today, UTC)'
complete -c sovaudit -n '__sovaudit_at refs import' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at refs import' -l no-progress -d 'no progress bar'
complete -c sovaudit -n '__sovaudit_at refs import' -s q -l quiet -d 'no text for people, errors only'
complete -c sovaudit -n '__sovaudit_at refs import' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at rules list' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at rules list' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at rules show' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at rules show' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at rules lint' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at rules lint' -s q -l quiet -d 'no text for people, errors only'
complete -c sovaudit -n '__sovaudit_at rules lint' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at rules explain' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at rules explain' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at rules test' -l cases -r -d 'cases to try rules on (default: beside the pack)'
complete -c sovaudit -n '__sovaudit_at rules test' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at rules test' -s q -l quiet -d 'no text for people, errors only'
complete -c sovaudit -n '__sovaudit_at rules test' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at rules export' -l oscal -d 'as an OSCAL catalogue in JSON'
complete -c sovaudit -n '__sovaudit_at rules export' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at rules export' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at evidence init' -l rules -r -d 'rule pack: name or file (default: kr-independent-ai)'
complete -c sovaudit -n '__sovaudit_at evidence init' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at evidence init' -s q -l quiet -d 'no text for people, errors only'
complete -c sovaudit -n '__sovaudit_at evidence init' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at evidence add' -l evidence -r -d 'evidence register (default: evidence.json)'
complete -c sovaudit -n '__sovaudit_at evidence add' -l kind -x -d 'what the document is, such as loss-log'
complete -c sovaudit -n '__sovaudit_at evidence add' -l issuer -x -d 'who issued it'
complete -c sovaudit -n '__sovaudit_at evidence add' -l date -x -d 'when it was issued: YYYY-MM[-DD]'
complete -c sovaudit -n '__sovaudit_at evidence add' -l language -x -d 'language that it is written in'
complete -c sovaudit -n '__sovaudit_at evidence add' -l media-type -x -d 'its media type, such as text/csv'
complete -c sovaudit -n '__sovaudit_at evidence add' -l confidential -d 'register the hash alone'
complete -c sovaudit -n '__sovaudit_at evidence add' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at evidence add' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at evidence check' -l evidence -r -d 'evidence register (default: evidence.json)'
complete -c sovaudit -n '__sovaudit_at evidence check' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at evidence check' -s q -l quiet -d 'no text for people, errors only'
complete -c sovaudit -n '__sovaudit_at evidence check' -s h -l help -d 'explain this command'
complete -c sovaudit -n '__sovaudit_at trace' -s o -l output -r -d 'also write a report file: json or text (repeatable)'
complete -c sovaudit -n '__sovaudit_at trace' -l json -d 'print JSON instead of text'
complete -c sovaudit -n '__sovaudit_at trace' -l refs -r -d 'reference store (default: the user\'s own)'
complete -c sovaudit -n '__sovaudit_at trace' -l ref -r -d 'compare with this model or print too (repeatable)'
complete -c sovaudit -n '__sovaudit_at trace' -l exclude -x -d 'leave this reference out, openly (repeatable)'
complete -c sovaudit -n '__sovaudit_at trace' -l own -x -d 'a publisher whose references are own (repeatable)'
complete -c sovaudit -n '__sovaudit_at trace' -l log -r -d 'loss log: CSV, JSON, event files (repeatable)'
complete -c sovaudit -n '__sovaudit_at trace' -l declare -r -d 'what the vendor declares about the run, as JSON'
complete -c sovaudit -n '__sovaudit_at trace' -l plots -r -d 'write path.svg and loss.svg into this folder'
complete -c sovaudit -n '__sovaudit_at trace' -l fail-on -x -a 'fail review never' -d 'fail (default), review or never: what exits non-zero'
complete -c sovaudit -n '__sovaudit_at trace' -l as-of -x -d 'date of the report: YYYY-MM-DD (default: today, UTC)'
complete -c sovaudit -n '__sovaudit_at trace' -s j -l threads -x -d 'processors to use (default: all); same results'
complete -c sovaudit -n '__sovaudit_at trace' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at trace' -l colour -x -a 'auto always never' -d 'auto (default, heeds $NO_COLOR), always or never'
complete -c sovaudit -n '__sovaudit_at trace' -l no-progress -d 'no progress bar'
complete -c sovaudit -n '__sovaudit_at trace' -s q -l quiet -d 'no text for people, errors only'
complete -c sovaudit -n '__sovaudit_at trace' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at convert' -s o -l output -r -d 'write the report in this format (repeatable)'
complete -c sovaudit -n '__sovaudit_at convert' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at convert' -s h -l help -d 'explain this command'
complete -c sovaudit -n '__sovaudit_at version' -l refs -r -d 'reference store (default: the user\'s own)'
complete -c sovaudit -n '__sovaudit_at version' -l rules -r -d 'rule pack: name or file (default: kr-independent-ai)'
complete -c sovaudit -n '__sovaudit_at version' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at version' -s h -l help -d 'explain this command'

complete -c sovaudit -n '__sovaudit_at help' -l lang -x -a 'en ko' -d 'en or ko (default: from the locale)'
complete -c sovaudit -n '__sovaudit_at help' -l list -d 'every command and option, one per line'
complete -c sovaudit -n '__sovaudit_at help' -s h -l help -d 'explain this command'
