import type { BegunRelease } from '@vesemir/contract'
import { unknownRelease } from './release-report.ts'

/** Says which version a host may run since a deployment began to change it. */
export function sayMayRun({ release, version }: Pick<BegunRelease, 'release' | 'version'>): string {
  return `may run ${release === unknownRelease ? 'another version' : version}`
}
