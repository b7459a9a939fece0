import type { RelayCamera } from '../../core/streams/relay.js';

type Cap = RelayCamera['cap'];

/** One camera's place among the cameras of a group that may be pulled at once. */
export interface Place {
  /** False: the group is full; `onGiven` will be called. */
  readonly isGiven: boolean;
  /** Leaves the place, or the queue for it. May be called again. */
  leave(): void;
}

interface Waiting {
  readonly give: () => void;
}

interface Group {
  most: number;
  taken: number;
  readonly queue: Set<Waiting>;
}

/**
 * Limits how many cameras of each group are pulled at once, over all streams of this process. A camera needs one place for both of its
 * pulls: the second one (the next lease, or a candidate) is limited by `Candidates`. Places are given in the order of asking.
 */
export class Caps {
  readonly #groups = new Map<string, Group>();

  /** `onGiven`: called when a place that was not free at once is given. */
  ask(cap: Cap, onGiven: () => void): Place {
    if (cap === null) return { isGiven: true, leave: () => undefined };
    const group = this.#bound(cap);
    let isGiven = group.queue.size === 0 && group.taken < group.most;
    let isLeft = false;
    const waiting: Waiting = {
      give: () => {
        isGiven = true;
        onGiven();
      },
    };
    if (isGiven) group.taken += 1;
    else group.queue.add(waiting);
    return {
      get isGiven() {
        return isGiven;
      },
      leave: () => {
        if (isLeft) return;
        isLeft = true;
        if (isGiven) group.taken -= 1;
        else group.queue.delete(waiting);
        this.#serve(cap.group, group);
      },
    };
  }

  /** Takes over a changed limit of the group. A lower limit ends no pull that runs. */
  setCap(cap: Cap): void {
    if (cap !== null && this.#groups.has(cap.group)) this.#serve(cap.group, this.#bound(cap));
  }

  /** Whether another camera of the group waits for a place. */
  hasQueue(cap: Cap): boolean {
    return cap !== null && (this.#groups.get(cap.group)?.queue.size ?? 0) > 0;
  }

  #bound({ group: name, most }: NonNullable<Cap>): Group {
    const group = this.#groups.get(name) ?? { most, taken: 0, queue: new Set() };
    group.most = most;
    this.#groups.set(name, group);
    return group;
  }

  #serve(name: string, group: Group): void {
    for (const waiting of group.queue) {
      if (group.taken >= group.most) return;
      group.queue.delete(waiting);
      group.taken += 1;
      waiting.give();
    }
    const isEmpty = group.taken === 0 && group.queue.size === 0;
    if (isEmpty && this.#groups.get(name) === group) this.#groups.delete(name);
  }
}
