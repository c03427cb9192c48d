package io.tombolo.trust;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

class HelloPropertyTest {
    private static final Identity WEST = Identity.generate();

    private final Hello hello = new Hello(WEST.sign(Announcements.of("west", 3)), 41);

    @Property(tries = 10_000)
    void refusesRandomBytesWithItsOneException(@ForAll @Size(max = 120) byte[] bytes) {
        assertOneSpelling(bytes);
    }

    @Property
    void refusesDamageOrReadsItAsTheOneSpelling(@ForAll long seed) {
        byte[] body = HelloTest.body(hello.frame());
        Random random = new Random(seed);
        body[random.nextInt(body.length)] = (byte) random.nextInt();
        assertOneSpelling(body);
    }

    private static void assertOneSpelling(byte[] body) {
        Hello read;
        try {
            read = Hello.decode(body);
        } catch (MalformedMessageException expected) {
            return;
        }
        assertArrayEquals(body, HelloTest.body(read.frame()));
    }
}
