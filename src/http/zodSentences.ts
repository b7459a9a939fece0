import type { ZodError } from 'zod';

type Issue = ZodError['issues'][number];

const SHOWN = 5;

/** What is wrong with a request, as sentences that name the fields and never repeat what was sent. */
export function sentencesOf(error: ZodError): string {
  const sentences = error.issues.slice(0, SHOWN).map(sentenceOf);
  const more = error.issues.length - SHOWN;
  return [...sentences, ...(more > 0 ? [`And ${more} more.`] : [])].join(' ');
}

function sentenceOf(issue: Issue): string {
  const field =
    issue.path.length === 0 ? 'the request' : `"${issue.path.map((part) => shown(String(part))).join('.')}"`;
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.slice(0, SHOWN).map((key) => `"${shown(key)}"`);
    return `Unknown field ${names.join(', ')} in ${field === 'the request' ? field : `field ${field}`}.`;
  }
  if (issue.code === 'invalid_type') return `Field ${field} must be of type ${issue.expected}.`;
  if (issue.code === 'custom') return `Field ${field} ${issue.message}.`;
  return `Field ${field}: ${issue.message}.`;
}

/** A field's name as the client wrote it, cut and without control characters. */
function shown(name: string): string {
  return name.slice(0, 60).replace(/\p{C}/gu, '?');
}
