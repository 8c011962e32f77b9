#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Adapter between the OMS conformance suite and sovaudit:
#   oms_adapter.sh sign-model|verify-model --method key --model-path DIR ...
# $SOVAUDIT is the command, else the one on PATH. Methods other than key exit 3.
set -u
SOVAUDIT=${SOVAUDIT:-sovaudit}
action=$1
shift
method= model= bundle= key= public=
for word in "$@"; do
    [ "${last:-}" = --model-path ] && model=$word
    last=$word
done
# Arguments are rebuilt in place: ignored paths become relative to the model.
count=$#
while [ "$count" -gt 0 ]; do
    count=$((count - 1))
    option=$1
    shift
    case $option in
    --ignore-unsigned-files) set -- "$@" --ignore-unsigned ;;
    --use-staging) ;;
    *)
        value=$1
        shift
        count=$((count - 1))
        case $option in
        --method) method=$value ;;
        --model-path) ;;
        --output-bundle | --bundle) bundle=$value ;;
        --private-key) key=$value ;;
        --public-key) public=$value ;;
        --ignore-paths) set -- "$@" --ignore "${value#"$model"/}" ;;
        esac
        ;;
    esac
done
if [ "$method" != key ]; then
    echo "method $method is not supported: only keys are" >&2
    exit 3
fi
case $action in
sign-model) exec "$SOVAUDIT" sign "$model" --key "$key" -o "$bundle" "$@" ;;
verify-model) exec "$SOVAUDIT" verify "$model" --signature "$bundle" --public-key "$public" "$@" ;;
*)
    echo "there is no action $action" >&2
    exit 3
    ;;
esac
