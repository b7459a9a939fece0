package camlease.mongoserver;

import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/** Starts a MongoDB-compatible server in memory on loopback; the port is the first argument, 0 or none picks a free one. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    int port = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 0;
    MongoServer server = new MongoServer(new MemoryBackend().version(new RecentWireVersion()));
    server.bind("127.0.0.1", port);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    System.out.println("listening on port " + server.getLocalAddress().getPort());
    System.out.flush();
  }

  /** The driver under mongoose 9 refuses a server that reports a wire version as old as this one's own. */
  private static final class RecentWireVersion implements MongoVersion {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(5, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return 13;
    }
  }
}
