import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.neo4j.configuration.GraphDatabaseInternalSettings;
import org.neo4j.configuration.GraphDatabaseSettings;
import org.neo4j.configuration.connectors.BoltConnector;
import org.neo4j.configuration.helpers.SocketAddress;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;
import org.neo4j.graphdb.QueryExecutionException;

/** Neo4j with Bolt on loopback; ends when the process that holds its stdin ends. */
public class Neo4jServer {
  /** Arguments: the home folder and the Bolt port. The first line of stdin is the password of user neo4j. */
  public static void main(String[] args) throws Exception {
    var stdin = new BufferedReader(new InputStreamReader(System.in));
    var password = stdin.readLine();
    var watch = new Thread(() -> endWithParent(stdin), "parent-watch");
    watch.setDaemon(true);
    watch.start();
    var address = new SocketAddress("127.0.0.1", Integer.parseInt(args[1]));
    var server = new DatabaseManagementServiceBuilder(Path.of(args[0]))
        .setConfig(BoltConnector.enabled, true)
        .setConfig(BoltConnector.listen_address, address)
        .setConfig(BoltConnector.advertised_address, address)
        .setConfig(GraphDatabaseSettings.auth_enabled, true)
        .setConfig(GraphDatabaseSettings.pagecache_memory, 128L << 20)
        .setConfig(GraphDatabaseSettings.preallocate_logical_logs, false)
        .setConfig(GraphDatabaseSettings.udc_enabled, false)
        // Without this every stop waits seconds for Bolt connections to stay silent.
        .setConfig(GraphDatabaseInternalSettings.netty_server_shutdown_quiet_period, 0)
        .build();
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
    try {
      server.database("system").executeTransactionally(
          "ALTER USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED", Map.of("password", password));
    } catch (QueryExecutionException refused) {
      // Kept data already has this password, and Neo4j refuses to set the same one again.
      if (!refused.getMessage().contains("cannot be the same")) throw refused;
    }
    System.out.println("Neo4j started");
    Thread.currentThread().join();
  }

  private static void endWithParent(BufferedReader stdin) {
    try {
      while (stdin.readLine() != null) { }
    } catch (IOException broken) {
      // A broken pipe means the same as its end.
    }
    var halt = new Thread(() -> {
      try {
        TimeUnit.SECONDS.sleep(8);
      } catch (InterruptedException ended) {
        return;
      }
      Runtime.getRuntime().halt(1);
    });
    halt.setDaemon(true);
    halt.start();
    System.exit(0);
  }
}
