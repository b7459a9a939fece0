import type { Request, Response } from 'express';
import type { Camera } from '../../core/camera/camera.js';
import { AppError } from '../../core/errors.js';
import { cameraOf, changedImage, type CameraDeps } from '../cameras/camera.js';
import { cameraOfImage } from '../route/cameraImage.js';
import { answers, answersBytes, cameraErrors, cameraParams } from '../route/contract.js';
import type { HttpDeps } from '../route/deps.js';
import { mediaFileOf } from '../route/ids.js';
import { leftSignal } from '../route/leftSignal.js';
import { endpoint, type Handler } from '../route/route.js';
import { oneCameraReply } from '../shapes/replySchemas.js';
import { imageParams } from '../shapes/schemas.js';

/** A new picture has a new address, so that browsers need not ask again. */
const NAMED_SECONDS = 3600;

export const getImage = endpoint(
  {
    summary: 'The picture that was uploaded for a camera',
    params: cameraParams,
    replies: {
      200: answersBytes('image/jpeg', 'The picture.'),
      304: { description: 'The picture is not newer than If-Modified-Since.' },
      ...cameraErrors,
    },
  },
  getImageHandler,
);

function getImageHandler(deps: HttpDeps): Handler {
  return (request, response) => sendImage(deps, cameraOf(deps, request), request, response, 'private, no-cache');
}

export const imageFile = endpoint(
  {
    summary: 'The picture that was uploaded for a camera, at the address that its `image` names',
    params: imageParams,
    replies: {
      200: answersBytes('image/jpeg', 'The picture.'),
      304: { description: 'The picture is not newer than If-Modified-Since.' },
    },
  },
  imageFileHandler,
);

function imageFileHandler(deps: HttpDeps): Handler {
  return async (request, response) => {
    const file = mediaFileOf(request);
    const camera = deps.cameras.peek(cameraOfImage(file) ?? '');
    if (!camera || camera.about.image !== `/images/${file}`) throw noImage();
    await sendImage(deps, camera, request, response, `private, max-age=${NAMED_SECONDS}`);
  };
}

async function sendImage(
  { pictures }: Pick<HttpDeps, 'pictures'>,
  { id, about }: Camera,
  request: Request,
  response: Response,
  caching: string,
): Promise<void> {
  const image = about.image === null ? null : await pictures.getImage(id);
  if (image === null) throw noImage();
  response.set({
    'Last-Modified': image.takenAt.toUTCString(),
    'Cache-Control': caching,
    // Pages of other sites may embed the picture.
    'Cross-Origin-Resource-Policy': 'cross-origin',
  });
  if (request.fresh) response.status(304).end();
  else response.type('image/jpeg').send(image.jpeg);
}

export const putImage = endpoint(
  {
    summary: 'Upload a picture for a camera',
    description:
      'The body is the picture itself: JPEG, PNG or WebP, at most 2 MB. camlease keeps a JPEG of at most 1280 x 1280 pixels of it, without metadata.',
    params: cameraParams,
    body: { format: 'picture', required: true },
    replies: { 200: answers('The camera; `image` is the address of the picture.', oneCameraReply), ...cameraErrors },
  },
  putImageHandler,
);

function putImageHandler(deps: CameraDeps): Handler {
  return async (request, response) => {
    cameraOf(deps, request);
    const file: unknown = request.body;
    if (!Buffer.isBuffer(file)) {
      throw new AppError('REQUEST_INVALID', 'The body of this request is not declared as a picture.', {
        cure: 'Send the file itself with the header Content-Type: image/jpeg, image/png or image/webp.',
      });
    }
    const image = await deps.images.toJpeg(file, leftSignal(response));
    response.json(await changedImage(deps, request, image));
  };
}

export const removeImage = endpoint(
  {
    summary: 'Delete the picture that was uploaded for a camera',
    params: cameraParams,
    replies: { 200: answers('The camera, without a picture of it.', oneCameraReply), ...cameraErrors },
  },
  removeImageHandler,
);

function removeImageHandler(deps: CameraDeps): Handler {
  return async (request, response) => {
    cameraOf(deps, request);
    response.json(await changedImage(deps, request, null));
  };
}

function noImage(): AppError {
  return new AppError('PICTURE_NOT_FOUND', 'There is no uploaded picture at this address.', {
    cure: 'The field `image` of a camera is the address of its picture; PUT /api/camera/:id/image uploads one.',
  });
}
