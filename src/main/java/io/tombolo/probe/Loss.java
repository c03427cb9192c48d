package io.tombolo.probe;

/**
 * The share of the other side's probes that do not arrive while the way is up, of late. Where many are lost, as on a link that
 * is full, many lost in a row are no death; what counts as one is what the loss itself hardly ever does.
 */
final class Loss {
    /** Of the newest probe in the share. */
    private static final double WEIGHT = 1 / 16.0;

    /** Where every tenth packet is lost in either direction this is the chance of eight in a row. */
    private static final double CHANCE = 1.7e-6;

    private static final int FEWEST = 8;
    private static final int MOST = 32;

    private double share;
    private int newest;
    private boolean any;

    /** @param wasUp whether what is missing was lost: of a way that was down, it was cut off */
    void received(int sequence, boolean wasUp) {
        int missing = sequence - newest - 1;
        if (any && missing < 0 && missing > -MOST) {
            return; // late, a second time, or sent for its size
        }
        if (any && wasUp && missing > 0 && missing < MOST) {
            share = 1 - (1 - share) * Math.pow(1 - WEIGHT, missing);
        }
        share -= share * WEIGHT;
        newest = sequence;
        any = true;
    }

    /** So many probes in a row are lost by chance hardly ever: {@value #FEWEST} to {@value #MOST}. */
    int misses() {
        double expected = share == 0 ? FEWEST : Math.log(CHANCE) / Math.log(share);
        return (int) Math.ceil(Math.clamp(expected, FEWEST, MOST));
    }
}
