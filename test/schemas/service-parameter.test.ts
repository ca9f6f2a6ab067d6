import { describe, expect, it } from 'vitest';
import { parameterShape, ServiceParameter } from '../../schemas/service-parameter.ts';

const parameter = (pattern: string) => ServiceParameter.safeParse({ type: 'text', description: 'A text.', pattern });

describe('the pattern of a parameter', () => {
  it.each(['^[a-z0-9-]+$', '^[^\\n\\r]{1,80}$', '^v\\d\\.[a-z]?$', '^[A-Za-z]{3}$', '^https://[^ ]*\\.example$', '^$'])(
    'may be %s',
    pattern => {
      expect(parameter(pattern).success).toBe(true);
    },
  );

  // Each of these is slow on some text, or is no expression at all.
  it.each([
    '^(a+)+$',
    '^a*a*b$',
    '^a?a?a?aaa$',
    'a*b',
    '^(?:a|a)*$',
    '^(.)\\1$',
    '^a|b$',
    '^[z-a]$',
    '^a{1,2}b{1,2}$',
    '^a**$',
  ])('may not be %s', pattern => {
    expect(parameter(pattern).success).toBe(false);
  });

  it('is matched quickly on the longest text that there may be', () => {
    const one = parameter(`^a*${'a'.repeat(500)}b$`);
    const shape = parameterShape(one.data as ServiceParameter);
    const start = performance.now();
    expect(shape.safeParse('a'.repeat(65_536)).success).toBe(false);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
