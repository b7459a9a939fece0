import { DryMongoBinary, MongoMemoryServer } from 'mongodb-memory-server';

export interface MongoForTests {
  readonly uri: string;
  stop(): Promise<void>;
}

/** Where mongodb-memory-server downloads from, unless its own variables say otherwise. */
const DOWNLOADS = 'https://fastdl.mongodb.org';
const REACH_MS = 3000;
const PROXIES = ['https_proxy', 'http_proxy', 'HTTPS_PROXY', 'HTTP_PROXY'];

/**
 * A MongoDB (or a compatible server) for tests: the one in TEST_MONGODB_URI, else one that mongodb-memory-server starts, else null, which a
 * printed line says. A download is only begun where its server answers within 3 s. Called once for a run: tests read `inject('mongodbUri')`.
 */
export async function startMongo(): Promise<MongoForTests | null> {
  const given = process.env['TEST_MONGODB_URI'];
  if (given) return { uri: given, stop: () => Promise.resolve() };
  try {
    if (!(await isDownloaded()) && !(await canDownload())) return skipped('it cannot be downloaded here');
    const server = await MongoMemoryServer.create();
    return {
      uri: server.getUri(),
      async stop() {
        await server.stop();
      },
    };
  } catch (error) {
    return skipped(error instanceof Error ? error.name : 'error');
  }
}

function skipped(reason: string): null {
  process.stderr.write(`skipped: MongoDB tests (no TEST_MONGODB_URI; mongodb-memory-server: ${reason})\n`);
  return null;
}

async function isDownloaded(): Promise<boolean> {
  return (await DryMongoBinary.locateBinary(DryMongoBinary.getEnsuredOptions())) !== undefined;
}

async function canDownload(): Promise<boolean> {
  // mongodb-memory-server goes by the proxy, and `fetch` would not.
  if (PROXIES.some((name) => process.env[name] !== undefined)) return true;
  const downloads = process.env['MONGOMS_DOWNLOAD_URL'] ?? process.env['MONGOMS_DOWNLOAD_MIRROR'] ?? DOWNLOADS;
  return fetch(downloads, { method: 'HEAD', signal: AbortSignal.timeout(REACH_MS) }).then(
    () => true,
    () => false,
  );
}
