package io.tombolo.observe;

import io.quarkus.bootstrap.logging.InitialConfigurator;
import java.util.logging.Handler;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.LogContext;
import org.jboss.logmanager.formatters.PatternFormatter;
import org.jboss.logmanager.handlers.ConsoleHandler;

/** Log lines of the roles that run outside Quarkus, in the form that the operator's have. */
public final class Logging {
    private static final String LINE = "%d{HH:mm:ss.SSS} %-5p [%c{1.}] %s%e%n";

    private Logging() {}

    /**
     * Sends the log to standard error. The log manager is the one that Quarkus ships, and it holds everything back until
     * Quarkus has started, which these roles never do.
     */
    public static void toStandardError() {
        ConsoleHandler console = new ConsoleHandler(ConsoleHandler.Target.SYSTEM_ERR, new PatternFormatter(LINE));
        console.setLevel(Level.INFO);
        LogContext.getLogContext().getLogger("").setLevel(Level.INFO);
        // tells at every new watch that v1alpha1 is not stable
        LogContext.getLogContext().getLogger("io.fabric8.kubernetes.client").setLevel(Level.ERROR);
        InitialConfigurator.DELAYED_HANDLER.setHandlers(new Handler[] {console});
    }
}
