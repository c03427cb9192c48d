package io.tombolo.e2e;

import static java.util.stream.Collectors.joining;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** What a Java program learns of names: run in a pod, it prints what {@code e2e/resolve/resolve.c} prints. */
final class Resolve {
    private static final String NO_SUCH_NAME = ": Name or service not known";

    private Resolve() {}

    public static void main(String[] names) {
        for (String name : names) {
            long began = System.nanoTime();
            String answer = resolve(name);
            System.out.println(name + " " + (System.nanoTime() - began) / 1_000_000 + " " + answer);
        }
    }

    private static String resolve(String name) {
        try {
            return Arrays.stream(InetAddress.getAllByName(name))
                    .map(InetAddress::getHostAddress)
                    .collect(joining(" "));
        } catch (UnknownHostException e) {
            String why = String.valueOf(e.getMessage());
            return why.endsWith(NO_SUCH_NAME) ? "unknown" : why;
        }
    }
}
