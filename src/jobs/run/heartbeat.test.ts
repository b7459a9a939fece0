import { expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { AppError } from '../../core/errors.js';
import { createLog } from '../../observe/logger.js';
import { createRedactor } from '../../observe/redact.js';
import { startHeartbeat, type StoreAnswer } from './heartbeat.js';

it('a store that answers and takes no write is said to refuse, once and with its cure, and never to be away', async () => {
  const clock = new TurnedClock();
  const lines: string[] = [];
  const log = createLog({
    level: 'info',
    redactor: createRedactor(),
    readable: false,
    write: (line) => lines.push(line),
  });
  const answers: StoreAnswer[] = [];
  const cure = 'Give it the role readWrite.';
  let fault: Error | null = new AppError('STORE_REFUSED', 'The user may not update.', { cure });
  const store = { heartbeat: () => (fault ? Promise.reject(fault) : Promise.resolve()) };
  onTestFinished(startHeartbeat({ clock, log, owner: 'owner-1', store }, (answer) => answers.push(answer)));
  await clock.advance(10_000);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('refuses writes');
  expect(lines[0]).toContain(cure);
  expect(lines[0]).not.toContain('does not answer');
  expect(answers.at(-1)).toMatchObject({ isThere: true, refusal: { code: 'STORE_REFUSED', cure }, at: clock.now() });
  fault = new AppError('STORE_UNREACHABLE', 'Nobody is there.');
  await clock.advance(2_000);
  expect(lines[1]).toContain('does not answer');
  expect(answers.at(-1)).toMatchObject({ isThere: false, refusal: null });
  fault = null;
  await clock.advance(2_000);
  expect(lines[2]).toContain('accepts writes again');
  expect(answers.at(-1)).toMatchObject({ isThere: true, refusal: null });
});
