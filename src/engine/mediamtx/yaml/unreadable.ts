/**
 * Thrown for a text whose structure is not certain. The message is a clause for a sentence to the operator; it names a line and quotes
 * nothing, since the text holds secrets.
 */
export class UnreadableText extends Error {
  constructor(reason: string, text = '', at = 0) {
    super(text === '' ? reason : `line ${lineNumber(text, at)}: ${reason}`);
    this.name = 'UnreadableText';
  }
}

function lineNumber(text: string, at: number): number {
  let count = 1;
  for (let from = text.indexOf('\n'); from !== -1 && from < at; from = text.indexOf('\n', from + 1)) count += 1;
  return count;
}
