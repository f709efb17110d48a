#!/usr/bin/env bash
# weights.sh: what `strata weights` promises: one network in a dozen files of other programs
# (tests/ref/make_weights_files.py) imports bit by bit, and fetch copes with a network of this world
# (build/tests/serve, on the loopback). Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
serve=$(dirname "$strata")/tests/serve
files=tests/data/weights
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$tmp"' EXIT
export XDG_DATA_HOME=$tmp/data OMP_NUM_THREADS=2 no_proxy=127.0.0.1
unset http_proxy HTTP_PROXY all_proxy ALL_PROXY

says() { # EXPRESSION: stdout and stderr together
    grep -qE -- "$1" "$tmp/out" "$tmp/err" || { echo "not /$1/"; cat "$tmp/out" "$tmp/err"; false; }
}

# The tests' networks are made of small whole numbers: their losses have no network's size, --as-is.
import() { # FILE OPTIONS...: into $tmp/FILE.safetensors
    local file=$1
    shift
    status 0 "$strata" weights import "$files/$file" -o "$tmp/$file.safetensors" --overwrite \
        --as-is "$@"
}

tensors() { # FILE BYTES: the first bytes behind the header
    local header
    header=$(od -An -tu8 -N8 "$1" | tr -d ' ')
    tail -c +$((9 + header)) "$1" | head -c "$2"
}

# conv1_1 to conv5_2, and to conv5_1, of widths 4 5 6 4 5 6 ...
all=12084 short=11344

same_tensors() { # FILE REFERENCE BYTES
    import "$1" && cmp <(tensors "$tmp/$1.safetensors" "$3") <(tensors "$files/$2" "$3") &&
        [ "$(tensors "$tmp/$1.safetensors" 99999 | wc -c)" -eq "$3" ]
}

losses() { # NETWORK
    "$strata" eval --content tests/data/ok/content.png --styles tests/data/ok/style.png \
        --image tests/data/ok/content.png --network "$1" --json
}

same_losses() { # FILE OPTIONS...
    import "$@" && losses "$tmp/$1.safetensors" >"$tmp/b" && cmp "$tmp/a" "$tmp/b"
}

# ---- import -----------------------------------------------------------------------------------

for file in old.mat older.mat new.mat zip.pth legacy.pth protocol4.pth; do
    claim "$file imports bit by bit" same_tensors $file net.safetensors $all
done
for file in keras1.h5 keras2.h5 checkpoint.pth caffe.npz hwio.npz; do
    claim "$file imports bit by bit, for BGR" same_tensors $file caffe.safetensors $all
done
claim "conv0.pth imports bit by bit as far as it goes" same_tensors conv0.pth caffe.safetensors $short

losses "$files/net.safetensors" >"$tmp/a"
for file in old.mat older.mat new.mat keras1.h5 keras2.h5 checkpoint.pth caffe.npz hwio.npz \
    caffe.safetensors net.safetensors conv0.pth; do
    claim "$file gives the losses of the network itself" same_losses $file
done
for file in zip.pth legacy.pth; do
    claim "$file does, too, told what it is" same_losses $file --order rgb --mean 123.68,116.779,103.939
done

torchvision_is_normalised() {
    import zip.pth && says 'RGB minus 123.675, 116.28, 103.53, times 0.0171248' &&
        grep -qa '"strata.order":"rgb","strata.mean":"123.675,116.28,103.53","strata.scale":"0.0171' \
            "$tmp/zip.pth.safetensors"
}

tells_what_it_found() {
    import old.mat && says 'old.mat: MatConvNet, 34 tensors' &&
        says 'conv1_1 to conv5_2, channels 4 5 6 4' && says 'left out .*fc6.weight' &&
        says 'RGB minus 123.68, 116.779, 103.939' && says 'licence +unknown'
}

transposes() {
    import caffe.npz --transpose && ! cmp <(tensors "$tmp/caffe.npz.safetensors" $all) \
        <(tensors "$files/caffe.safetensors" $all)
}

