/* SPDX-License-Identifier: Apache-2.0 */
#include "format/foreign.h"

#include <string.h>

static const struct sva_foreign foreigners[] = {
    {"GGUF", 4, SVA_ERR_UNSUPPORTED, "is a GGUF file"},
    {"FUGG", 4, SVA_ERR_CORRUPT, "has the magic of GGUF backwards"},
    {"lmgg", 4, SVA_ERR_UNSUPPORTED, "is a GGML file of before GGUF (no version)"},
    {"fmgg", 4, SVA_ERR_UNSUPPORTED, "is a GGMF file of before GGUF"},
    {"tjgg", 4, SVA_ERR_UNSUPPORTED, "is a GGJT file of before GGUF"},
    {"algg", 4, SVA_ERR_UNSUPPORTED, "is a GGLA file, an adapter of before GGUF"},
    {"PK\x03\x04", 4, SVA_ERR_UNSUPPORTED, "is a zip archive (PyTorch's pickle format?)"},
    {"PK\x05\x06", 4, SVA_ERR_UNSUPPORTED, "is an empty zip archive"},
    {"PK\x07\x08", 4, SVA_ERR_UNSUPPORTED, "is a zip archive (PyTorch's pickle format?)"},
    {"\x80\x02", 2, SVA_ERR_UNSUPPORTED, "is a Python pickle, which could run code"},
    {"\x80\x03", 2, SVA_ERR_UNSUPPORTED, "is a Python pickle, which could run code"},
    {"\x80\x04", 2, SVA_ERR_UNSUPPORTED, "is a Python pickle, which could run code"},
    {"\x80\x05", 2, SVA_ERR_UNSUPPORTED, "is a Python pickle, which could run code"},
    {"\x1F\x8B", 2, SVA_ERR_UNSUPPORTED, "is compressed with gzip"},
    {"\x28\xB5\x2F\xFD", 4, SVA_ERR_UNSUPPORTED, "is compressed with zstd"},
    {"\xFD"
     "7zXZ",
     5, SVA_ERR_UNSUPPORTED, "is compressed with xz"},
    {"7z\xBC\xAF\x27\x1C", 6, SVA_ERR_UNSUPPORTED, "is a 7-Zip archive"},
    {"\x89HDF\r\n\x1A\n", 8, SVA_ERR_UNSUPPORTED, "is an HDF5 file"},
    {"\x93NUMPY", 6, SVA_ERR_UNSUPPORTED, "is a NumPy array"},
    {"version https://git-lfs", 23, SVA_ERR_CORRUPT,
     "is a git-lfs pointer; the weights themselves were not fetched (git lfs pull)"},
    {"<!DOCTYPE", 9, SVA_ERR_CORRUPT, "is a web page, perhaps the error of a download"},
    {"<!doctype", 9, SVA_ERR_CORRUPT, "is a web page, perhaps the error of a download"},
    {"<html", 5, SVA_ERR_CORRUPT, "is a web page, perhaps the error of a download"},
    {"<HTML", 5, SVA_ERR_CORRUPT, "is a web page, perhaps the error of a download"},
    {"<?xml", 5, SVA_ERR_CORRUPT, "is an XML text, perhaps the error of a download"},
    {"{", 1, SVA_ERR_CORRUPT, "begins with JSON"},
};

const struct sva_foreign *sva_foreign_find(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof foreigners / sizeof foreigners[0]; i++) {
        if (size >= foreigners[i].size &&
            memcmp(bytes, foreigners[i].magic, foreigners[i].size) == 0) {
            return &foreigners[i];
        }
    }
    return NULL;
}
