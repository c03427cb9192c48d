package io.tombolo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which room may know which: the package table of docs/architecture.md. A new room must be entered here. */
class ArchitectureTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.tombolo");

    /** What everybody may use. */
    private static final List<String> ANYWHERE = List.of("java.", "javax.", "jdk.", "org.jspecify.");

    private static final List<String> FABRIC8 = List.of("io.fabric8.", "com.fasterxml.jackson.");
    private static final List<String> QUARKUS = List.of(
            "io.quarkus.",
            "jakarta.",
            "org.eclipse.microprofile.",
            "org.jboss.",
            "io.javaoperatorsdk.",
            "io.quarkiverse.",
            "io.smallrye.",
            "io.micrometer.");
    private static final List<String> GRPC = List.of("io.grpc.", "com.google.", "io.netty.");
    private static final List<String> JNR = List.of("jnr.");

    /** A room: what of ours it may import, and what of others'. */
    private record Room(Set<String> ours, List<String> others) {
        @SafeVarargs
        static Room of(Set<String> ours, List<String>... others) {
            List<String> all = new ArrayList<>(ANYWHERE);
            List.of(others).forEach(all::addAll);
            return new Room(ours, all);
        }
    }

    private static final Set<String> KUBE = Set.of("api", "net", "plan", "trust", "handover", "problem", "kube");
    private static final Set<String> EXCHANGE = Set.of("net", "plan", "trust", "problem", "observe", "exchange");

    private static final Map<String, Room> ROOMS = Map.ofEntries(
            Map.entry("net", Room.of(Set.of())),
            Map.entry("problem", Room.of(Set.of())),
            Map.entry("trust", Room.of(Set.of("net", "problem"))),
            // announcements are part of a LinkView
            Map.entry("plan", Room.of(Set.of("net", "problem", "trust"))),
            // streaming only: the node agent has no room for databind
            Map.entry("handover", Room.of(Set.of("net"), List.of("com.fasterxml.jackson.core."))),
            Map.entry("api", Room.of(Set.of(), List.of("com.fasterxml.jackson.annotation.", "io.fabric8."))),
            Map.entry("kube", Room.of(KUBE, FABRIC8)),
            Map.entry("operator", Room.of(with(KUBE, "observe"), FABRIC8, QUARKUS)),
            Map.entry("exchange", Room.of(EXCHANGE, GRPC)),
            Map.entry("services", Room.of(with(with(KUBE, EXCHANGE), "observe"), FABRIC8)),
            // it carries what `services` imports over its lanes, and runs it while it holds the importer's Lease
            Map.entry(
                    "gateway",
                    Room.of(with(with(KUBE, EXCHANGE), "host", "kernel", "probe", "services", "observe"), FABRIC8)),
            // its watch reads objects as they stream in
            Map.entry(
                    "node",
                    Room.of(
                            Set.of("net", "plan", "handover", "host", "kernel", "probe", "problem"),
                            List.of("com.fasterxml.jackson.core."))),
            // gateways and nodes ask each other
            Map.entry("probe", Room.of(Set.of("net", "plan", "problem"))),
            // routes and firewall: what gateway and node apply alike
            Map.entry("kernel", Room.of(Set.of("net", "plan", "host", "problem"))),
            Map.entry("host", Room.of(Set.of("net", "problem"), JNR)),
            Map.entry("dns", Room.of(with(KUBE, "observe"), FABRIC8)),
            Map.entry("cli", Room.of(KUBE, FABRIC8, List.of("picocli."))),
            // the log manager comes with Quarkus and holds everything back outside of it until it is told
            Map.entry(
                    "observe",
                    Room.of(
                            Set.of("problem"),
                            List.of("io.micrometer.", "com.sun.net.httpserver."),
                            List.of("org.jboss.logmanager.", "io.quarkus.bootstrap.logging."))));

    @Test
    void everyRoomKnowsOnlyWhatTheTableSays() {
        Set<String> wrong = new TreeSet<>();
        int seen = 0;
        for (JavaClass type : CLASSES) {
            String room = room(type);
            if (room.isEmpty()) {
                continue; // the root knows every role
            }
            seen++;
            Room allowed = ROOMS.get(room);
            if (allowed == null) {
                wrong.add("no such room: " + room);
                continue;
            }
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (!target.isPrimitive() && !isAllowed(room, allowed, target)) {
                    wrong.add(room + " → " + target.getPackageName() + ", in " + type.getName());
                }
            }
        }
        assertEquals(Set.of(), wrong, () -> String.join("\n", wrong));
        assertTrue(seen > 150, "only " + seen + " classes were seen");
    }

    @Test
    void rolesMeetInTheRootOnly() {
        Set<String> roles = Set.of("operator", "gateway", "node", "dns", "cli");
        int seen = 0;
        for (JavaClass type : CLASSES) {
            if (!roles.contains(room(type))) {
                continue;
            }
            seen++;
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                String other = room(dependency.getTargetClass().getBaseComponentType());
                assertTrue(other.equals(room(type)) || !roles.contains(other), dependency::getDescription);
            }
        }
        assertTrue(seen > 30, "only " + seen + " classes were seen");
    }

    @Test
    void plansAreMadeWithoutClockLoggerAndIo() {
        Set<String> impure = Set.of(
                "java.time.Clock",
                "java.lang.Thread",
                "java.lang.System",
                "java.lang.ProcessBuilder",
                "java.util.Random");
        int seen = 0;
        for (JavaClass type : CLASSES) {
            if (!room(type).equals("plan")) {
                continue;
            }
            seen++;
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                assertTrue(
                        !impure.contains(target.getName())
                                && !target.getPackageName().equals("java.io")
                                && !target.getPackageName().startsWith("java.nio.file")
                                && !target.getPackageName().startsWith("java.util.logging"),
                        dependency::getDescription);
            }
        }
        assertTrue(seen > 40, "only " + seen + " classes were seen");
    }

    @Test
    void nothingIsNamedAfterNothing() {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            if (type.getSimpleName().matches(".*(Util|Utils|Helper|Manager|Impl|Common|Data|Info)")) {
                wrong.add(type.getName());
            }
        }
        assertEquals(Set.of(), wrong);
    }

    private static boolean isAllowed(String room, Room allowed, JavaClass target) {
        String other = room(target);
        if (target.getPackageName().equals("io.tombolo.exchange.wire")) {
            return room.equals("exchange");
        }
        if (target.getName().startsWith("io.tombolo.")) {
            return other.equals(room) || allowed.ours().contains(other);
        }
        return allowed.others().stream().anyMatch(target.getName()::startsWith);
    }

    /** Empty for the root, for what is not ours, and for what the build makes from the protocol file. */
    private static String room(JavaClass type) {
        String name = type.getPackageName();
        if (name.equals("io.tombolo.exchange.wire")) {
            return "";
        }
        return name.startsWith("io.tombolo.")
                ? name.substring("io.tombolo.".length()).split("\\.")[0]
                : "";
    }

    private static Set<String> with(Set<String> rooms, String... more) {
        return with(rooms, Set.of(more));
    }

    private static Set<String> with(Set<String> rooms, Set<String> more) {
        Set<String> all = new TreeSet<>(rooms);
        all.addAll(more);
        return all;
    }
}
