/* image_jpeg_write.c: see image_codec.h. */
#include <turbojpeg.h>

#include "engine/base/mem.h"
#include "engine/image/image_codec.h"

enum { MOST_SIDE = 65500, QUALITY = 95 };

enum status image_jpeg_encode(unsigned char **out, size_t *size, const struct image *image,
                              const char *job, const char *path, struct diag *diag)
{
    (void)job;
    if (image->width > MOST_SIDE || image->height > MOST_SIDE)
        return diag_set(diag, STATUS_RANGE,
                        "%s would be %d×%d, and no side of a JPEG exceeds %d; write a .png", path,
                        image->width, image->height, MOST_SIDE);
    tjhandle handle = tjInitCompress();
    if (!handle)
        return diag_set(diag, STATUS_LIBRARY, "TurboJPEG does not start: %s", tjGetErrorStr2(NULL));
    unsigned char *bytes = NULL, *file = NULL;
    unsigned long capacity = tjBufSize(image->width, image->height, TJSAMP_444);
    enum status status = image_pack(&bytes, image, 3, diag);
    if (status == STATUS_OK)
        status = mem_big(&file, capacity, path, diag);
    if (status != STATUS_OK)
        goto done;
    if (tjCompress2(handle, bytes, image->width, 0, image->height, TJPF_RGB, &file, &capacity,
                    TJSAMP_444, QUALITY, TJFLAG_ACCURATEDCT | TJFLAG_NOREALLOC) != 0) {
        status = diag_set(diag, STATUS_LIBRARY, "cannot encode %s: %s", path,
                          tjGetErrorStr2(handle));
        goto done;
    }
    *out = file;
    *size = capacity;
    file = NULL;
done:
    tjDestroy(handle);
    mem_free(bytes);
    mem_free(file);
    return status;
}
