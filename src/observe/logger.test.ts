import { describe, expect, it } from 'vitest';
import { createLog } from './logger.js';
import { createRedactor } from './redact.js';

function logged(
  readable: boolean,
  act: (log: ReturnType<typeof createLog>, register: (secret: string) => void) => void,
): string {
  let text = '';
  const redactor = createRedactor();
  act(createLog({ level: 'debug', redactor, readable, write: (line) => (text += line) }), (secret) =>
    redactor.register(secret),
  );
  return text;
}

const LIVE = 'rtmp://vtm.ezvizlife.com:1935/v3/openlive/J1_1_1?expire=1733720797&id=7&t=abcdef';

describe('the log', () => {
  it('masks live URLs, signed pictures, logins and tokens wherever they stand in a line', () => {
    const text = logged(false, (log) => {
      log.warn(`could not pull ${LIVE}`, {
        picture: 'https://store.example.com/a.jpeg?X-Amz-Expires=900&X-Amz-Signature=feedbeef',
        database: 'mongodb://operator:hunter2@db.example.com/camlease',
        header: 'hcc.0123456789abcdef0123456789abcdef',
        nested: { deep: [LIVE] },
      });
    });
    for (const secret of ['expire=', 'abcdef', 'feedbeef', 'hunter2', 'hcc.0123']) expect(text).not.toContain(secret);
    expect(text).toContain('could not pull rtmp://[hidden]');
    expect(text).toContain('mongodb://[hidden]@db.example.com/camlease');
  });

  it('masks what was registered, in the stack of an error too', () => {
    const text = logged(false, (log, register) => {
      register('s3cr3t-key');
      log.error('the call failed', {
        error: new Error('login with s3cr3t-key', { cause: new Error('s3cr3t-key again') }),
      });
    });
    expect(text).not.toContain('s3cr3t-key');
    expect(text).toContain('login with [hidden]');
  });

  it('never writes the other properties of an error', () => {
    const error = Object.assign(new Error('refused'), { config: { headers: { Token: 'plain-token-value' } } });
    expect(logged(false, (log) => log.error('no', { error }))).not.toContain('plain-token-value');
  });

  it('is one readable line for a person', () => {
    const text = logged(true, (log) => log.child({ job: 'renew' }).info('renewed', { cameras: 9 }));
    expect(text).toMatch(/^\d\d:\d\d:\d\d info {2}renewed job=renew cameras=9\n$/);
  });
});
