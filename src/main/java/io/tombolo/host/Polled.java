package io.tombolo.host;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;

/** A descriptor and what is awaited of it ({@code struct pollfd}, 8 bytes). */
record Polled(int descriptor, Direction direction) {
    private static final int SIZE = 8;

    enum Direction {
        READ(LibC.POLLIN),
        WRITE(LibC.POLLOUT);

        private final short events;

        Direction(short events) {
            this.events = events;
        }
    }

    /** @return those that are ready, closed or broken; empty after {@code millis}, or when interrupted by a signal */
    static List<Polled> await(List<Polled> wanted, int millis) {
        Pointer array = LibC.allocate(Math.max(1, wanted.size()) * SIZE);
        for (int i = 0; i < wanted.size(); i++) {
            array.putInt((long) i * SIZE, wanted.get(i).descriptor);
            array.putShort((long) i * SIZE + 4, wanted.get(i).direction.events);
        }
        int count = LibC.LIBC.poll(array, wanted.size(), millis);
        if (count < 0 && LibC.errno() != LibC.EINTR) {
            throw new IllegalStateException("poll: errno " + LibC.errno());
        }
        List<Polled> ready = new ArrayList<>(wanted.size());
        for (int i = 0; count > 0 && i < wanted.size(); i++) {
            if (array.getShort((long) i * SIZE + 6) != 0) {
                ready.add(wanted.get(i));
            }
        }
        return ready;
    }
}
