package io.tombolo.bench;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.tombolo.net.Addresses;
import io.tombolo.plan.tunnel.Wire;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Many peers in one process. Arguments: a directory, how many peers, services of each, endpoints of each service, the
 * underlay addresses of the cluster that imports and of the peers. Writes {@code objects.json} (for the API server of that
 * cluster), {@code wireguard-N} (the configuration of each peer's lane) and {@code lanes} (of each peer: its tunnel network
 * and lane address; the first line has those of the cluster). Then obeys commands on standard input, and answers each with
 * a line:
 *
 * <ul>
 *   <li>{@code serve}: every peer answers
 *   <li>{@code change RATE COUNT}: that many changes, one service after another; {@code changes} then has a line of
 *       service, version and nanoseconds (CLOCK_MONOTONIC) for each
 *   <li>{@code restart N}: one peer's exchange begins anew, as another instance
 *   <li>{@code withdraw N}: the last N services of the first peer
 * </ul>
 */
public final class ScriptedPeers {
    private final Path directory;
    private final ImportingCluster cluster;
    private final List<ScriptedPeer> peers;
    private final int services;
    private int next;

    private ScriptedPeers(Path directory, ImportingCluster cluster, List<ScriptedPeer> peers, int services) {
        this.directory = directory;
        this.cluster = cluster;
        this.peers = peers;
        this.services = services;
    }

    public static void main(String[] args) throws IOException {
        int services = Integer.parseInt(args[2]);
        int endpoints = Integer.parseInt(args[3]);
        List<ScriptedPeer> peers = IntStream.range(0, Integer.parseInt(args[1]))
                .mapToObj(i -> new ScriptedPeer(i, Addresses.parse(args[5]), services, endpoints))
                .toList();
        ScriptedPeers script =
                new ScriptedPeers(Path.of(args[0]), new ImportingCluster(Addresses.parse(args[4])), peers, services);
        script.write();
        System.out.println("written");
        try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            String line;
            while ((line = in.readLine()) != null) {
                System.out.println(script.obey(line.split(" ", -1)));
            }
        }
        for (ScriptedPeer peer : peers) {
            peer.close();
        }
    }

    private void write() throws IOException {
        Files.writeString(
                directory.resolve("objects.json"), new KubernetesSerialization().asJson(cluster.objects(peers)));
        List<String> lanes = new ArrayList<>();
        lanes.add(cluster.address().network() + " "
                + Addresses.text(cluster.address().lane(0)));
        for (int i = 0; i < peers.size(); i++) {
            ScriptedPeer peer = peers.get(i);
            lanes.add(peer.address().network() + " "
                    + Addresses.text(peer.address().lane(0)));
            Files.writeString(directory.resolve("wireguard-" + i), """
                            [Interface]
                            PrivateKey = %s
                            ListenPort = %d
                            [Peer]
                            PublicKey = %s
                            AllowedIPs = %s
                            """.formatted(
                            peer.lane.encoded(),
                            Wire.lanePort(peer.endpoint.port(), 0),
                            cluster.lane.publicKey(),
                            cluster.address().network()));
        }
        Files.write(directory.resolve("lanes"), lanes);
    }

    private String obey(String[] command) throws IOException {
        switch (command[0]) {
            case "serve" -> {
                for (ScriptedPeer peer : peers) {
                    peer.serve(cluster.id, cluster.address());
                }
            }
            case "change" -> change(Double.parseDouble(command[1]), Integer.parseInt(command[2]));
            case "restart" -> {
                ScriptedPeer peer = peers.get(Integer.parseInt(command[1]));
                peer.stop();
                peer.serve(cluster.id, cluster.address());
            }
            case "withdraw" ->
                IntStream.range(services - Integer.parseInt(command[1]), services)
                        .forEach(peers.getFirst()::withdraw);
            default -> throw new IllegalArgumentException("no such command: " + command[0]);
        }
        return "done";
    }

    private void change(double rate, int count) throws IOException {
        List<String> made = new ArrayList<>(count);
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long due = begin + (long) (i * 1e9 / rate);
            for (long left; (left = due - System.nanoTime()) > 0; ) {
                LockSupport.parkNanos(left);
            }
            ScriptedPeer peer = peers.get(next % peers.size());
            int service = next / peers.size() % services;
            next++;
            long now = System.nanoTime();
            made.add(peer.name(service) + " " + peer.change(service) + " " + now);
        }
        Files.writeString(directory.resolve("changes"), made.stream().collect(Collectors.joining("\n", "", "\n")));
    }
}
