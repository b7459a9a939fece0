import type { RenewalStory } from './renewalStory.js';

/** The database does not take what is to be written of a camera, though it takes other documents. Plain sentences without a value. */
export interface WriteRefusal {
  readonly code: string;
  readonly message: string;
  readonly cure: string;
}

/** As a sentence, or as the rest of one. */
export function unwrittenSentence({ message }: WriteRefusal): string {
  return `the database does not take what is to be stored of the camera: ${message}`;
}

/** A renewal that cannot be claimed in the database is asked for by nobody, however due it is. */
export function storyOfUnwritten<Story extends RenewalStory>(story: Story, refusal: WriteRefusal | null): Story {
  if (refusal === null || story.state !== 'due') return story;
  const sentence = `A new lease is due, but ${unwrittenSentence(refusal)}`;
  return { ...story, state: 'failing', reason: refusal.code, sentence, nextStep: refusal.cure, nextStepAt: null };
}
