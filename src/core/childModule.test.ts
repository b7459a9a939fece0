import { describe, expect, it } from 'vitest';
import { childModuleUrl } from './childModule.js';

describe('childModuleUrl', () => {
  it.each([
    ['file:///srv/camlease/src/media/mediaProcess.ts', 'file:///srv/camlease/dist/src/media/mediaChild.js'],
    ['file:///srv/camlease/simulator/origin/origin.ts', 'file:///srv/camlease/dist/simulator/origin/mediaChild.js'],
    [
      'file:///home/me/src/camlease/src/media/mediaProcess.ts',
      'file:///home/me/src/camlease/dist/src/media/mediaChild.js',
    ],
    ['file:///C:/my%20code/src/media/mediaProcess.ts', 'file:///C:/my%20code/dist/src/media/mediaChild.js'],
  ])('a parent running from its source %s starts the compiled child', (parent, child) => {
    expect(childModuleUrl(parent, 'mediaChild.js').href).toBe(child);
  });

  it('a compiled parent starts its neighbour', () => {
    const parent = 'file:///srv/camlease/dist/src/media/mediaProcess.js';
    expect(childModuleUrl(parent, 'mediaChild.js').href).toBe('file:///srv/camlease/dist/src/media/mediaChild.js');
  });
});
