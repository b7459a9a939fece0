import type { ZodError } from 'zod';

type Issue = ZodError['issues'][number];

const SHOWN = 5;

/** What is wrong with a request, in sentences that name the fields and never repeat a value that was sent. */
export function sentencesOf(error: ZodError): string {
  const sentences = error.issues.slice(0, SHOWN).map(sentenceOf);
  const more = error.issues.length - SHOWN;
  return [...sentences, ...(more > 0 ? [`And ${more} more.`] : [])].join(' ');
}

function sentenceOf(issue: Issue): string {
  const field = issue.path.length === 0 ? null : `"${issue.path.map((part) => shown(String(part))).join('.')}"`;
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.slice(0, SHOWN).map((key) => `"${shown(key)}"`);
    return `Unknown field ${names.join(', ')} in ${field === null ? 'the request' : `field ${field}`}.`;
  }
  return `${field === null ? 'The request' : `Field ${field}`} ${complaintOf(issue)}.`;
}

/** The rest of the sentence after "Field x": zod's own texts ("Too small: expected number to be >=1") are not for people. */
function complaintOf(issue: Issue): string {
  if (issue.code === 'invalid_type') return `must be ${TYPES[issue.expected] ?? `of type ${issue.expected}`}`;
  if (issue.code === 'invalid_value')
    return `must be ${issue.values.map((value) => JSON.stringify(String(value))).join(' or ')}`;
  if (isOurs(issue.message)) return issue.message;
  return issue.code === 'too_small' || issue.code === 'too_big' ? boundOf(issue) : 'has the wrong form';
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

type Bound = Extract<Issue, { code: 'too_small' | 'too_big' }>;

function boundOf(issue: Bound): string {
  const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
  if (issue.origin === 'string') return `must have ${bound} characters`;
  if (issue.origin === 'array') return `must have ${bound} entries`;
  return `must be ${bound}`;
}

/** A schema's own message continues the sentence after the field's name; zod's messages begin with a capital. */
function isOurs(message: string): boolean {
  return /^[a-z]/.test(message);
}

/** A field's name as the client wrote it, shortened and without control characters. */
function shown(name: string): string {
  return name.slice(0, 60).replace(/\p{C}/gu, '?');
}
