import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aCamera, aLeaseEvent, at, HOUR } from '../../../test/support/builders.js';
import { readEvents } from '../../../test/support/http/eventStreamClient.js';
import { send, serve } from '../../../test/support/http/httpClient.js';
import { fakeHouse, type FakeHouse } from '../../../test/support/http/httpDeps.js';
import { AppError } from '../../core/errors.js';
import type { LeaseEvent } from '../../core/handover/leaseEvents.js';
import { createHttpServer } from '../server.js';
import * as reply from '../shapes/replySchemas.js';
import { createEventFeed, MOST_STREAMS, MOST_STREAMS_OF_ONE } from './eventFeed.js';

const ID = '0123456789abcdef01234567';

/** `count` steps of the camera, an hour apart. */
function history(count: number, cameraId = ID): LeaseEvent[] {
  return Array.from({ length: count }, (_, index) =>
    aLeaseEvent({ cameraId, revision: index + 1, at: at(index * HOUR) }),
  );
}

function houseOf(...ids: string[]): FakeHouse {
  const house = fakeHouse();
  for (const id of [ID, ...ids]) house.stored.set(id, aCamera({ id }));
  return house;
}

const idsOf = (events: readonly { readonly id: string }[]): string[] => events.map(({ id }) => id);

describe("a camera's steps", () => {
  it('come newest first, page by page, without those of others', async () => {
    const house = houseOf();
    const steps = history(5);
    for (const step of steps) house.keptEvents.push(step, aLeaseEvent({ cameraId: 'other', revision: step.revision }));
    const client = await serve(house);
    const read: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const before = next === '' ? '' : `&before=${encodeURIComponent(next)}`;
      const page = reply.eventsReply.parse(
        (await client.send('GET', `/api/camera/${ID}/events?limit=2${before}`)).json,
      );
      read.push(...idsOf(page.events));
      next = page.next;
    }
    expect(read).toEqual(idsOf(steps).reverse());
  });

  it('tell moment, step, revision, reason and a sentence without secrets', async () => {
    const house = houseOf();
    const message = 'Refused rtmp://vtm.ezvizlife.com/live/planted?x=1 today.';
    const event = aLeaseEvent({ step: 'failed', revision: null, reason: 'EVZ20007', message });
    house.keptEvents.push(event);
    const client = await serve(house);
    const { events, next } = reply.eventsReply.parse((await client.send('GET', `/api/camera/${ID}/events`)).json);
    expect(events).toEqual([{ ...event, at: event.at.toISOString(), message: 'Refused rtmp://[hidden] today.' }]);
    expect(next).toBeNull();
  });
});

