import { heading, oneLine, shorten } from '../delivery/wording.js';
import type { Notification } from '../sender.js';

const LARGEST_TEMPLATE = 8_192;
/** The limit of each inserted text: receivers accept some thousands of characters. */
const LONGEST_VALUE = 4_000;
/** Letters only, so that no placeholder can be read as an expression. */
const PLACEHOLDER = /\{\{\s{0,10}([A-Za-z]{1,20})\s{0,10}\}\}/g;

/** The values that can be inserted (docs/concepts/alert-senders.md explains each). */
const VALUES = {
  id: ({ id }) => id,
  openedBy: ({ openedBy }) => openedBy ?? '',
  kind: ({ kind }) => kind,
  severity: ({ severity }) => severity,
  heading: (notification) => heading(notification),
  title: ({ title }) => oneLine(title),
  text: ({ text }) => text,
  rule: ({ rule }) => rule,
  subjects: ({ subjects }) => subjects.map(({ name }) => oneLine(name)).join(', '),
  link: ({ link }) => link ?? '',
  at: ({ at }) => at.toISOString(),
} as const satisfies Readonly<Record<string, (notification: Notification) => string>>;

export const TEMPLATE_VALUES = Object.keys(VALUES);

/**
 * Fills each placeholder of the template with a value as the inside of a JSON text. Placeholders in an inserted value stay as
 * they are.
 */
export function fillTemplate(template: string, notification: Notification): string {
  return template.replace(PLACEHOLDER, (_whole, name: string) => {
    const value = isKnown(name) ? VALUES[name](notification) : '';
    return JSON.stringify(shorten(value, LONGEST_VALUE)).slice(1, -1);
  });
}

/** What is wrong with the template, to follow its name in a sentence; null: nothing. */
export function templateMistake(template: string): string | null {
  if (template.length > LARGEST_TEMPLATE) return `must be at most ${LARGEST_TEMPLATE} characters`;
  const strange = [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name).find((name) => !isKnown(name));
  if (strange !== undefined) return `has the unknown placeholder {{${strange}}}: use ${TEMPLATE_VALUES.join(', ')}`;
  if (template.replace(PLACEHOLDER, '').includes('{{'))
    return `has a placeholder that cannot be read: write it as {{title}}, with one of ${TEMPLATE_VALUES.join(', ')}`;
  try {
    JSON.parse(template.replace(PLACEHOLDER, 'x'));
    return null;
  } catch {
    return 'must be JSON, with its placeholders inside texts: {"text": "{{heading}}"}';
  }
}

function isKnown(name: string): name is keyof typeof VALUES {
  return Object.hasOwn(VALUES, name);
}
