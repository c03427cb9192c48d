package io.tombolo.exchange;

/** How much may happen: {@code perSecond} sustained, {@code burst} at once. Not thread-safe. */
final class TokenBucket {
    private final double perSecond;
    private final double burst;
    private double tokens;
    private long refilled = System.nanoTime();

    TokenBucket(double perSecond, double burst) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.tokens = burst;
    }

    boolean take() {
        long now = System.nanoTime();
        tokens = Math.min(burst, tokens + (now - refilled) * perSecond / 1e9);
        refilled = now;
        if (tokens < 1) {
            return false;
        }
        tokens--;
        return true;
    }
}
