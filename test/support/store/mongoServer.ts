import { MongoMemoryServer } from 'mongodb-memory-server';

export interface MongoForTests {
  readonly uri: string;
  stop(): Promise<void>;
}

/**
 * A MongoDB (or a compatible server) for tests: the one in TEST_MONGODB_URI, else one that mongodb-memory-server starts, else null, which a
 * printed line says.
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
