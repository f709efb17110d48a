/* builtin.S: the built-in network's file, inside the program: strata16_begin … strata16_end. */
    .section .rodata
    .balign 64
    .global strata16_begin
    .global strata16_end
strata16_begin:
    .incbin "weights/strata16.safetensors"
strata16_end:
    .byte 0
    .section .note.GNU-stack, "", @progbits
