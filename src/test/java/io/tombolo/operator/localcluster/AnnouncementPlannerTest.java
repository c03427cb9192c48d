package io.tombolo.operator.localcluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tombolo.net.Addresses;
import io.tombolo.net.Aliases;
import io.tombolo.net.Cidr;
import io.tombolo.net.ClusterId;
import io.tombolo.net.Endpoint;
import io.tombolo.net.PrivateKey;
import io.tombolo.plan.tunnel.LocalView;
import io.tombolo.trust.Announcement;
import io.tombolo.trust.Identity;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AnnouncementPlannerTest {
    private static final long NOW = 1_800_000_000_000L;
    private static final Identity IDENTITY = Identity.generate();
    private static final PrivateKey KEY = PrivateKey.generate();
    private static final LocalView LOCAL = local("10.42.0.0/16");

    @Test
    void startsWithTheTime() {
        assertEquals(NOW, next(LOCAL, Optional.empty(), 0, List.of(), NOW).sequence());
    }

    @Test
    void saysNothingWhileNothingHasChanged() {
        Announcement announced = next(LOCAL, Optional.empty(), 0, List.of(), NOW);

        assertEquals(
                Optional.empty(),
                AnnouncementPlanner.next(LOCAL, Optional.of(announced), NOW, List.of(NOW), NOW + 60_000));
    }

    @Test
    void speaksAboveItselfThoughTheClockWentBack() {
        Announcement announced = next(LOCAL, Optional.empty(), 0, List.of(), NOW);

        Announcement changed = next(local("10.43.0.0/16"), Optional.of(announced), NOW, List.of(), NOW - 3_600_000);

        assertEquals(NOW + 1, changed.sequence());
        assertEquals(List.of(Cidr.parse("10.43.0.0/16")), changed.prefixes());
    }

    @Test
    void speaksAboveWhatAPeerHoldsOfItsFormerSelf() {
        Announcement rebuilt = next(LOCAL, Optional.empty(), 0, List.of(), NOW - 3_600_000);

        Announcement healed = next(LOCAL, Optional.of(rebuilt), rebuilt.sequence(), List.of(5L, NOW), NOW - 3_500_000);

        assertEquals(NOW + 1, healed.sequence());
    }

    @Test
    void isNotDrivenToTheEndOfTheRangeByALiar() {
        assertEquals(
                NOW,
                next(LOCAL, Optional.empty(), 0, List.of(Long.MAX_VALUE), NOW).sequence());
    }

    @Test
    void signsAnewWhatAnotherIdentitySigned() {
        assertEquals(
                NOW + 5, next(LOCAL, Optional.empty(), NOW + 4, List.of(), NOW).sequence());
    }

    @Test
    void announcesAliasesAndAsManyPrefixesAsFit() {
        LocalView aliased = LOCAL.under(
                new Aliases(List.of(new Aliases.Alias(Cidr.parse("10.42.0.0/16"), Cidr.parse("100.66.0.0/16")))));
        assertEquals(
                List.of(Cidr.parse("100.66.0.0/16")),
                next(aliased, Optional.empty(), 0, List.of(), NOW).prefixes());
        LocalView scattered = LOCAL.under(new Aliases(IntStream.range(0, 16)
                .mapToObj(i ->
                        new Aliases.Alias(Cidr.parse("10.42." + 16 * i + ".0/28"), Cidr.parse("100.66." + i + ".0/28")))
                .toList()));
        assertEquals(
                64,
                next(scattered, Optional.empty(), 0, List.of(), NOW).prefixes().size());
    }

    private static Announcement next(
            LocalView local, Optional<Announcement> announced, long last, List<Long> acknowledged, long now) {
        return AnnouncementPlanner.next(local, announced, last, acknowledged, now)
                .orElseThrow();
    }

    private static LocalView local(String podCidr) {
        LocalView.Gateway gateway = new LocalView.Gateway(
                0, KEY.publicKey(), KEY.publicKey(), 1, List.of(new Endpoint(Addresses.parse("203.0.113.7"), 51820)));
        return new LocalView(
                new ClusterId("west"),
                IDENTITY.publicKey(),
                51820,
                List.of(gateway),
                List.of(),
                List.of(Cidr.parse(podCidr)),
                List.of(),
                List.of(),
                List.of());
    }
}
