import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNetwork, urlRules, type WebPolicy } from '../../../src/network/web-policy.ts';
import { checkWebUrl } from '../../../src/network/web-url.ts';

const OPEN: WebPolicy = { httpsOnly: false, ports: [80, 443], hosts: [], privateNetworks: [] };
const judge = (url: string, policy: Partial<WebPolicy> = {}) => {
  const checked = checkWebUrl(url, urlRules({ ...OPEN, ...policy }));
  return 'outcome' in checked ? checked.outcome : 'ok';
};

describe('a policy', () => {
  it('asks over https only where it says so', () => {
    expect(judge('http://example.org/')).toBe('ok');
    expect(judge('http://example.org/', { httpsOnly: true })).toBe('scheme');
    expect(judge('https://example.org/', { httpsOnly: true })).toBe('ok');
  });

  it('asks no other ports', () => {
    expect(judge('http://example.org:8080/')).toBe('port');
    expect(judge('http://example.org:8080/', { ports: [8080] })).toBe('ok');
    expect(judge('http://example.org/', { ports: [8080] })).toBe('port');
  });

  it('asks the hosts it names and their subdomains, and no others', () => {
    const hosts = ['twimg.com', 'cdn.bsky.app'];
    for (const host of ['twimg.com', 'pbs.twimg.com', 'PBS.Twimg.COM', 'cdn.bsky.app']) {
      expect(judge(`https://${host}/a.jpg`, { hosts })).toBe('ok');
    }
    for (const host of ['eviltwimg.com', 'twimg.com.evil.org', 'bsky.app', '93.184.216.34', 'twimg.com.']) {
      expect(judge(`https://${host}/a.jpg`, { hosts })).toBe('host_not_allowed');
    }
  });

  it('lets in private networks that are named, and nothing beside them', () => {
    const privateNetworks = ['10.1.0.0/16', 'fd00:1::/32'];
    for (const host of ['10.1.2.3', '[fd00:1::5]', '8.8.8.8']) {
      expect(judge(`http://${host}/`, { privateNetworks })).toBe('ok');
    }
    for (const host of ['10.2.0.1', '127.0.0.1', '[fd00:2::5]', '[::ffff:10.1.2.3]', '169.254.169.254']) {
      expect(judge(`http://${host}/`, { privateNetworks })).toBe('blocked_address');
    }
  });

  it('takes no text for a network that is none', () => {
    for (const text of ['10.0.0.0', '10.0.0.0/33', '10.0.0/8', 'a/8', '/8', '::/129', '10.0.0.0/8/8', '10.0.0.0/-1']) {
      expect(isNetwork(text)).toBe(false);
      expect(() => urlRules({ ...OPEN, privateNetworks: [text] })).toThrow(RangeError);
    }
    fc.assert(fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (ip, bits) => isNetwork(`${ip}/${bits}`)));
    fc.assert(fc.property(fc.ipV6(), fc.integer({ min: 0, max: 128 }), (ip, bits) => isNetwork(`${ip}/${bits}`)));
  });
});
