/**
 * Which addresses a webhook may be delivered to: those of the public Internet. What leads to this machine, its network or
 * a cloud's metadata service is none of them, nor is an IPv6 form of such an address. Pure. Ranges: the IANA registries of
 * special-purpose addresses (RFC 6890).
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

const NOT_PUBLIC_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  // Shared between providers and their customers.
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Link-local, with the metadata services of clouds.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  // Multicast, reserved, broadcast.
  ['224.0.0.0', 3],
];

/** Global unicast; all else (loopback, link-local, unique local, multicast, IPv4 in IPv6, NAT64) lies outside. */
const PUBLIC_V6: readonly [string, number] = ['2000::', 3];

const NOT_PUBLIC_V6: readonly (readonly [string, number])[] = [
  // Teredo, benchmarking, documentation, ORCHID and other protocol assignments.
  ['2001::', 23],
  ['2001:db8::', 32],
  // An IPv4 address in IPv6.
  ['2002::', 16],
  ['3fff::', 20],
];

const v4 = new BlockList();
for (const [network, prefix] of NOT_PUBLIC_V4) v4.addSubnet(network, prefix, 'ipv4');
const publicV6 = new BlockList();
publicV6.addSubnet(...PUBLIC_V6, 'ipv6');
const v6 = new BlockList();
for (const [network, prefix] of NOT_PUBLIC_V6) v6.addSubnet(network, prefix, 'ipv6');

/** False also for what is no address. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !v4.check(address, 'ipv4');
  // A zone (fe80::1%eth0) is of addresses that are not public.
  if (!isIPv6(address) || address.includes('%')) return false;
  return publicV6.check(address, 'ipv6') && !v6.check(address, 'ipv6');
}
