#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Signs with sovaudit and verifies with the reference implementation, and the other way round, for
# each curve. (The reference's command cannot verify manifests of shards, nor can its library those
# that call the algorithm of a shard what the specification calls it; we read both.) $SOVAUDIT and $MODEL_SIGNING are the two commands; exits
# 77 when the second is not there.
set -eu
SOVAUDIT=${SOVAUDIT:-sovaudit}
MODEL_SIGNING=${MODEL_SIGNING:-model_signing}
if ! command -v "$MODEL_SIGNING" >/dev/null 2>&1; then
    echo "no $MODEL_SIGNING: skipped"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p model/a model/a-b model/.git
echo one >model/a/x
echo two >model/a-b/x
head -c 3000000 /dev/zero >model/weights.bin
: >model/empty
echo '모델' >"model/모델 \"1\".txt"
echo junk >model/.git/config
echo junk >model/left-out

for curve in p256 p384 p521; do
    "$SOVAUDIT" keygen --type ec-$curve --no-passphrase -o $curve.pem -q
    printf 'secret' | "$SOVAUDIT" keygen --type ec-$curve --passphrase-fd 0 -o $curve-locked.pem -q
    "$SOVAUDIT" sign model --key $curve.pem -o ours.sig --ignore left-out -q
    "$MODEL_SIGNING" verify key --signature ours.sig --public_key $curve.pub.pem model >log 2>&1
    echo "ok: $curve, ours verified by the reference"
    "$MODEL_SIGNING" sign key --signature model/theirs.sig --private_key $curve.pem \
        --ignore-paths model/left-out model >log 2>&1
    "$SOVAUDIT" verify model --signature model/theirs.sig --public-key $curve.pub.pem -q
    echo "ok: $curve, the reference's verified by us"
    rm model/theirs.sig
done

# Certificates: the reference's method of that name, which needs its extra Python packages.
if "$MODEL_SIGNING" verify certificate --help >log 2>&1; then
    printf '[req]\ndistinguished_name=n\n[n]\n[ca]\nbasicConstraints=critical,CA:TRUE\n[leaf]\nkeyUsage=digitalSignature\n' >cnf
    openssl req -x509 -config cnf -extensions ca -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key \
        -out root.pem -subj /CN=root -days 3 2>log
    openssl req -new -config cnf -key p256.pem -out leaf.csr -subj /CN=leaf
    openssl x509 -req -in leaf.csr -CA root.pem -CAkey root.key -CAcreateserial -extfile cnf -extensions leaf -days 2 \
        -out leaf.pem 2>log
    "$SOVAUDIT" sign model --key p256.pem --certificate leaf.pem -o ours.sig --ignore left-out -q
    "$MODEL_SIGNING" verify certificate --signature ours.sig --certificate_chain root.pem model >log 2>&1
    echo "ok: certificate, ours verified by the reference"
    "$MODEL_SIGNING" sign certificate --signature theirs.sig --private_key p256.pem --signing_certificate leaf.pem \
        --certificate_chain root.pem --ignore-paths model/left-out model >log 2>&1
    "$SOVAUDIT" verify model --signature theirs.sig --certificate-chain root.pem -q
    echo "ok: certificate, the reference's verified by us"
    "$SOVAUDIT" sign model --key p521.pem -o ours.sig --ignore left-out -q
fi

echo changed >>model/weights.bin
if "$MODEL_SIGNING" verify key --signature ours.sig --public_key p521.pub.pem model >log 2>&1; then
    echo "the reference accepts a changed model"
    exit 1
fi
echo "ok: a change is refused by the reference"
