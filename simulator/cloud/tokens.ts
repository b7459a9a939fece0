import type { Clock } from '../../src/core/clock.js';
import type { SimulatedAccount } from '../fleet.js';
import { fingerprint } from './fingerprint.js';

/** `teams`: the token for the EZVIZ platform that hccgw gives out; valid for some EZVIZ calls only. */
export type TokenKind = 'hccgw' | 'ezviz' | 'teams' | 'acme';

interface Token {
  readonly account: SimulatedAccount;
  readonly kind: TokenKind;
  readonly generation: number;
  readonly expiresAtMs: number;
}

export interface TokenState {
  /** null: this token was never given out. */
  readonly account: SimulatedAccount | null;
  readonly kind: TokenKind | null;
  readonly alive: boolean;
}

/** Gives out access tokens and knows which ones are dead. Several tokens of one account may be valid at once. */
export class TokenDesk {
  readonly #clock: Clock;
  readonly #seed: string;
  readonly #tokens = new Map<string, Token>();
  #given = 0;

  constructor(clock: Clock, seed: string) {
    this.#clock = clock;
    this.#seed = seed;
  }

  give(account: SimulatedAccount, kind: TokenKind): { token: string; expiresAt: Date } {
    if (account.faults.has('one-token')) account.tokenGeneration++;
    const expiresAtMs = this.#clock.now().getTime() + account.tokenLifeSeconds * 1000;
    const token = `${kind === 'hccgw' ? 'hcc' : 'at'}.${fingerprint(32, this.#seed, 'token', ++this.#given)}`;
    this.#tokens.set(token, { account, kind, generation: account.tokenGeneration, expiresAtMs });
    return { token, expiresAt: new Date(expiresAtMs) };
  }

  check(text: string): TokenState {
    const token = this.#tokens.get(text);
    if (!token) return { account: null, kind: null, alive: false };
    const { account, kind } = token;
    const alive =
      token.generation === account.tokenGeneration &&
      token.expiresAtMs > this.#clock.now().getTime() &&
      !account.faults.has('token-rejected');
    return { account, kind, alive };
  }
}
