import type { RenewalStory } from './renewalStory.js';

/**
 * Why the database refuses writes of one camera's document, while it takes other documents. The sentences hold no value of
 * the document.
 */
export interface WriteRefusal {
  readonly code: string;
  readonly message: string;
  readonly cure: string;
}

/** As the rest of a sentence; capitalized, it is one of its own. */
export function unwrittenSentence({ message }: WriteRefusal): string {
  return `the database refuses to store this camera: ${message}`;
}

/** The story of a due renewal that the database does not let anybody claim, so that the cloud is not asked. */
export function storyOfUnwritten<Story extends RenewalStory>(story: Story, refusal: WriteRefusal | null): Story {
  if (refusal === null || story.state !== 'due') return story;
  const sentence = `A new lease is due, but ${unwrittenSentence(refusal)}`;
  return { ...story, state: 'failing', reason: refusal.code, sentence, nextStep: refusal.cure, nextStepAt: null };
}
