import type { Clock } from '../../core/clock.js';
import { inWords, unreachable } from './clientErrors.js';
import { ControlClient, ControlError, type Ask } from './controlClient.js';
import type { RelayHost } from './relayHost.js';

/** Reaches the control port of a relay at the address that its host names now; a relay that was started again may have another one. */
export class ControlReach {
  readonly #host: Pick<RelayHost, 'find' | 'cure'>;
  readonly #clock: Clock;
  readonly #connections: number | undefined;
  #control: { readonly key: string; readonly client: ControlClient } | null = null;

  /** `connections`: how many requests are sent at once. */
  constructor(host: Pick<RelayHost, 'find' | 'cure'>, clock: Clock, connections?: number) {
    this.#host = host;
    this.#clock = clock;
    this.#connections = connections;
  }

  /** Rejects with an `AppError` that has a cure: RELAY_FENCED, RELAY_BUSY, DISK_FULL, else RELAY_UNREACHABLE. */
  async ask<T>(asked: Ask<T>): Promise<T> {
    const control = this.#find();
    if (control === null)
      throw unreachable('The relay has not been started, or its secret is not known.', this.#host.cure);
    try {
      return await control.ask(asked);
    } catch (thrown) {
      throw thrown instanceof ControlError ? inWords(thrown, this.#host.cure) : thrown;
    }
  }

  close(): void {
    this.#control?.client.close();
  }

  #find(): ControlClient | null {
    const address = this.#host.find();
    if (address === null) return null;
    const key = `${address.url} ${address.secret}`;
    if (this.#control?.key === key) return this.#control.client;
    this.#control?.client.close();
    const client = new ControlClient(address, this.#clock, this.#connections);
    this.#control = { key, client };
    return client;
  }
}
