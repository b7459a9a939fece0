import { faultSentence } from '../../core/feeds/feedEntry.js';
import type { HttpDeps } from '../route/deps.js';
import { endpoint, type Handler } from '../route/route.js';
import { answers } from '../route/contract.js';
import { feedsReply } from '../shapes/feedSchemas.js';

export const listFeeds = endpoint(
  {
    summary: 'List the lists of cameras, and what became of their latest reading',
    description:
      'The list in `camlease.yml` (`file`), and the master lists that it names. Of several replicas one reads the lists; the others ' +
      'answer none.',
    replies: { 200: answers('The lists, without their addresses.', feedsReply) },
  },
  listFeedsHandler,
);

function listFeedsHandler({ feeds, redact }: Pick<HttpDeps, 'feeds' | 'redact'>): Handler {
  return (_request, response) => {
    const lists = (feeds?.states() ?? []).map((state) => ({
      ...{ name: state.name, kind: state.kind, ...state.counts, refused: state.refused },
      readAt: state.readAt?.toISOString() ?? null,
      problem: state.problem && redact(state.problem),
      cure: state.cure,
      problemSince: state.problemSince?.toISOString() ?? null,
      faults: state.faults.map((fault) => redact(faultSentence(fault))),
    }));
    response.json({ success: true, feeds: lists, total: lists.length });
  };
}
