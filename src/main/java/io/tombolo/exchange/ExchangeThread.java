package io.tombolo.exchange;

import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The one thread on which the exchange lives, and the one that moves its bytes. All state is confined to the first, so
 * there are no locks but on what others read.
 */
final class ExchangeThread implements Executor, AutoCloseable {
    /** Nobody can make us inflate anything. */
    static final DecompressorRegistry UNCOMPRESSED =
            DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false);

    private static final System.Logger LOG = System.getLogger(ExchangeThread.class.getName());

    private final ScheduledThreadPoolExecutor executor =
            new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("exchange", true));
    private final EventLoopGroup network = new NioEventLoopGroup(1, new DefaultThreadFactory("exchange-io", true));
    // one heap arena in chunks of 128 KiB instead of netty's default of 4 MiB per processor
    private final ByteBufAllocator allocator = new PooledByteBufAllocator(false, 1, 0, 8192, 4);

    ExchangeThread() {
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    EventLoopGroup network() {
        return network;
    }

    ByteBufAllocator allocator() {
        return allocator;
    }

    @Override
    public void execute(Runnable task) {
        try {
            executor.execute(reported(task));
        } catch (RejectedExecutionException e) {
            if (!executor.isShutdown()) {
                throw e;
            }
            // closing: gRPC still reports the ends of its calls, and nobody is left to care
        }
    }

    void schedule(Runnable task, long millis) {
        if (!executor.isShutdown()) {
            executor.schedule(reported(task), millis, TimeUnit.MILLISECONDS);
        }
    }

    void every(Runnable task, long millis) {
        executor.scheduleWithFixedDelay(reported(task), millis, millis, TimeUnit.MILLISECONDS);
    }

    /** The executor would keep a task's exception to itself, and never run a repeated task again. */
    private static Runnable reported(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "the exchange goes on after a task failed", e);
            }
        };
    }

    @Override
    public void close() {
        executor.shutdownNow();
        network.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
