import { AppError, type FailureClass } from '../../core/errors.js';
import { readBody } from '../route/body.js';
import type { HttpDeps } from '../route/deps.js';
import { needKnownVendor } from '../route/knownVendor.js';
import { endpoint, type Handler } from '../route/route.js';
import { answers, refuses } from '../route/contract.js';
import { accountsReply, triedReply } from '../shapes/replySchemas.js';
import { tryAccountBody } from '../shapes/schemas.js';

export const listAccounts = endpoint(
  {
    summary: 'List accounts, and whether their clouds accept them',
    replies: { 200: answers('All accounts, without their keys.', accountsReply) },
  },
  listAccountsHandler,
);

/** Every account, and whether its cloud accepts it; never its keys. */
function listAccountsHandler({ accounts, redact }: Pick<HttpDeps, 'accounts' | 'redact'>): Handler {
  return (_request, response) => {
    const list = accounts.list().map(({ name, vendor, refused, away = null, lastSuccessAt, queued, notes = [] }) => {
      // One lost call is no fault of an account that answers.
      const fault = refused ?? (lastSuccessAt === null || away?.isLasting === true ? away : null);
      const state = stateOf(refused?.failureClass ?? (fault && 'retry'), lastSuccessAt);
      return {
        ...{ name, vendor, state, usable: state === 'usable', failure: failureOf(fault, redact), queued },
        notes: notes.map((note) => ({ ...note, message: redact(note.message) })),
      };
    });
    response.json({ success: true, accounts: list, total: list.length });
  };
}

export const tryAccount = endpoint(
  {
    summary: "Try an account's keys without storing them",
    body: { format: 'json', required: true, schema: tryAccountBody },
    replies: {
      200: answers('The cloud accepts the keys.', triedReply),
      502: refuses('The cloud refuses the keys; the error has its code and a cure.'),
    },
  },
  tryAccountHandler,
);

/** Logs in with keys that are not stored anywhere. The reply never repeats the keys. */
function tryAccountHandler({ accounts, clock, vendors }: Pick<HttpDeps, 'accounts' | 'clock' | 'vendors'>): Handler {
  return async (request, response) => {
    const { vendor, appKey, secret, baseUrl } = readBody(tryAccountBody, request);
    needKnownVendor(vendors, vendor);
    if (baseUrl !== undefined && !vendors.isApiUrlAllowed(baseUrl, vendor)) {
      throw new AppError('SOURCE_HOST_REFUSED', `The base URL is not an address of ${vendor}'s API.`, {
        cure: 'Leave it out to try all regions; your own host must be in CLOUD_EXTRA_HOSTS.',
      });
    }
    const check = await accounts.tryKeys({ vendor, appKey, secret, ...(baseUrl !== undefined && { baseUrl }) });
    const { cloudTime } = check;
    response.json({
      success: true,
      vendor,
      areaDomain: hostOf(check.areaDomain),
      cloudTime,
      clockOffsetMs: cloudTime === null ? null : cloudTime.getTime() - clock.now().getTime(),
    });
  };
}

function hostOf(domain: string): string {
  return URL.canParse(domain) ? new URL(domain).host : domain;
}

function failureOf(
  failure: { readonly code: string; readonly message: string; readonly cure: string } | null,
  redact: HttpDeps['redact'],
): { code: string; message: string; cure: string } | null {
  return failure && { code: failure.code, message: redact(failure.message), cure: redact(failure.cure) };
}

/**
 * `refused` is a fault that somebody must cure; a limit of the vendor or a passing fault ends by itself and means `waiting`. An
 * account that the cloud has not served since the start is not usable yet.
 */
function stateOf(
  failureClass: FailureClass | null,
  lastSuccessAt: Date | null | undefined,
): 'usable' | 'waiting' | 'refused' {
  if (failureClass === null) return lastSuccessAt === null ? 'waiting' : 'usable';
  return failureClass === 'retry' || failureClass === 'quota' ? 'waiting' : 'refused';
}