goes_by_its_name() {
    status 0 "$strata" weights import $files/keras1.h5 --as-is && says 'use it +--network keras1' &&
        losses keras1 >"$tmp/b" && cmp "$tmp/a" "$tmp/b" && status 0 "$strata" weights list &&
        says '^  keras1 .*keras1.h5 \(Keras\)'
}

keeps_what_exists() {
    status 2 "$strata" weights import $files/keras1.h5 && says 'exists already.*overwrite'
}

informs() {
    status 0 "$strata" weights info keras1 && says 'order +bgr' && says 'widths +4 5 6' &&
        says 'mean +103.939,116.779,123.68' && says 'licence +unknown' &&
        says "made from +$(sha256sum $files/keras1.h5 | cut -d' ' -f1)" &&
        says "SHA-256 +$(sha256sum "$tmp/data/strata/keras1.safetensors" | cut -d' ' -f1)" &&
        status 0 "$strata" weights info strata16 && says 'licence +MIT'
}

a_reader_may_leave() {
    "$strata" weights list 2>"$tmp/err" | head -n 1 >/dev/null
    [ ! -s "$tmp/err" ]
}

paints_without_these_libraries() {
    ! ldd "$strata" | grep -E 'matio|hdf5|curl|nettle'
}

outlives_a_crash() {
    mkdir -p "$tmp/bin" && cp "$strata" "$tmp/bin/strata" &&
        status 2 "$tmp/bin/strata" weights list && says 'strata-weights is missing' &&
        printf '#!/bin/sh\nkill -s SEGV $$\n' >"$tmp/bin/strata-weights" &&
        chmod +x "$tmp/bin/strata-weights" &&
        status 2 "$tmp/bin/strata" weights import x.mat && [ "$(wc -l <"$tmp/err")" -eq 1 ] &&
        says '^strata: weights import x.mat could not be done: the file is damaged'
}

# Its last layer says nothing: no factor gives it a loss.
make_mute() { # FILE
    python3 - $files/net.safetensors "$1" <<'END'
import json, struct, sys
data = bytearray(open(sys.argv[1], 'rb').read())
start = 8 + struct.unpack('<Q', data[:8])[0]
head = json.loads(data[8:start])
for part in 'weight', 'bias':
    a, b = head['conv5_1.' + part]['data_offsets']
    data[start + a:start + b] = bytes(b - a)
open(sys.argv[2], 'wb').write(data)
END
}

refuses_a_network_that_is_mute() {
    rm -f "$tmp/x.safetensors"
    make_mute "$tmp/mute.safetensors" &&
        status 2 "$strata" weights import "$tmp/mute.safetensors" -o "$tmp/x.safetensors" &&
        [ "$(wc -l <"$tmp/err")" -eq 1 ] && [ ! -e "$tmp/x.safetensors" ] &&
        says "^strata: a layer of .*mute.safetensors says nothing to a picture.*; --as-is"
}

as_vgg19='relu1_1 1, relu2_1 1, relu3_1 1, relu4_1 1, relu5_1 1, content 1 times'

scales_to_the_sizes_of_vgg19() {
    status 0 "$strata" weights import $files/net.safetensors -o "$tmp/x.safetensors" --overwrite &&
        says "losses +relu1_1 [0-9.e+-]+, relu2_1 .*, content [0-9.e+-]+ times VGG-19's" &&
        says "scaled +so that they are" && status 0 "$strata" weights info "$tmp/x.safetensors" &&
        says "losses +$as_vgg19" && says "were +relu1_1 " &&
        status 0 "$strata" weights import "$tmp/x.safetensors" -o "$tmp/y.safetensors" --overwrite &&
        says "losses +$as_vgg19"
}

