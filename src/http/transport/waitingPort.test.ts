import { expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { send } from '../../../test/support/http/httpClient.js';
import { AppError, ERROR_CODES, type ErrorCode } from '../../core/errors.js';
import { WaitingPort } from './waitingPort.js';

it.each(['STORE_IN_USE', 'STORE_UNREACHABLE', 'DISK_FULL'] satisfies ErrorCode[])(
  'a store that cannot be opened for %s is told by that code and its status, on every address',
  async (code) => {
    const redact = (text: string): string => text.replace('hidden', '<redacted>');
    const waiting = new WaitingPort({ clock: new TurnedClock(), version: 'test', port: 0, host: '127.0.0.1', redact });
    onTestFinished(() => waiting.close());
    await waiting.tell(new AppError(code, 'It is hidden.', { cure: 'Stop the other one.' }));
    const error = { code, message: 'It is <redacted>.', cure: 'Stop the other one.' };
    const port = waiting.port ?? 0;
    const list = await send(port, 'GET', '/api/camera');
    expect([list.status, list.json]).toEqual([ERROR_CODES[code], { success: false, message: error.message, error }]);
    const ready = await send(port, 'GET', '/ready');
    expect([ready.status, ready.json]).toMatchObject([ERROR_CODES[code], { ready: false, error }]);
    expect((await send(port, 'GET', '/health')).status).toBe(200);
  },
);
