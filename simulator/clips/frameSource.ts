import type * as Constants from 'node-av/constants';
import type * as Lib from 'node-av/lib';

/** node-av, loaded by the encoder process and passed in: nothing else imports it, so a missing node-av is handled in one place. */
export type Av = typeof Lib & typeof Constants;

/** A filter graph without inputs that generates pictures or sound. */
export class FrameSource implements Disposable {
  readonly #graph: Lib.FilterGraph;
  readonly #sink: Lib.FilterContext;
  readonly #frame: Lib.Frame;

  constructor(av: Av, description: string, sinkName: 'buffersink' | 'abuffersink') {
    this.#graph = new av.FilterGraph();
    this.#graph.alloc();
    this.#graph.nbThreads = 1;
    av.FFmpegError.throwIfError(this.#graph.parsePtr(`${description},${sinkName}`), 'make a test clip');
    av.FFmpegError.throwIfError(this.#graph.configSync(), 'make a test clip');
    const sink = this.#graph.filters?.find((filter) => filter.filter?.name === sinkName);
    if (!sink) throw new Error('The filter graph of a test clip has no end.');
    this.#sink = sink;
    this.#frame = new av.Frame();
    this.#frame.alloc();
  }

  next(): Lib.Frame {
    this.#frame.unref();
    if (this.#sink.buffersinkGetFrameSync(this.#frame) < 0) throw new Error('A test clip ended too early.');
    return this.#frame;
  }

  [Symbol.dispose](): void {
    this.#frame.free();
    this.#graph.free();
  }
}