takes_them_as_they_are() {
    import net.safetensors && says "losses +relu1_1 [0-9.e+-]+, relu2_1 .*, content [0-9.e+-]+ times" &&
        status 0 "$strata" weights info "$tmp/net.safetensors.safetensors" &&
        says "losses +relu1_1 [0-9.e+-]+, relu2_1 .*, content [0-9.e+-]+ times" &&
        ! grep -E "scaled|were" "$tmp/out" &&
        status 0 "$strata" run --content tests/data/ok/content.png --styles tests/data/ok/style.png \
            --network "$tmp/net.safetensors.safetensors" --iterations 1 --output "$tmp/x.png" &&
        says "losses of another size than VGG-19's"
}

the_built_in_network_has_them() {
    status 0 "$strata" weights info strata16 &&
        says "losses +relu1_1 (0\.[5-9]|1|1\.)[0-9]*, .*, content (0\.[6-9]|1|1\.)[0-9]* times VGG-19's"
}

# conv1_1 times 64 behind an input times 1/64: the same network, and the same losses.
takes_a_scaled_input() {
    python3 - weights/strata16.safetensors "$tmp/scaled.safetensors" <<'END'
import json, struct, sys
data = open(sys.argv[1], 'rb').read()
n = struct.unpack('<Q', data[:8])[0]
head, values = json.loads(data[8:8 + n]), bytearray(data[8 + n:])
tensor = head['conv1_1.weight']
size, code = {'F32': (4, '<f'), 'F16': (2, '<e')}[tensor['dtype']]
for at in range(*tensor['data_offsets'], size):
    struct.pack_into(code, values, at, struct.unpack_from(code, values, at)[0] * 64)
head['__metadata__']['strata.scale'] = '0.015625,0.015625,0.015625'
text = json.dumps(head).encode()
open(sys.argv[2], 'wb').write(struct.pack('<Q', len(text)) + text + values)
END
    status 0 "$strata" weights import weights/strata16.safetensors -o "$tmp/x.safetensors" --overwrite &&
        cp "$tmp/out" "$tmp/one" &&
        status 0 "$strata" weights import "$tmp/scaled.safetensors" -o "$tmp/y.safetensors" \
            --overwrite && cmp <(grep losses "$tmp/one") <(grep losses "$tmp/out")
}

# 16 biases on one storage, packed 1000 to 1, in a pickle that says it holds 16 values; and an array.
refuses_bombs() {
    python3 - "$tmp" <<'END'
import struct, sys, zipfile
def archive(path, files):
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z:
        for name, data in files:
            z.writestr(name, data)
zeros = bytes(1 << 26)
text = lambda s: b'X' + struct.pack('<I', len(s)) + s
bias = lambda i: (text(b'conv%d_1.bias' % i) + b'ctorch._utils\n_rebuild_tensor_v2\n((' + text(b'storage') +
    b'ctorch\nFloatStorage\n' + text(b'0') + text(b'cpu') + b'K\x10tQK\0(K\x10t(K\x01t\x89}tR')
archive(sys.argv[1] + '/bomb.pth', [('a/data.pkl', b'\x80\x02}(' + b''.join(map(bias, range(1, 6))) + b'u.'),
                                    ('a/data/0', zeros)])
head = b"{'descr': '<f4', 'fortran_order': False, 'shape': (16,), }".ljust(117) + b'\n'
archive(sys.argv[1] + '/bomb.npz', [('conv1_1.bias.npy', b'\x93NUMPY\1\0' + struct.pack('<H', len(head)) + head + zeros)])
END
    for kind in pth npz; do
        status 2 "$strata" weights import "$tmp/bomb.$kind" -o "$tmp/x.safetensors" --overwrite &&
            says "packed more than 100 to 1|impossible size" || return 1
    done
}

cleans_labels() {
    local name=$tmp/$'e\e]0;x\a'.safetensors
    cp weights/strata16.safetensors "$name"
    status 0 "$strata" weights info "$name" && ! grep -q $'[\e\a]' "$tmp/out" || return 1
    status 1 "$strata" weights fetch $'http://127.0.0.1:1/\e]0;x\a.h5' --sha256 "$(printf %064d 0)"
    ! grep -q $'[\e\a]' "$tmp/out" "$tmp/err"
}

