/* SPDX-License-Identifier: Apache-2.0 */
/* How the machine says no: by opcode and byte, and when its values take too much. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/fail.h"
#include "format/pickle_machine.h"

/** More than the state of a model with a million tensors takes. */
static const uint64_t MEMORY_MOST_BYTES = (uint64_t)768 << 20;

/** Names of the opcodes that people ask about when a file is refused. */
static const char *opcode_name(uint8_t opcode)
{
    static const struct {
        uint8_t opcode;
        const char *name;
    } names[] = {
        {'c', "GLOBAL"},        {'R', "REDUCE"},       {'i', "INST"},
        {'o', "OBJ"},           {0x81, "NEWOBJ"},      {0x92, "NEWOBJ_EX"},
        {0x93, "STACK_GLOBAL"}, {'b', "BUILD"},        {0x82, "EXT1"},
        {0x83, "EXT2"},         {0x84, "EXT4"},        {'P', "PERSID"},
        {'Q', "BINPERSID"},     {0x97, "NEXT_BUFFER"}, {0x98, "READONLY_BUFFER"},
        {0x8f, "EMPTY_SET"},    {0x96, "BYTEARRAY8"},  {0x8b, "LONG4"},
        {'S', "STRING"},        {'V', "UNICODE"},      {'I', "INT"},
        {'L', "LONG"},          {'F', "FLOAT"},        {'g', "GET"},
        {'p', "PUT"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].opcode == opcode) {
            return names[i].name;
        }
    }
    return NULL;
}

enum sva_status sva_pickle_refuse(struct sva_pickle_machine *machine, const char *format, ...)
{
    char complaint[512]; /* two escaped names and what is wrong with them */
    char number[16];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(complaint, sizeof complaint, format, arguments);
    va_end(arguments);
    const char *name = opcode_name(machine->opcode);
    if (name == NULL) {
        (void)snprintf(number, sizeof number, "0x%02x", machine->opcode);
        name = number;
    }
    return sva_fail_at(machine->error, SVA_ERR_CORRUPT, machine->opcode_offset,
                       "%s: opcode %s at byte %zu %s", machine->what, name, machine->opcode_offset,
                       complaint);
}

enum sva_status sva_pickle_check_memory(struct sva_pickle_machine *machine)
{
    const uint64_t taken = machine->value_capacity * sizeof *machine->values +
                           machine->stack_capacity * sizeof *machine->stack +
                           machine->memo_capacity * sizeof *machine->memo +
                           machine->arena.total_bytes;
    return taken <= MEMORY_MOST_BYTES
               ? SVA_OK
               : sva_fail_at(machine->error, SVA_ERR_LIMIT, machine->opcode_offset,
                             "%s: at byte %zu its values take more than %" PRIu64
                             " bytes of memory",
                             machine->what, machine->opcode_offset, MEMORY_MOST_BYTES);
}
