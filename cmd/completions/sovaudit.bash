# SPDX-License-Identifier: Apache-2.0
# bash completion for sovaudit; options are tested against "sovaudit help --list".

_sovaudit_options() {
    case "$1" in
    check) echo --output --pdf --json --brief --refs --ref --ref-weights --exclude --own --config \
        --subject-date --init --quick --rules --evidence --model-key --waivers --baseline --fail-on --fail-on-new --as-of \
        --threads --lang --colour --no-progress --quiet --help ;;
    compare) echo --output --pdf --json --init --quick --as-of --threads --lang --colour --no-progress \
        --quiet --help ;;
    fingerprint) echo --output --quick --threads --lang --no-progress --quiet --help ;;
    inspect) echo --json --lang --colour --help ;;
    "refs add") echo --refs --as-of --threads --name --version --publisher --released --licence \
        --derived-from --source --removed --lang --no-progress --quiet --help ;;
    "refs list" | "refs info" | "refs lookup") echo --refs --lang --help ;;
    "refs note") echo --refs --as-of --version --removed --text --document --lang --quiet --help ;;
    "refs export") echo --output --key --passphrase-fd --refs --as-of --lang --no-progress --quiet --help ;;
    "refs import") echo --signature --public-key --require-signature --refs --as-of --lang \
        --no-progress --quiet --help ;;
    "refs update-facts") echo --refs --lang --quiet --help ;;
    "refs show") echo --refs --version --lang --help ;;
    "refs remove") echo --refs --version --lang --quiet --help ;;
    "refs verify") echo --refs --lang --quiet --help ;;
    "rules list" | "rules show" | "rules explain") echo --lang --help ;;
    "rules test") echo --cases --lang --quiet --help ;;
    "rules export") echo --oscal --lang --help ;;
    "evidence init") echo --rules --lang --quiet --help ;;
    "evidence add") echo --evidence --kind --issuer --date --language --media-type --confidential \
        --lang --help ;;
    "evidence check") echo --evidence --lang --quiet --help ;;
    "rules lint") echo --lang --quiet --help ;;
    trace) echo --output --json --refs --ref --exclude --own --subject-date --log --declare --plots \
        --fail-on --as-of --threads --lang --colour --no-progress --quiet --help ;;
    convert) echo --output --pdf --baseline --fail-on --fail-on-new --lang --help ;;
    keygen) echo --output --type --no-passphrase --passphrase-fd --lang --quiet --help ;;
    sign) echo --output --key --passphrase-fd --certificate --ignore --allow-symlinks --shard-size \
        --hints --threads --lang --no-progress --quiet --help ;;
    verify) echo --signature --public-key --model-key --certificate-chain --model --ignore \
        --ignore-unsigned --partial --hints --ca-file --json --threads --lang --no-progress --quiet --help ;;
    bundle) echo --output --key --passphrase-fd --model-signature --report-signature --print --rules \
        --evidence --reply --refs --waivers --lang --no-progress --quiet --help ;;
    "timestamp query") echo --output --lang --quiet --help ;;
    "timestamp attach") echo --reply --lang --help ;;
    "timestamp verify") echo --reply --ca-file --json --lang --quiet --help ;;
    version) echo --refs --rules --lang --help ;;
    help) echo --lang --list --help ;;
    esac
}

_sovaudit() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]}
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W "check compare fingerprint inspect refs rules evidence trace convert keygen sign verify bundle timestamp version help" -- "$current"))
        return
    fi
    if [[ $command == refs || $command == rules || $command == evidence ||
        $command == timestamp ]]; then
        if ((COMP_CWORD == 2)); then
            local words="list show explain lint test export"
            [[ $command == evidence ]] && words="init add check"
            [[ $command == timestamp ]] && words="query attach verify"
            [[ $command == refs ]] && words="add list show remove info verify note lookup update-facts export import"
            COMPREPLY=($(compgen -W "$words" -- "$current"))
            return
        fi
        command="$command ${COMP_WORDS[2]}"
    fi
    case "$previous" in
    --fail-on) COMPREPLY=($(compgen -W "fail review never" -- "$current")); return ;;
    --lang) COMPREPLY=($(compgen -W "en ko" -- "$current")); return ;;
    --colour) COMPREPLY=($(compgen -W "auto always never" -- "$current")); return ;;
    esac
    if [[ $current == -* ]]; then
        COMPREPLY=($(compgen -W "$(_sovaudit_options "$command")" -- "$current"))
    else
        compopt -o filenames 2>/dev/null
        COMPREPLY=($(compgen -f -- "$current"))
    fi
}

complete -F _sovaudit sovaudit
