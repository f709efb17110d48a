/* peer_script.S: the program that peer.c runs, inside this one: peer_script … its zero byte. */
    .section .rodata
    .global peer_script
peer_script:
    .incbin "tui/cli/peer.py"
    .byte 0
    .section .note.GNU-stack, "", @progbits