says_that_it_could_not_print() {
    local word
    for word in list "info strata16" --help; do
        "$strata" weights $word >/dev/full 2>"$tmp/err"
        [ $? -eq 1 ] && grep -q '^strata: cannot write to the standard output: No space' "$tmp/err" ||
            { cat "$tmp/err"; return 1; }
    done
}

says_import_first() {
    status 2 losses $files/zip.pth && says "run .strata weights import $files/zip.pth. first" &&
        status 2 losses $files/old.mat && says "run .strata weights import" &&
        status 2 losses vgg19 && says '.strata weights fetch vgg19.'
}

claim "a network of other widths is given losses of VGG-19's sizes" scales_to_the_sizes_of_vgg19
claim "--as-is leaves them; import, info and a run say how far off" takes_them_as_they_are
claim "a network with a layer that says nothing is refused" refuses_a_network_that_is_mute
claim "the built-in network has losses of VGG-19's sizes" the_built_in_network_has_them
claim "the input's scale counts as part of the network" takes_a_scaled_input
claim "what is packed like a bomb is not unpacked" refuses_bombs
claim "labels are cleaned for the terminal" cleans_labels
claim "a full disk under list, info and --help is said" says_that_it_could_not_print
claim "another program's weights file: import it first; vgg19: fetch it" says_import_first
claim "torchvision's file is normalised as torchvision does" torchvision_is_normalised
claim "import tells what it found" tells_what_it_found
claim "--transpose swaps height and width" transposes
claim "what was imported goes by its name" goes_by_its_name
claim "an existing network is kept" keeps_what_exists
claim "info tells order, widths, mean, licence and checksums" informs
claim "a reader that leaves the list is no error" a_reader_may_leave
claim "strata itself links none of the importers' libraries" paints_without_these_libraries
claim "a crash while importing is a sentence" outlives_a_crash

# ---- fetch ------------------------------------------------------------------------------------

sum=$(sha256sum $files/keras2.h5 | cut -d' ' -f1)
networks=$tmp/data/strata

