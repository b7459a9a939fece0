import { z } from 'zod';

const cameras = z.object({
  cameras: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      lease: z.object({ revision: z.number(), expiresAt: z.coerce.date(), proof: z.string() }).nullable(),
      candidate: z.object({ revision: z.number() }).nullable(),
      failure: z.object({ code: z.string(), message: z.string() }).nullable(),
    }),
  ),
});
type SeenCamera = z.infer<typeof cameras>['cameras'][number];

/** Prints to the terminal what happens to the leases, read from camlease's API: one line for each change. */
export class Narrator {
  readonly #url: string;
  readonly #say: (line: string) => void;
  readonly #seen = new Map<string, SeenCamera>();
  #renewals = 0;

  constructor(url: string, say: (line: string) => void) {
    this.#url = url;
    this.#say = say;
  }

  async look(): Promise<void> {
    const reply = await fetch(`${this.#url}/api/camera`).catch(() => null);
    if (!reply?.ok) return;
    for (const camera of cameras.parse(await reply.json()).cameras) {
      const line = this.#change(this.#seen.get(camera.id), camera);
      if (line !== null) this.#say(`${new Date().toTimeString().slice(0, 8)}  ${camera.name.padEnd(12)} ${line}`);
      this.#seen.set(camera.id, camera);
    }
  }

  #change(before: SeenCamera | undefined, { lease, candidate, failure }: SeenCamera): string | null {
    if (lease && lease.revision !== before?.lease?.revision) {
      const until = lease.expiresAt.toTimeString().slice(0, 8);
      if (!before?.lease) return `leased until ${until}`;
      this.#renewals += 1;
      return `renewed: lease ${lease.revision}, until ${until} (renewal ${this.#renewals} of this demo; the addresses for viewers stay the same)`;
    }
    if (candidate && candidate.revision !== before?.candidate?.revision)
      return `new live URL obtained; camlease checks its picture`;
    if (failure && failure.code !== before?.failure?.code) return `${failure.code}: ${failure.message}`;
    if (lease?.proof === 'proven' && before?.lease?.proof === 'pending') return 'picture seen: on air';
    return null;
  }
}