describe('the stream of steps', () => {
  it('sends each step as it happens, with its id, in a form that proxies pass on at once', async () => {
    const house = houseOf();
    const client = await serve(house);
    const reader = await readEvents(client.port, '/api/events');
    expect(reader.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const steps = history(3);
    steps.forEach((step) => house.tell(step));
    await reader.until(() => reader.events.length === 3);
    expect(reader.retryMs).toBe(3_000);
    expect(idsOf(reader.events)).toEqual(idsOf(steps));
    const shown = reply.eventReply.parse(JSON.parse(reader.events[0]?.data ?? ''));
    expect(shown).toMatchObject({ id: steps[0]?.id, cameraId: ID, step: 'promoted', revision: 1 });
    expect(reader.events[0]?.event).toBe('step');
    expect(house.eventReads).toBe(0);
  });

  it('never holds a secret, nor a line break that would begin another event', async () => {
    const house = houseOf();
    const client = await serve(house);
    const reader = await readEvents(client.port, '/api/events');
    const message = 'Refused rtmp://vtm.ezvizlife.com/live/planted?x=1\n\ndata: forged\n\n';
    house.tell(aLeaseEvent({ id: 'odd\n\ndata: forged\n\n', message }));
    house.tell(aLeaseEvent({ revision: 2 }));
    await reader.until(() => reader.events.length >= 2);
    expect(reader.events).toHaveLength(2);
    expect(JSON.stringify(reader.events)).not.toContain('planted');
  });

  it('sends only the steps of one camera when asked to', async () => {
    const house = houseOf('other');
    const client = await serve(house);
    const reader = await readEvents(client.port, '/api/events?camera=other');
    house.tell(aLeaseEvent({ revision: 1 }));
    house.tell(aLeaseEvent({ cameraId: 'other', revision: 2 }));
    await reader.until(() => reader.events.length > 0);
    expect(idsOf(reader.events)).toEqual([house.keptEvents[1]?.id]);
  });

  it.each([
    ['the header', '/api/events', true],
    ['the address', '/api/events?after=', false],
    ['the header before the address', `/api/events?after=${history(1)[0]?.id ?? ''}`, true],
  ])('first sends what was missed since the step that %s names', async (_name, path, byHeader) => {
    const house = houseOf();
    const steps = history(450);
    house.keptEvents.push(...steps);
    const client = await serve(house);
    const last = steps[9]?.id ?? '';
    const reader = byHeader
      ? await readEvents(client.port, path, { 'last-event-id': last })
      : await readEvents(client.port, path + last);
    await reader.until(() => reader.events.length === 440);
    house.tell(aLeaseEvent({ revision: 1_000 }));
    await reader.until(() => reader.events.length === 441);
    expect(idsOf(reader.events)).toEqual(idsOf(house.keptEvents).slice(10));
  });

  it.each(['before it is kept', 'after it was kept'])(
    'sends a step that happens during the replay once, in its place, when it is told %s',
    async (when) => {
      const house = houseOf();
      house.keptEvents.push(...history(210));
      const during = [aLeaseEvent({ revision: 1_001 }), aLeaseEvent({ revision: 1_002 })];
      const after = aLeaseEvent({ revision: 1_003 });
      let listener: (event: LeaseEvent, isOurs: boolean) => void = () => undefined;
      let reads = 0;
      const events = {
        ...house.events,
        onEvent: (given: typeof listener) => ((listener = given), () => undefined),
        eventsAfter: async (id: string, limit: number) => {
          reads += 1;
          // While the first page is read, two steps are stored, which a later page holds; `after` is only published live.
          if (reads === 1) {
            if (when === 'before it is kept') during.forEach((event) => listener(event, true));
            house.keptEvents.push(...during);
          }
          return house.events.eventsAfter(id, limit);
        },
      };
      const client = await serve({ ...house, events });
      const reader = await readEvents(client.port, '/api/events', { 'last-event-id': house.keptEvents[0]?.id ?? '' });
      await reader.until(() => reader.events.length >= 211);
      if (when === 'after it was kept') during.forEach((event) => listener(event, true));
      listener(after, true);
      await reader.until(() => reader.lastId === after.id);
      expect(idsOf(reader.events)).toEqual([...idsOf(house.keptEvents).slice(1), after.id]);
    },
  );

  it('sends live what was not kept in time for the replay', async () => {
    const house = houseOf();
    house.keptEvents.push(...history(2));
    const unkept = aLeaseEvent({ revision: 1_001 });
    let listener: (event: LeaseEvent, isOurs: boolean) => void = () => undefined;
    const events = {
      ...house.events,
      onEvent: (given: typeof listener) => ((listener = given), () => undefined),
      eventsAfter: async (id: string, limit: number) => {
        if (id === house.keptEvents[0]?.id) listener(unkept, true);
        return house.events.eventsAfter(id, limit);
      },
    };
    const client = await serve({ ...house, events });
    const reader = await readEvents(client.port, '/api/events', { 'last-event-id': house.keptEvents[0]?.id ?? '' });
    await reader.until(() => reader.events.length === 2);
    expect(idsOf(reader.events)).toEqual([house.keptEvents[1]?.id, unkept.id]);
  });

  it('sends whoever missed very much away in between; nothing is lost or read twice, even when all was of others', async () => {
    const house = houseOf('other');
    house.keptEvents.push(...history(12_000, 'other'), aLeaseEvent({ revision: 77 }));
    const client = await serve(house);
    const path = `/api/events?camera=${ID}`;
    const first = await readEvents(client.port, path, { 'last-event-id': house.keptEvents[0]?.id ?? '' });
    expect(await first.ended).toBe('ended');
    expect(first.events).toEqual([]);
    expect(first.lastId).toBe(house.keptEvents[10_000]?.id);
    const second = await readEvents(client.port, path, { 'last-event-id': first.lastId });
    await second.until(() => second.events.length === 1);
    expect(idsOf(second.events)).toEqual([house.keptEvents[12_000]?.id]);
  });

  it('ends when the store is away in the replay, so that the reader comes back and tries again', async () => {
    const house = houseOf();
    house.storeAway = new AppError('STORE_UNREACHABLE', 'The store does not answer.');
    const client = await serve(house);
    const reader = await readEvents(client.port, '/api/events', { 'last-event-id': 'x' });
    expect(await reader.ended).toBe('ended');
    expect(reader.response.statusCode).toBe(200);
  });

  it('is kept alive by a comment every 15 s', async () => {
    const house = houseOf();
    const client = await serve(house);
    const reader = await readEvents(client.port, '/api/events');
    await house.clock.advance(14_999);
    house.tell(aLeaseEvent());
    await reader.until(() => reader.events.length === 1);
    expect(reader.comments).toEqual([]);
    await house.clock.advance(1);
    await reader.until(() => reader.comments.length === 1);
    await house.clock.advance(15_000);
    await reader.until(() => reader.comments.length === 2);
  });

  it('cuts a reader who does not read, and nobody else', async () => {
    const house = houseOf();
    const client = await serve(house);
    const slow = await readEvents(client.port, '/api/events');
    slow.response.pause();
    slow.request.socket?.pause();
    const quick = await readEvents(client.port, '/api/events');
    const message = 'x'.repeat(10_000);
    let told = 0;
    const openStreams = async (): Promise<string> => (await client.send('GET', '/metrics')).text;
    // The operating system's buffers take some megabytes before ours begin to fill.
    while (told < 5_000 && (await openStreams()).includes('camlease_event_streams 2\n')) {
      for (let burst = 0; burst < 50; burst++) house.tell(aLeaseEvent({ revision: ++told, message }));
      await quick.until(() => quick.events.length === told);
    }
    expect(told).toBeLessThan(5_000);
    expect(await openStreams()).toContain('camlease_event_streams 1\n');
    slow.request.socket?.resume();
    slow.response.resume();
    expect(await slow.ended).toBe('cut');
    // The reader returns and gets all the rest, in order.
    const back = await readEvents(client.port, '/api/events', { 'last-event-id': slow.lastId });
    await back.until(() => back.lastId === house.keptEvents.at(-1)?.id);
    expect(idsOf([...slow.events, ...back.events])).toEqual(idsOf(house.keptEvents));
  });

  it('is not opened a hundred and first time', async () => {
    const house = houseOf();
    const client = await serve(house);
    const readers = await Promise.all(
      Array.from({ length: MOST_STREAMS }, () => readEvents(client.port, '/api/events')),
    );
    const full = await client.send('GET', '/api/events');
    expect(full.status).toBe(503);
    expect(full.headers['retry-after']).toBe('30');
    expect(reply.errorReply.parse(full.json).error).toMatchObject({ code: 'EVENT_STREAMS_FULL' });
    readers[0]?.request.destroy();
    const isRoom = async (): Promise<boolean> =>
      (await client.send('GET', '/metrics')).text.includes(`camlease_event_streams ${MOST_STREAMS - 1}\n`);
    while (!(await isRoom())) await new Promise((resolve) => setImmediate(resolve));
    expect((await readEvents(client.port, '/api/events')).response.statusCode).toBe(200);
  });

  it('is refused to a foreign Host, and a HEAD is answered at once', async () => {
    const house = houseOf();
    const client = await serve(house);
    const foreign = await client.send('GET', '/api/events', { headers: { host: 'evil.test' } });
    expect(foreign.status).toBe(403);
    expect((await client.send('HEAD', '/api/events')).headers['content-type']).toContain('text/event-stream');
  });

  it('ends at once when camlease is stopped, and no new one begins', async () => {
    const house = houseOf();
    house.keptEvents.push(...history(2));
    const server = createHttpServer(house);
    const { port } = await server.listen(0, '127.0.0.1');
    const live = await readEvents(port, '/api/events');
    const replaying = await readEvents(port, '/api/events', { 'last-event-id': house.keptEvents[0]?.id ?? '' });
    // This house's clock stands still: a wait for the grace period would never end.
    await server.close();
    expect(await Promise.all([live.ended, replaying.ended])).toEqual(['ended', 'ended']);
    await expect(send(port, 'GET', '/api/events')).rejects.toThrow();
  });

  it('is not counted any more once its reader left', async () => {
    const house = houseOf();
    const server = createHttpServer(house);
    const { port } = await server.listen(0, '127.0.0.1');
    onTestFinished(() => server.close());
    const reader = await readEvents(port, '/api/events');
    const closed = once(reader.response, 'close');
    reader.response.destroy();
    await closed;
    const isGone = async (): Promise<boolean> =>
      (await send(port, 'GET', '/metrics')).text.includes('camlease_event_streams 0\n');
    while (!(await isGone())) await new Promise((resolve) => setImmediate(resolve));
    house.tell(aLeaseEvent());
    expect((await send(port, 'GET', '/metrics')).text).toContain('camlease_lease_steps_total{step="promoted"} 1\n');
  });
});

describe('how many streams one client may have', () => {
  /** As Node makes it for a request from this address. */
  const responseTo = (remoteAddress: string): ServerResponse => {
    const socket = Object.assign(new PassThrough(), { remoteAddress }) as unknown as Socket;
    const response = new ServerResponse(new IncomingMessage(socket));
    response.assignSocket(socket);
    return response;
  };
  const wish = { cameraId: null, afterId: null };

  it('is ten for another machine, and as many as there are for a proxy on this one', () => {
    const feed = createEventFeed(houseOf());
    onTestFinished(() => feed.close());
    const one = Array.from({ length: MOST_STREAMS_OF_ONE }, () => responseTo('192.0.2.7'));
    for (const response of one) feed.open(response, wish);
    expect(() => feed.open(responseTo('192.0.2.7'), wish)).toThrow('10 event streams are already open by this client');
    feed.open(responseTo('192.0.2.8'), wish);
    one[0]?.emit('close');
    feed.open(responseTo('192.0.2.7'), wish);
    while (feed.openStreams() < MOST_STREAMS) feed.open(responseTo('::ffff:127.0.0.1'), wish);
    expect(() => feed.open(responseTo('127.0.0.1'), wish)).toThrow('100 event streams are already open');
  });
});