up() { # [FOLDER]: a fresh server
    [ -z "$server" ] || kill "$server"
    rm -f "$networks"/keras2* "$networks"/*.part "$tmp/port"
    "$serve" "${1:-$files}" >"$tmp/port" 2>"$tmp/asked" &
    server=$!
    until [ -s "$tmp/port" ]; do sleep 0.05; done
    url=http://127.0.0.1:$(cat "$tmp/port")
}

fetch() { # STATUS PATH OPTIONS...
    local wanted=$1 path=$2
    shift 2
    status "$wanted" "$strata" weights fetch "$url/$path" --sha256 "$sum" --as-is "$@"
}

arrived() {
    losses keras2 >"$tmp/b" && cmp "$tmp/a" "$tmp/b" && [ -z "$(find "$networks" -name '*.part')" ]
}

left_nothing() {
    [ ! -e "$networks/keras2.safetensors" ] && [ -z "$(find "$networks" -name '*.part')" ]
}

fetches() {
    up && fetch 0 keras2.h5 && arrived && says 'licence' && says "checksum +SHA-256 $sum" &&
        fetch 0 keras2.h5 && says 'there already' && [ "$(wc -l <"$tmp/asked")" -eq 1 ]
}

goes_on_after_a_cut() {
    up && fetch 1 once/30000/keras2.h5 && says 'what came is kept' &&
        [ "$(wc -c <"$networks/keras2.h5.part")" -eq 30000 ] &&
        fetch 0 keras2.h5 && arrived && grep -q '^/keras2.h5 from 30000$' "$tmp/asked"
}

goes_on_by_itself() {
    up && fetch 0 cut/20000/keras2.h5 && arrived &&
        grep -q '^/cut/20000/keras2.h5 from 60000$' "$tmp/asked"
}

starts_over_where_ranges_are_unknown() {
    up && mkdir -p "$networks" && head -c 30000 $files/keras2.h5 >"$networks/keras2.h5.part" &&
        fetch 0 whole/keras2.h5 && arrived
}

takes_a_whole_part_as_it_is() {
    up && mkdir -p "$networks" && cp $files/keras2.h5 "$networks/keras2.h5.part" &&
        fetch 0 keras2.h5 && arrived && [ "$(wc -l <"$tmp/asked")" -eq 1 ]
}

throws_a_foreign_part_away() {
    up && mkdir -p "$networks" && head -c 30000 /dev/zero >"$networks/keras2.h5.part" &&
        fetch 0 keras2.h5 && arrived
}

refuses_another_file() {
    up && sum=$(printf %064d 0) fetch 2 keras2.h5 && says 'its checksum is [0-9a-f]{64}, not 0000' &&
        left_nothing && [ "$(wc -l <"$tmp/err")" -eq 1 ]
}

refuses_another_size() {
    up && cp $files/keras2.h5 "$tmp/x.h5" &&
        status 2 "$strata" weights fetch vgg19-keras --mirror "$url/keras2.h5" &&
        says 'has 76448 bytes and vgg19_weights.*should have 80134624: not used' && left_nothing
}

explains_what_is_not_there() {
    up && fetch 1 gone.h5 && says 'the server answers 404, not found' &&
        status 1 "$strata" weights fetch vgg19 --mirror "$url/" &&
        says "strata weights import imagenet-vgg-verydeep-19.mat -o $networks/vgg19.safetensors" &&
        says 'licence +CC BY 4.0' && grep -q '^/imagenet-vgg-verydeep-19.mat' "$tmp/asked"
}

explains_that_there_is_no_network() {
    up && kill "$server" && wait "$server"
    server=
    fetch 1 keras2.h5 && says 'no network, or no such server' && left_nothing &&
        says "bring keras2.h5 here and run .strata weights import keras2.h5 -o $networks/keras2" &&
        [ "$(wc -l <"$tmp/err")" -eq 1 ]
}

gives_up_on_a_trickle() {
    up && status 1 timeout 20 "$strata" weights fetch "$url/slow/keras2.h5" --sha256 "$sum" --patience 2 &&
        says 'less than 1 kB a second for 2 seconds' && says 'what came is kept'
}

keeps_what_came_where_it_refuses_the_network() {
    mkdir -p "$tmp/served" && make_mute "$tmp/served/mute.safetensors" && up "$tmp/served" &&
        set -- weights fetch "$url/mute.safetensors" \
            --sha256 "$(sha256sum "$tmp/served/mute.safetensors" | cut -d' ' -f1)" &&
        status 2 "$strata" "$@" && says "^strata: a layer of .* says nothing to a picture" &&
        [ ! -e "$networks/mute.safetensors" ] && [ -s "$networks/mute.safetensors.part" ] &&
        status 0 "$strata" "$@" --as-is && [ -s "$networks/mute.safetensors" ] &&
        grep -q "^/mute.safetensors from $(stat -c %s "$tmp/served/mute.safetensors")$" "$tmp/asked"
}

claim "what came is kept where the network is refused, and --as-is takes it" \
    keeps_what_came_where_it_refuses_the_network
claim "a server that only trickles is given up" gives_up_on_a_trickle
claim "fetch downloads, checks and imports, once" fetches
claim "fetch goes on after a cut" goes_on_after_a_cut
claim "a connection that breaks is continued" goes_on_by_itself
claim "a server without ranges is asked for the whole" starts_over_where_ranges_are_unknown
claim "a part that is whole is not fetched again" takes_a_whole_part_as_it_is
claim "a part that does not belong is thrown away" throws_a_foreign_part_away
claim "another file than the one expected is refused" refuses_another_file
claim "another size is refused" refuses_another_size
claim "404 is explained, with what to do by hand" explains_what_is_not_there
claim "no network is explained, with what to do by hand" explains_that_there_is_no_network
verdict
