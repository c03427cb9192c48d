"""Flags to names and addresses."""

import unittest

from lab import topology
from lab.progress import LabError


def plan(names="west,east", nodes=2, pods=(), services=(), family="ipv4"):
    return topology.plan(names.split(","), nodes, list(pods), list(services), "nftables", False, family)


class TopologyTest(unittest.TestCase):
    def test_gives_every_machine_an_address_of_its_own(self):
        for family, count in (("ipv4", 12), ("dual", 24), ("ipv6", 12)):
            addresses = [a for c in plan("west,east,north", nodes=3, family=family).clusters for both in c.machines.values() for a in both]
            self.assertEqual(len(addresses), count)
            self.assertEqual(len(set(addresses)), count)

    def test_allows_the_same_ranges_in_both_clusters(self):
        west, east = plan(pods=["west=10.42.0.0/16", "east=10.42.0.0/16"], services=["east=10.43.0.0/16"]).clusters
        self.assertEqual((west.primary.pods, west.primary.services), (east.primary.pods, east.primary.services))
        self.assertNotEqual(west.nodes[0].addresses, east.nodes[0].addresses)

    def test_cuts_node_ranges_out_of_the_pod_range_without_overlap(self):
        for family, cidr in (("ipv4", "10.42.0.0/16"), ("ipv4", "10.42.0.0/20"), ("ipv4", "10.42.0.0/24"), ("ipv6", "fd00:1::/48"), ("ipv6", "fd00:1::/112")):
            (cluster,) = plan("west", pods=[f"west={cidr}"], family=family).clusters
            first, second = (node.pods[0] for node in cluster.nodes)
            self.assertFalse(first.overlaps(second))
            self.assertTrue(first.subnet_of(cluster.primary.pods) and second.subnet_of(cluster.primary.pods))

    def test_gives_a_dual_stack_cluster_ranges_of_both_families(self):
        (cluster,) = plan("west", pods=["west=10.1.0.0/16"], services=["west=fd00:9::/112"], family="dual").clusters
        self.assertEqual([str(r.pods) for r in cluster.ranges], ["10.1.0.0/16", "fd00:10:42::/56"])
        self.assertEqual([str(r.services) for r in cluster.ranges], ["10.43.0.0/16", "fd00:9::/112"])
        self.assertEqual([a.version for a in cluster.nodes[0].addresses], [4, 6])

    def test_names_the_flag_that_is_wrong(self):
        cases = [
            ("--clusters", dict(names="west,west")),
            ("--clusters", dict(names="wan")),
            ("--clusters", dict(names="West")),
            ("--clusters", dict(names="a-name-too-long-for-a-link")),
            ("--clusters", dict(names="west,west-n1")),
            ("--nodes", dict(nodes=-1)),
            ("--pod-cidr", dict(pods=["south=10.0.0.0/16"])),
            ("--pod-cidr", dict(pods=["west=10.0.0.1/16"])),
            ("--pod-cidr", dict(pods=["west=172.30.0.0/16"])),
            ("--pod-cidr", dict(pods=["west=10.9.0.0/26"], nodes=9)),
            ("--service-cidr", dict(services=["west=10.9.0.0/28"])),
            ("--service-cidr", dict(services=["west=fd00:9::/64"], family="ipv6")),
            ("--ip-family", dict(pods=["west=fd00:9::/56"])),
            ("overlap", dict(pods=["west=10.9.0.0/16"], services=["west=10.9.0.0/16"])),
        ]
        for flag, wrong in cases:
            with self.subTest(wrong), self.assertRaisesRegex(LabError, flag):
                plan(**wrong)

    def test_is_the_same_after_it_was_written_down(self):
        for family in topology.IP_FAMILIES:
            whole = plan("west,east,north", family=family)
            self.assertEqual(topology.Topology.from_json(whole.to_json()), whole)


if __name__ == "__main__":
    unittest.main()
