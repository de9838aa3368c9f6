// Checks how api.video names removal, by the gateway's own detection.
import { createDialectSource, type Dialect } from '../upstream/dialects.ts';
import { ShapeError } from '../upstream/shapes.ts';
import { UpstreamStatusError } from '../upstream/upstream-errors.ts';
import { type CheckRun, once, type UpstreamCheck } from './check-run.ts';
import { asAssumed, differs } from './finding.ts';

type Detected = Dialect | { readonly fault: string };

const detect = once(async ({ client }: CheckRun): Promise<Detected> => {
  try {
    return await createDialectSource('auto')((path) => client.read(path), undefined);
  } catch (error) {
    if (error instanceof UpstreamStatusError || error instanceof ShapeError) return { fault: error.message };
    throw error;
  }
});

/** The dialect for the other checks: the one that upstream speaks, else the configured one, else today's. */
export async function readDialect(run: CheckRun): Promise<Dialect> {
  const detected = await detect(run);
  if (!('fault' in detected)) return detected;
  const { dialect } = run.config;
  const known = createDialectSource(dialect === 'auto' ? 'discarded' : dialect);
  return known(() => Promise.reject(new TypeError('a known dialect needs no read')), undefined);
}

export const DIALECT: readonly UpstreamCheck[] = [
  {
    name: 'dialect',
    async perform(run) {
      const detected = await detect(run);
      const configured = run.config.dialect;
      if ('fault' in detected) {
        return differs(
          `Neither dialect is recognised: ${detected.fault}.`,
          configured === 'auto'
            ? 'Every call fails with UPSTREAM_UNAVAILABLE. Set APIVIDEO_DIALECT.'
            : `The gateway uses APIVIDEO_DIALECT=${configured} all the same.`,
        );
      }
      if (configured !== 'auto' && configured !== detected.name) {
        return differs(
          `api.video speaks the dialect "${detected.name}", and APIVIDEO_DIALECT is "${configured}".`,
          'The gateway asks at the wrong paths, and reports wrong results. Unset APIVIDEO_DIALECT.',
        );
      }
      return asAssumed(`api.video speaks the dialect "${detected.name}".`);
    },
  },
];
