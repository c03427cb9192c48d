"""Flags to names and addresses."""

import unittest

from lab import topology
from lab.progress import LabError


def plan(names="west,east", nodes=2, pods=(), services=()):
    return topology.plan(names.split(","), nodes, list(pods), list(services), "nftables", False)


class TopologyTest(unittest.TestCase):
    def test_gives_every_machine_an_address_of_its_own(self):
        addresses = [a for c in plan("west,east,north", nodes=3).clusters for a in c.machines.values()]
        self.assertEqual(len(addresses), 12)
        self.assertEqual(len(set(addresses)), 12)

    def test_allows_the_same_ranges_in_both_clusters(self):
        west, east = plan(pods=["west=10.42.0.0/16", "east=10.42.0.0/16"], services=["east=10.43.0.0/16"]).clusters
        self.assertEqual((west.pods, west.services), (east.pods, east.services))
        self.assertNotEqual(west.nodes[0].address, east.nodes[0].address)

    def test_cuts_node_ranges_out_of_the_pod_range_without_overlap(self):
        for cidr in ("10.42.0.0/16", "10.42.0.0/20", "10.42.0.0/24"):
            (cluster,) = plan("west", pods=[f"west={cidr}"]).clusters
            first, second = (node.pods for node in cluster.nodes)
            self.assertFalse(first.overlaps(second))
            self.assertTrue(first.subnet_of(cluster.pods) and second.subnet_of(cluster.pods))

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
            ("overlap", dict(pods=["west=10.9.0.0/16"], services=["west=10.9.0.0/16"])),
        ]
        for flag, wrong in cases:
            with self.subTest(wrong), self.assertRaisesRegex(LabError, flag):
                plan(**wrong)

    def test_is_the_same_after_it_was_written_down(self):
        whole = plan("west,east,north", pods=["west=10.1.0.0/16"])
        self.assertEqual(topology.Topology.from_json(whole.to_json()), whole)


if __name__ == "__main__":
    unittest.main()
