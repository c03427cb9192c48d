package io.tombolo.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
    /** RFC 5952 sections 4 and 5, example by example. */
    @ParameterizedTest
    @CsvSource({
        "20010db8000000000000000000000001, 2001:db8::1",
        "20010db8000000000000000200000001, 2001:db8::2:0:1",
        "20010db8000000010001000100010001, 2001:db8:0:1:1:1:1:1",
        "20010000000000010000000000000001, 2001:0:0:1::1",
        "20010db8000000000001000000000001, 2001:db8::1:0:0:1",
        "20010db8aaaabbbbccccddddeeeeaaaa, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa",
        "00000000000000000000000000000000, ::",
        "00000000000000000000000000000001, ::1",
        "00010000000000000000000000000000, 1::",
        "fe800000000000000000000000000000, fe80::",
        "00000001000000000000000000000000, 0:1::",
        "00010002000300040005000600070000, 1:2:3:4:5:6:7:0",
        "00000002000300040005000600070008, 0:2:3:4:5:6:7:8",
        "00000000000300040005000600070008, ::3:4:5:6:7:8",
        "00010002000300040005000600000000, 1:2:3:4:5:6::",
    })
    void printsTheFormOfRfc5952(String hex, String text) {
        InetAddress address = Addresses.of(HexFormat.of().parseHex(hex));
        assertEquals(text, Addresses.text(address));
        assertEquals(address, Addresses.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2001:db8:0:0:0:0:0:1",
                "2001:DB8::1",
                "2001:0db8::1",
                "2001:db8::0:1",
                "2001:db8:0::1:1:1:1",
                "0::1",
                "::ffff:1.2.3.4",
                "::ffff:102:304",
                "::1.2.3.4",
                "fe80::1%eth0",
                "fe80::1%2",
                "[::1]",
                "1.2.3.4:80",
                "010.0.0.1",
                "1.2.3",
                "1",
                "0x7f.1",
                "0x7f000001",
                "2130706433",
                "1.2.3.4.5",
                "1.2.3.256",
                "1.2.3.-4",
                "",
                " 1.2.3.4",
                "1.2.3.4 ",
                "1.2.3.4\n",
                "localhost",
                "example.com",
                "1.2.3.4/32",
                ":::",
                "::1::",
                "12345::",
                "1:2:3:4:5:6:7:8:9",
                "١.٢.٣.٤"
            })
    void refusesEverySpellingButOne(String text) {
        assertThrows(IllegalArgumentException.class, () -> Addresses.parse(text));
    }

    @Test
    void readsIpv4() {
        assertEquals("203.0.113.10", Addresses.text(Addresses.parse("203.0.113.10")));
        assertEquals("0.0.0.0", Addresses.text(Addresses.parse("0.0.0.0")));
        assertEquals("255.255.255.255", Addresses.text(Addresses.parse("255.255.255.255")));
    }

    @Test
    void anAddressHasFourBytesOrSixteen() {
        for (int length : new int[] {0, 3, 5, 15, 17}) {
            assertThrows(IllegalArgumentException.class, () -> Addresses.of(new byte[length]));
        }
    }
}
