/* topics_text.S: the files of docs/ that topics.c knows, each up to its zero byte. */
    .section .rodata
    .macro text name
    .global topics_\name
topics_\name:
    .incbin "docs/\name\().md"
    .byte 0
    .endm
    text layers
    text workbench
    text job
    text networks
    text memory
    text large
    text sweep
    text runs
    text terminals
    text speed
    text trouble
    .section .note.GNU-stack, "", @progbits
