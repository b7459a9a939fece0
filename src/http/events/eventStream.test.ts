import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { aLeaseEvent } from '../../../test/support/builders.js';
import { EventStream } from './eventStream.js';

/** The response of a reader that takes nothing: it has no connection to write to. */
function nobodyReads(): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()));
}

describe('a reader who takes nothing', () => {
  it('is cut at the second beat that finds him behind, however little he has to read', () => {
    const response = nobodyReads();
    const stream = new EventStream(response, null);
    stream.tell(aLeaseEvent(), 'x'.repeat(100_000));
    stream.beat();
    expect(response.destroyed).toBe(false);
    stream.beat();
    expect(response.destroyed).toBe(true);
    expect(stream.isOver).toBe(true);
  });

  it('is not cut while he keeps up', () => {
    const response = nobodyReads();
    const stream = new EventStream(response, null);
    for (let beat = 0; beat < 20; beat++) stream.beat();
    expect(response.destroyed).toBe(false);
  });

  it('is cut when too much waits for the replay to end', async () => {
    const response = nobodyReads();
    const stream = new EventStream(response, null);
    let answer: (events: []) => void = () => undefined;
    const replay = stream.replay(
      'x',
      () => new Promise((resolve) => (answer = resolve)),
      ({ id }) => id,
    );
    for (let revision = 1; revision <= 5_000; revision++) stream.tell(aLeaseEvent({ revision }), 'x');
    expect(response.destroyed).toBe(false);
    stream.tell(aLeaseEvent({ revision: 5_001 }), 'x');
    expect(response.destroyed).toBe(true);
    answer([]);
    await replay;
  });
});
