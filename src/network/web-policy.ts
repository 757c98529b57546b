import { BlockList, isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';
import type { UrlRules } from './web-url.ts';

/** What an operator allows beside public addresses, or takes away. */
export interface WebPolicy {
  readonly httpsOnly: boolean;
  /** Ports that may be asked. */
  readonly ports: readonly number[];
  /** The only hosts that may be asked, each with its subdomains; empty means every host. */
  readonly hosts: readonly string[];
  /** Networks that may be asked although they are not public, `ADDRESS/BITS` each. */
  readonly privateNetworks: readonly string[];
}

/** The rules that a policy comes to. @throws {RangeError} a network is not written as `ADDRESS/BITS` */
export function urlRules(policy: WebPolicy): UrlRules {
  const allowed = networksOf(policy.privateNetworks);
  return {
    allowAddress: (address) => isPublicAddress(address) || isIn(allowed, address),
    allowPort: (port) => policy.ports.includes(port),
    ...(policy.hosts.length > 0 && { allowHost: (host: string) => policy.hosts.some((one) => isWithin(host, one)) }),
    httpsOnly: policy.httpsOnly,
  };
}

/** True for a network written as `ADDRESS/BITS`. */
export function isNetwork(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
}

function isWithin(host: string, suffix: string): boolean {
  const [one, other] = [host.toLowerCase(), suffix.toLowerCase()];
  return one === other || one.endsWith(`.${other}`);
}

/** A list for each family: IPv4 within IPv6 is let in by no IPv4 network. */
interface Networks {
  readonly ipv4: BlockList;
  readonly ipv6: BlockList;
}

function networksOf(networks: readonly string[]): Networks {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const network of networks) {
    if (!isNetwork(network)) throw new RangeError(`"${network}" is no network; expected ADDRESS/BITS`);
    const [address = '', bits = ''] = network.split('/');
    const family = familyOf(address);
    lists[family].addSubnet(address, Number(bits), family);
  }
  return lists;
}

function isIn(networks: Networks, address: string): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false;
  const family = familyOf(address);
  return networks[family].check(address, family);
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}
