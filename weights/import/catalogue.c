/* catalogue.c: see catalogue.h. */
#include "weights/import/catalogue.h"

#include <stdio.h>
#include <string.h>

#define VGG "Simonyan and Zisserman, robots.ox.ac.uk/~vgg/research/very_deep"
#define CC_BY "CC BY 4.0"

static const struct catalogue_entry entries[] = {
    {.name = "vgg19",
     .title = "VGG-19 of the paper, as anishathalye/neural-style uses it",
     .source = VGG ", by MatConvNet",
     .licence = CC_BY,
     .file = "imagenet-vgg-verydeep-19.mat",
     .about = 575,
     .sha256 = "abdb57167f82a2a1fbab1e1c16ad9373411883f262a1a37ee5db2e6fb0044695",
     .md5 = "",
     .mirrors = {"https://www.vlfeat.org/matconvnet/models/imagenet-vgg-verydeep-19.mat",
                 "http://www.vlfeat.org/matconvnet/models/imagenet-vgg-verydeep-19.mat"}},
    {.name = "vgg19-keras",
     .title = "the same weights in Keras's file, without the layers strata drops: seven times less",
     .source = VGG ", by Keras",
     .licence = CC_BY,
     .file = "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
     .size = 80134624,
     .sha256 = "",
     .md5 = "253f8cb515780f3b799900260a226db6",
     .mirrors = {"https://storage.googleapis.com/tensorflow/keras-applications/vgg19/"
                 "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
                 "https://github.com/fchollet/deep-learning-models/releases/download/v0.1/"
                 "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"}},
    {.name = "vgg19-beta16",
     .title = "the same weights in MatConvNet's older layout",
     .source = VGG ", by MatConvNet beta16",
     .licence = CC_BY,
     .file = "imagenet-vgg-verydeep-19.mat",
     .about = 535,
     .sha256 = "",
     .md5 = "8ee3263992981a1d26e73b3ca028a123",
     .mirrors = {"https://www.vlfeat.org/matconvnet/models/beta16/imagenet-vgg-verydeep-19.mat"}},
    {.name = "vgg19-torchvision",
     .title = "another VGG-19, trained anew by torchvision",
     .source = "torchvision, pytorch.org",
     .licence = "BSD-3-Clause",
     .file = "vgg19-dcbb9e9d.pth",
     .size = 574673361,
     .sha256 = "dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
     .md5 = "",
     .mirrors = {"https://download.pytorch.org/models/vgg19-dcbb9e9d.pth"}},
    {.name = "vgg19-caffe",
     .title = "VGG-19 of the paper, as a PyTorch file of jcjohnson's",
     .source = VGG ", by jcjohnson/pytorch-vgg",
     .licence = CC_BY,
     .file = "vgg19-d01eb7cb.pth",
     .about = 575,
     .sha256 = "d01eb7cb",
     .md5 = "",
     .caffe = true,
     .mirrors = {"https://web.eecs.umich.edu/~justincj/models/vgg19-d01eb7cb.pth"}},
    {.name = "vgg19-se16x",
     .title = "VGG-19 distilled to a quarter of its widths (CVPR 2020)",
     .source = "github.com/MingSun-Tse/Collaborative-Distillation, wct_se_16x_new/5SE",
     .licence = "MIT",
     .file = "20191109-211322_E20.pth",
     .size = 3862288,
     .sha256 = "9417c34d0d8d621bc6af78be745f1b8d30f5f210efa01e50655c60eb3770816b",
     .md5 = "",
     .mirrors = {"https://raw.githubusercontent.com/MingSun-Tse/Collaborative-Distillation/"
                 "75c1b81c1dbea11c96d3fb04e96f207dee16dcbb/trained_models/wct_se_16x_new/"
                 "20191109-211322_E20.pth"}},
};

enum { COUNT = sizeof entries / sizeof *entries };

const struct catalogue_entry *catalogue_list(size_t *count)
{
    *count = COUNT;
    return entries;
}

const struct catalogue_entry *catalogue_find(const char *name)
{
    for (int i = 0; i < COUNT; i++)
        if (strcmp(entries[i].name, name) == 0)
            return &entries[i];
    return NULL;
}

static bool matches(const struct catalogue_entry *e, const struct digest *digest)
{
    if (*e->sha256)
        return strncmp(digest->sha256, e->sha256, strlen(e->sha256)) == 0;
    return strcmp(digest->md5, e->md5) == 0;
}

const struct catalogue_entry *catalogue_match(const struct digest *digest)
{
    for (int i = 0; i < COUNT; i++)
        if (matches(&entries[i], digest))
            return &entries[i];
    return NULL;
}

enum status catalogue_check(const struct catalogue_entry *entry, const struct digest *digest,
                            const char *from, struct diag *diag)
{
    if (entry->size && digest->size != entry->size)
        return diag_set(diag, STATUS_INPUT, "%s has %zu bytes and %s should have %zu: not used",
                        from, digest->size, entry->file, entry->size);
    if (!matches(entry, digest))
        return diag_set(diag, STATUS_INPUT,
                        "%s is not the %s it should be: its checksum is %s, not %s; not used", from,
                        entry->file, *entry->sha256 ? digest->sha256 : digest->md5,
                        *entry->sha256 ? entry->sha256 : entry->md5);
    return STATUS_OK;
}

void catalogue_describe(char *out, size_t size, const struct catalogue_entry *entry)
{
    if (!*entry->sha256)
        snprintf(out, size, "MD5 %s (a weak check: no SHA-256 is published)", entry->md5);
    else if (strlen(entry->sha256) == 64)
        snprintf(out, size, "SHA-256 %s", entry->sha256);
    else
        snprintf(out, size, "SHA-256 %s... (a weak check: no more digits are published)",
                 entry->sha256);
}
