/* job_print.c: see job.h. A job as the text of its file. */
#include "engine/job/job_private.h"

char *job_print(const struct job *job, const char *folder)
{
    size_t count;
    const struct job_key *keys = job_keys(&count);
    struct text_buffer out = {0};
    text_buffer_add(&out, "[job]\n");
    if (job->painted[0])
        text_buffer_add(&out, "; painted %s\n", job->painted);
    for (size_t i = 0; i < count; i++)
        job_put_value(&out, job, &keys[i], folder);
    if (job->blend_count > 0)
        job_put_blend(&out, job, folder);
    for (int i = 0; i < STYLE_LAYER_COUNT; i++) {
        text_buffer_add(&out, "\n[channel %s]\n", layer_name(layer_style[i]));
        for (int key = 0; key < JOB_CHANNEL_KEYS; key++)
            job_put_channel(&out, &job->channel[i], (enum job_channel_key)key, folder);
    }
    job_put_edits(&out, job, folder);
    return out.text;
}
