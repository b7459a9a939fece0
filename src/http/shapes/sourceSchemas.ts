import { z } from 'zod';
import { SOUND_SETTINGS } from '../../core/camera/camera.js';
import { LONGEST_SOURCE_URL } from '../../core/camera/sourceUrl.js';

export const sound = z.enum(SOUND_SETTINGS).meta({
  description: '`off`: viewers get the picture alone.',
});

export const keep = z.boolean().meta({
  description:
    'True: a source that does not open is stored all the same, with the fault as the `failure` of the camera. False, the default: it answers 422.',
});

const user = z.string().max(1_000).nullish().meta({
  description: 'The user, as it is, not percent-encoded; null: the camera asks for none. No reply shows it.',
});
const password = z.string().max(1_000).nullish().meta({
  description: 'The password, as it is, not percent-encoded. No reply shows it.',
  writeOnly: true,
});
/** Longer than any address, so that a longer one is refused by the sentence of the reader. */
const url = z.string().max(2 * LONGEST_SOURCE_URL, `must have at most ${LONGEST_SOURCE_URL} characters`);

export const newSourceBody = z
  .strictObject({
    kind: z.literal('url').optional(),
    url: url.meta({
      description:
        'The address of the camera: rtsp, rtsps, rtmp, rtmps, http, https or srt. A login inside is read as it is typed, and percent-decoded if the camera refuses that; better give `user` and `password`.',
      example: 'rtsp://192.168.1.64/Streaming/Channels/101',
    }),
    user: user.optional(),
    password: password.optional(),
  })
  .meta({ id: 'NewSource' });

export const changeSourceBody = z
  .strictObject({
    kind: z.literal('url').optional(),
    url: url
      .optional()
      .meta({ description: 'A new address. The masked address that a reply showed means the stored one.' }),
    user: user.optional(),
    password: password.optional(),
    login: z
      .null()
      .optional()
      .meta({ description: 'null: the camera asks for no login. Needed to change the address under a hidden login.' }),
    revision: z.int().optional().meta({ description: 'Ignored: replies show it.' }),
    tracks: z.unknown().optional().meta({ description: 'Ignored: replies show it.' }),
    openedAt: z.unknown().optional().meta({ description: 'Ignored: replies show it.' }),
  })
  .meta({ id: 'SourceChange', description: 'What is left out or comes back masked (`***`) stays as it is.' });
