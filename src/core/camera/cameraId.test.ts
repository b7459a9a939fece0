import { describe, expect, it } from 'vitest';
import { cameraId } from './cameraId.js';
import { CAMERA_NAMED, isCameraId } from './cameraIdForm.js';

describe("a camera's id", () => {
  it.each(['0123456789abcdef01234567', 'front-door', '-1', 'a_b', 'x'.repeat(64), cameraId('ezviz', 'C1', 1)])(
    'may be %s',
    (id) => {
      expect([isCameraId(id), CAMERA_NAMED.test(id)]).toEqual([true, true]);
    },
  );

  it.each(['', 'a/b', 'a.b', 'a b', 'ä', 'x'.repeat(65), 'a\n'])('is never %j, nor does a request name it', (id) => {
    expect([isCameraId(id), CAMERA_NAMED.test(id)]).toEqual([false, false]);
  });

  it('has no _ at the start, but a request may name a left-out document that has', () => {
    expect([isCameraId('_lease'), CAMERA_NAMED.test('_lease')]).toEqual([false, true]);
  });
});
