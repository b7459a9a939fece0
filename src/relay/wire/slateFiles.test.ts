import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { tempFolder } from '../../../test/support/relay/relayProcessRig.js';
import { packUnits, SlateFiles } from './slateFiles.js';

it('a stand-in picture that cannot be written is refused in words, and nothing of it takes room', () => {
  const folder = tempFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const slates = new SlateFiles(folder);
  slates.write('gate', packUnits([Buffer.from([0x65, 1])]));
  // A folder has the name of the file, so the write fails at its last step, the rename.
  mkdirSync(path.join(folder, 'slates', 'yard.slate', 'full'), { recursive: true });
  expect(() => slates.write('yard', packUnits([Buffer.from([0x65, 2])]))).toThrow(/yard\.slate could not be written/);
  expect(readdirSync(path.join(folder, 'slates')).sort()).toEqual(['gate.slate', 'yard.slate']);
  expect(slates.read('gate')).toEqual([Buffer.from([0x65, 1])]);
});

it.each(['gate', 'yard/gate', 'yard/'.repeat(40), '../up'])(
  'keep, give and lose the picture of a camera called %s',
  (id) => {
    const folder = tempFolder();
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const files = new SlateFiles(folder);
    files.remove(id);
    expect(files.read(id)).toEqual([]);
    files.write(id, packUnits([Buffer.from('one'), Buffer.from('two')]));
    expect(files.read(id).map(String)).toEqual(['one', 'two']);
    expect(readdirSync(folder)).toEqual(['slates']);
    files.remove(id);
    expect(readdirSync(path.join(folder, 'slates'))).toEqual([]);
  },
);
