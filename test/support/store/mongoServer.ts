import { MongoMemoryServer } from 'mongodb-memory-server';

export interface MongoForTests {
  readonly uri: string;
  stop(): Promise<void>;
}

/**
 * A MongoDB (or a server that speaks like it) for tests: the one in TEST_MONGODB_URI, else a real one by
 * mongodb-memory-server, else null, and a line says so.
 */
export async function mongoForTests(): Promise<MongoForTests | null> {
  const given = process.env['TEST_MONGODB_URI'];
  if (given) return { uri: given, stop: () => Promise.resolve() };
  try {
    const server = await MongoMemoryServer.create();
    return {
      uri: server.getUri(),
      async stop() {
        await server.stop();
      },
    };
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'error';
    process.stderr.write(`skipped: MongoDB tests (no TEST_MONGODB_URI, mongodb-memory-server: ${reason})\n`);
    return null;
  }
}
