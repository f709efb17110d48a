#!/usr/bin/env bash
# film.sh OUT.gif: the README's film of the workbench, from a real xterm with sixel. Needs Xvfb, xterm, xdotool,
# x11-utils and ImageMagick; the frames in between are kept in $FRAMES if that is named.
set -eu
out=$(realpath "$1") && cd "$(dirname "$0")"
strata=$(realpath "${STRATA:-../build/strata}")
tmp=$(mktemp -d) && frames=${FRAMES:-$tmp/frames} && mkdir -p "$frames"
export XDG_STATE_HOME=$tmp/state XDG_CONFIG_HOME=$tmp/config
terminal= display=
trap 'kill $terminal $display 2>/dev/null || true; wait; rm -rf "$tmp"' EXIT

for n in $(seq 90 120); do [ -e /tmp/.X$n-lock ] || break; done
export DISPLAY=:$n
Xvfb ":$n" -screen 0 1200x800x24 -nolisten tcp >/dev/null 2>&1 & display=$!
for _ in $(seq 50); do xdpyinfo >/dev/null 2>&1 && break; sleep 0.1; done
xterm -ti vt340 -xrm 'XTerm*numColorRegisters: 256' -xrm 'XTerm*sixelScrolling: true' \
    -xrm 'XTerm*maxGraphicSize: 1200x800' -u8 -fn 9x15 -b 4 -bg '#101418' -fg '#d8d8d8' -geometry 94x28+0+0 \
    -e "$strata" demo.ini --iterations 400 --output "$tmp/film.png" & terminal=$!
for _ in $(seq 50); do
    window=$(xdotool search --onlyvisible --class xterm 2>/dev/null | head -n 1) && [ -n "$window" ] && break
    sleep 0.1
done
sleep 3

number=0 last=0
frame() { # SECONDS: as long it is to be seen, in the film; the screen has that long to get there, too
    number=$((number + 1))
    import -window "$window" "$frames/$(printf %03d $number).png"
    echo "-delay $(awk "BEGIN { print int(100 * $1) }") $frames/$(printf %03d $number).png" >>"$tmp/list"
    sleep "$1"
}
frames_for() { for _ in $(seq "$1"); do frame 0.45; done; }
key() { xdotool key --clearmodifiers "$1"; sleep 0.15; }

frame 1
key space
frames_for 6
key 4
frame 0.6
key Return
frame 0.9
xdotool type --delay 80 glas
frame 1
key Return
frames_for 6
key 1
key b
frames_for 4
key u
frames_for 3
key 5
for _ in 1 2 3; do key Left; done
frames_for 4
sleep 8
frame 3
convert -loop 0 $(cat "$tmp/list") -dither None -colors 96 -layers OptimizeTransparency "$out"
