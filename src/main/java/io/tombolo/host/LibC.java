package io.tombolo.host;

import java.nio.ByteBuffer;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import org.jspecify.annotations.Nullable;

/** The calls of libc that jnr-posix lacks. Each returns -1 on error; {@link #errno()} then says which. */
public interface LibC {
    /** Loaded once; x86-64 and AArch64, glibc and musl. */
    LibC LIBC = LibraryLoader.create(LibC.class).failImmediately().load("c");

    int AF_NETLINK = 16;
    int SOCK_RAW_CLOEXEC = 3 | 0x80000;
    int NETLINK_ROUTE = 0;
    int O_CLOEXEC = 0x80000;
    int CLOSE_RANGE_CLOEXEC = 4;

    short POLLIN = 1;
    short POLLOUT = 4;
    short POLLERR = 8;
    short POLLHUP = 16;

    int EINTR = 4;
    int EAGAIN = 11;
    int ENOBUFS = 105;

    int MSG_DONTWAIT = 0x40;

    int pipe2(@Out int[] descriptors, int flags);

    int close_range(int first, int last, int flags);

    /** @param fds array of {@code struct pollfd}: int fd, short events, short revents */
    int poll(Pointer fds, long count, int timeoutMillis);

    int socket(int domain, int type, int protocol);

    long send(int descriptor, @In byte[] message, long length, int flags);

    long recv(int descriptor, @Out byte[] buffer, long length, int flags);

    long recv(int descriptor, Pointer buffer, long length, int flags);

    int bind(int socket, @In byte[] address, int length);

    int setsockopt(int socket, int level, int option, @In byte[] value, int length);

    /** @param name room for 16 bytes; @return null where there is no such interface */
    @Nullable
    Pointer if_indextoname(int index, @Out byte[] name);

    int close(int descriptor);

    int open(@In CharSequence path, int flags);

    /** Moves the calling thread, and what it spawns, to another namespace: tests are made of several. */
    int setns(int descriptor, int kind);

    static int errno() {
        return runtime().getLastError();
    }

    static Pointer allocate(int bytes) {
        return Memory.allocateDirect(runtime(), bytes, true);
    }

    /** @param direct a direct buffer, which must outlive the pointer */
    static Pointer pointer(ByteBuffer direct) {
        return Pointer.wrap(runtime(), direct);
    }

    private static Runtime runtime() {
        return Runtime.getRuntime(LIBC);
    }
}
