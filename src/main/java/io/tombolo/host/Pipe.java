package io.tombolo.host;

/** Both ends of a pipe, close-on-exec, each closed once. */
final class Pipe implements AutoCloseable {
    private static final int CLOSED = -1;

    private int readEnd;
    private int writeEnd;

    private Pipe(int readEnd, int writeEnd) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
    }

    static Pipe open() {
        int[] ends = new int[2];
        if (LibC.LIBC.pipe2(ends, LibC.O_CLOEXEC) != 0) {
            throw new IllegalStateException("pipe2: errno " + LibC.errno());
        }
        return new Pipe(ends[0], ends[1]);
    }

    int readEnd() {
        return readEnd;
    }

    int writeEnd() {
        return writeEnd;
    }

    void closeReadEnd() {
        readEnd = closed(readEnd);
    }

    void closeWriteEnd() {
        writeEnd = closed(writeEnd);
    }

    @Override
    public void close() {
        closeReadEnd();
        closeWriteEnd();
    }

    private static int closed(int descriptor) {
        if (descriptor != CLOSED) {
            LibC.LIBC.close(descriptor);
        }
        return CLOSED;
    }
}
