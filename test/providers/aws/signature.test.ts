import { expect, it } from 'vitest';
import { signedHeaders } from '../../../providers/aws/signature.ts';

const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

it('signs as the official test suite does (post-x-www-form-urlencoded)', () => {
  const headers = signedHeaders(
    { ...KEYS, sessionToken: undefined },
    {
      service: 'service' as 'ec2',
      region: 'us-east-1',
      url: 'https://example.amazonaws.com/',
      body: 'Param1=value1',
      atMs: Date.parse('2015-08-30T12:36:00Z'),
    },
  );
  expect(headers).toEqual({
    'content-type': 'application/x-www-form-urlencoded',
    'x-amz-date': '20150830T123600Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  });
});

it('signs a session token as the official client does', () => {
  const headers = signedHeaders(
    { ...KEYS, sessionToken: 'token' },
    {
      service: 'ec2',
      region: 'eu-central-1',
      url: 'https://ec2.eu-central-1.amazonaws.com/',
      body: 'Action=DescribeVpcs&Version=2016-11-15',
      atMs: 1_800_000_000_000,
    },
  );
  expect(headers['x-amz-security-token']).toBe('token');
  expect(headers['authorization']).toContain(
    'Signature=c211fd07ebffc672ac0e2895b147caae754d5c017d190ece48088fa6193beec1',
  );
});
